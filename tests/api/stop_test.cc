#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <filesystem>

#include <future>

#include "tests/api/client.h"
#include "tests/support/result_matchers.h"

namespace cacheindex::api::test {
namespace {

using std::chrono::milliseconds;
using Clock = std::chrono::steady_clock;

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
