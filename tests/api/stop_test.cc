#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <future>

#include "tests/api/client.h"
#include "tests/support/result_matchers.h"

namespace cacheindex::api::test {
namespace {

using std::chrono::milliseconds;
using Clock = std::chrono::steady_clock;

bool IsRefused(std::uint16_t port) {
  const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const bool is_refused =
      ::connect(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 &&
      errno == ECONNREFUSED;
  ::close(socket);
  return is_refused;
}

TEST(StopTest, IdleConnectionsAreClosedAtOnce) {
  Fixture fixture;
  Client idle = fixture.Connect();
  EXPECT_EQ(idle.Ask("GET", "/health").status, 200);
  const auto start = Clock::now();
  fixture.server->Stop(milliseconds(10'000));
  EXPECT_LT(Clock::now() - start, milliseconds(5000));
  EXPECT_TRUE(idle.IsClosedWithin(milliseconds(1000)));
}

TEST(StopTest, RunningRequestsFinishAndSayThatTheConnectionEnds) {
  Gate gate;
  Fixture fixture;
  fixture.service.state.search_gate = &gate;
  Client client = fixture.Connect();
  client.Send(Spell("GET", "/collections/a/documents/search?q=*"));
  gate.AwaitWaiting(1);
  Client import = fixture.Connect();
  import.Send("POST /collections/a/documents/import HTTP/1.1\r\nHost: h\r\n" +
              std::string(kKeyHeader) + "Content-Length: 6\r\n\r\n{}\n");
  auto stopped =
      std::async(std::launch::async, [&] { fixture.server->Stop(milliseconds(20'000)); });
  import.Send("{}\n");
  EXPECT_EQ(import.Receive().body, "{\"success\":true}\n{\"success\":true}");
  gate.Open();
  const Reply reply = client.Receive();
  EXPECT_EQ(reply.status, 200);
  EXPECT_TRUE(client.IsClosedWithin(milliseconds(5000)));
  stopped.get();
}

TEST(StopTest, NothingHoldsItBeyondItsDeadline) {
  Fixture fixture({.bulk_threads = 1});
  fixture.service.state.export_piece = [] {
    return Result<std::optional<std::string>>(std::string(1 << 20, 'x') + "\n");
  };
  Client half = fixture.Connect();
  half.Send("GET /health HT");
  Client import = fixture.Connect();
  import.Send("POST /collections/a/documents/import HTTP/1.1\r\nHost: h\r\n" +
              std::string(kKeyHeader) + "Content-Length: 6\r\n\r\n{}\n");
  Client exporting(Client::Options{.port = fixture.server->port(), .receive_buffer_bytes = 4096});
  exporting.Send(Spell("GET", "/collections/a/documents/export"));
  EXPECT_TRUE(Eventually([&] { return fixture.server->GetStatistics().connections == 3; }));
  const auto start = Clock::now();
  fixture.server->Stop(milliseconds(300));
  EXPECT_LT(Clock::now() - start, milliseconds(5000));
}

TEST(StopTest, QueuedRequestsAreAnsweredNotDropped) {
  Gate gate;
  Fixture fixture({.search_threads = 1, .limits = {.search_wait_max = milliseconds(60'000)}});
  fixture.service.state.search_gate = &gate;
  const std::string search = Spell("GET", "/collections/a/documents/search?q=*");
  Client running = fixture.Connect();
  running.Send(search);
  gate.AwaitWaiting(1);
  Client queued = fixture.Connect();
  queued.Send(search);
  EXPECT_TRUE(Eventually([&] { return fixture.server->GetStatistics().queued_requests == 1; }));
  auto stopped = std::async(std::launch::async, [&] { fixture.server->Stop(milliseconds(100)); });
  EXPECT_EQ(queued.Receive().status, 503);
  gate.Open();
  EXPECT_EQ(running.Receive().status, 200);
  stopped.get();
}

// A request that runs until the test opens the gate keeps the front draining.
class DrainTest : public testing::Test {
 protected:
  DrainTest() {
    fixture_.service.state.search_gate = &gate_;
    running_.Send(Spell("GET", "/collections/a/documents/search?q=*"));
    gate_.AwaitWaiting(1);
  }
  ~DrainTest() override { gate_.Open(); }

  Gate gate_;
  Fixture fixture_;
  Client running_ = fixture_.Connect();
};

TEST_F(DrainTest, WhoeverConnectsMeanwhileIsServed) {
  auto drained =
      std::async(std::launch::async, [&] { fixture_.server->Drain(milliseconds(60'000)); });
  Client idle = fixture_.Connect();
  // It begins at some moment; from then on every answer says that the connection ends.
  EXPECT_TRUE(
      Eventually([&] { return fixture_.Ask("GET", "/readyz").header("connection") == "close"; }));
  for (int i = 0; i < 20; ++i) {
    Client late = fixture_.Connect();
    EXPECT_EQ(late.Ask("GET", "/readyz").status, 200);
    EXPECT_TRUE(late.IsClosedWithin(milliseconds(5'000)));
  }
  EXPECT_EQ(idle.Ask("GET", "/health").status, 200) << "it had connected, and not asked yet";
  gate_.Open();
  EXPECT_EQ(running_.Receive().status, 200);
  drained.get();
}

TEST_F(DrainTest, WhoeverConnectsAfterItIsRefused) {
  // The search goes on, so that Stop does not return; the time for draining is over at once.
  const std::uint16_t port = fixture_.server->port();
  auto stopped = std::async(std::launch::async, [&] { fixture_.server->Stop(milliseconds(0)); });
  EXPECT_TRUE(Eventually([&] { return IsRefused(port); }, std::chrono::seconds(10)))
      << "not left in the queue of the socket";
  gate_.Open();
  stopped.get();
}

TEST(StopTest, DrainingEndsWhenItIsHurried) {
  Fixture fixture({.limits = {.body_timeout = milliseconds(60'000)}});
  Client stalled = fixture.Connect();
  stalled.Send("POST /collections/a/documents/import HTTP/1.1\r\nHost: h\r\n" +
               std::string(kKeyHeader) + "Content-Length: 6\r\n\r\n{}\n");
  EXPECT_TRUE(Eventually([&] { return fixture.service.state.imports_begun == 1; }));
  const auto start = Clock::now();
  auto stopped =
      std::async(std::launch::async, [&] { fixture.server->Stop(milliseconds(60'000)); });
  fixture.server->Hurry();
  stopped.get();
  EXPECT_LT(Clock::now() - start, milliseconds(20'000));
}

TEST(StopTest, AnswersCloseTheirConnectionsFromItsBeginningOn) {
  Fixture fixture;
  Client client = fixture.Connect();
  EXPECT_EQ(client.Ask("GET", "/health").header("connection"), "");
  fixture.server->BeginStop();
  EXPECT_EQ(client.Ask("GET", "/health").header("connection"), "close");
  EXPECT_TRUE(client.IsClosedWithin(milliseconds(5'000)));
  EXPECT_EQ(fixture.Ask("GET", "/health").status, 200);
}

TEST(StopTest, HappensOnceHoweverOftenItIsAsked) {
  Fixture fixture;
  fixture.server->Stop(milliseconds(100));
  fixture.server->Stop(milliseconds(100));
}

TEST(StartTest, RefusesWhatCannotWork) {
  FakeService service;
  using cacheindex::test::FailsWith;
  EXPECT_THAT(Server::Start({}, service), FailsWith(ErrorCode::kInvalidArgument));
  EXPECT_THAT(Server::Start({.listen_address = "localhost", .api_key = "k"}, service),
              FailsWith(ErrorCode::kInvalidArgument));
  EXPECT_THAT(Server::Start({.api_key = "k", .certificate_file = "/nowhere/c.pem"}, service),
              FailsWith(ErrorCode::kInvalidArgument));
  const Fixture running;
  const auto second = Server::Start({.port = running.server->port(), .api_key = "k"}, service);
  ASSERT_THAT(second, FailsWith(ErrorCode::kIo));
  EXPECT_THAT(second.error().message(), testing::HasSubstr("in use"));
}

TEST(StartTest, ListensOnIpv6) {
  FakeService service;
  const auto server = Server::Start({.listen_address = "::1", .api_key = "k"}, service);
  const bool has_ipv6 = std::filesystem::exists("/proc/net/if_inet6");
  if (server) {
    EXPECT_GT((*server)->port(), 0);
  } else {
    // A kernel without IPv6 must be named as the reason.
    EXPECT_FALSE(has_ipv6) << server.error().message();
    EXPECT_THAT(server.error().message(), testing::HasSubstr("::1"));
  }
}

}  // namespace
}  // namespace cacheindex::api::test
