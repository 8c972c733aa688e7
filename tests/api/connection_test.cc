// Connections: reuse, order, deadlines, limits.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <deque>

#include "tests/api/client.h"

namespace cacheindex::api::test {
namespace {

using std::chrono::milliseconds;
using Clock = std::chrono::steady_clock;

constexpr std::string_view kDocument = "/collections/a/documents/1";

class ConnectionTest : public testing::Test {
 protected:
  static void AddDocument(Fixture& fixture) {
    fixture.service.state.documents["1"] = R"({"id":"1"})";
  }
};

TEST_F(ConnectionTest, ARequestOnAKeptConnectionTakesLessThanAMillisecond) {
  Fixture fixture;
  AddDocument(fixture);
  Client client = fixture.Connect();
  std::vector<Clock::duration> times;
  for (int i = 0; i < 300; ++i) {
    const auto start = Clock::now();
    ASSERT_EQ(client.Ask("GET", kDocument).status, 200);
    times.push_back(Clock::now() - start);
  }
  std::nth_element(times.begin(), times.begin() + 150, times.end());
  EXPECT_LT(times[150], milliseconds(1)) << "delayed acknowledgements would take 40";
}

TEST_F(ConnectionTest, PipelinedRequestsAreAnsweredInTheirOrder) {
  Fixture fixture;
  for (int i = 0; i < 200; ++i) {
    fixture.service.state.documents[std::to_string(i)] = "{\"id\":\"" + std::to_string(i) + "\"}";
  }
  Client client = fixture.Connect();
  std::string requests;
  for (int i = 0; i < 200; ++i) {
    // Quick ones, slow ones and unknown ones between each other.
    requests += Spell("GET", "/collections/a/documents/" + std::to_string(i));
    requests += Spell("GET", "/collections/c" + std::to_string(i));
    requests += Spell("GET", "/nowhere/" + std::to_string(i));
  }
  client.Send(requests);
  for (int i = 0; i < 200; ++i) {
    ASSERT_EQ(client.Receive().body, "{\"id\":\"" + std::to_string(i) + "\"}");
    ASSERT_EQ(client.Receive().body, "{\"name\":\"c" + std::to_string(i) + "\"}");
    ASSERT_EQ(client.Receive().status, 404);
  }
}

TEST_F(ConnectionTest, RequestsMayComeByteByByte) {
  Fixture fixture;
  Client client = fixture.Connect();
  for (const char byte : Spell("POST", "/collections", R"({"name":"slow"})")) {
    ASSERT_TRUE(client.Send({&byte, 1}));
  }
  EXPECT_EQ(client.Receive().body, R"({"name":"slow"})");
}

TEST_F(ConnectionTest, ContinueIsSaidBeforeTheBodyIsSent) {
  Fixture fixture;
  Client client = fixture.Connect();
  const std::string body = R"({"name":"x"})";
  client.Send("POST /collections HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\n" +
              std::string(kKeyHeader) + "Content-Length: 12\r\n\r\n");
  EXPECT_EQ(client.Receive().status, 100);
  client.Send(body);
  EXPECT_EQ(client.Receive().status, 201);
  Client stranger = fixture.Connect();
  stranger.Send(
      "POST /collections HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: "
      "12\r\n\r\n");
  EXPECT_EQ(stranger.Receive().status, 401) << "a body nobody wants is not asked for";
}

TEST_F(ConnectionTest, ClosesWhenAskedTo) {
  Fixture fixture;
  Client client = fixture.Connect();
  const Reply reply = client.Ask("GET", "/health", {}, "Connection: close\r\n");
  EXPECT_EQ(reply.header("connection"), "close");
  EXPECT_TRUE(client.IsClosedWithin(milliseconds(5000)));
  const Reply cold = fixture.Ask("GET", "/collections/a", {}, "Connection: close\r\n");
  EXPECT_EQ(cold.header("connection"), "close");
  Client old = fixture.Connect();
  old.Send("GET /health HTTP/1.0\r\n\r\n");
  EXPECT_EQ(old.Receive().status, 200);
  EXPECT_TRUE(old.IsClosedWithin(milliseconds(5000)));
}

TEST_F(ConnectionTest, AClientThatFinishedSendingStillGetsItsAnswer) {
  Fixture fixture;
  for (const std::string_view target : {"/health", "/collections/a"}) {
    Client client = fixture.Connect();
    client.Send(Spell("GET", target));
    client.FinishSending();
    EXPECT_EQ(client.Receive().status, 200) << target;
    EXPECT_TRUE(client.IsClosedWithin(milliseconds(5000)));
  }
}

TEST_F(ConnectionTest, AThousandIdleConnectionsCostTheOthersNothing) {
  rlimit files{};
  getrlimit(RLIMIT_NOFILE, &files);
  files.rlim_cur = std::min<rlim_t>(files.rlim_max, 8192);
  setrlimit(RLIMIT_NOFILE, &files);
  Fixture fixture({.worker_threads = 2});
  AddDocument(fixture);
  std::deque<Client> idle;
  for (int i = 0; i < 1000; ++i) {
    idle.push_back(fixture.Connect());
    ASSERT_EQ(idle.back().Ask("GET", kDocument).status, 200);
  }
  EXPECT_EQ(fixture.server->GetStatistics().connections, 1000U);
  Client busy = fixture.Connect();
  std::vector<Clock::duration> times;
  for (int i = 0; i < 200; ++i) {
    const auto start = Clock::now();
    ASSERT_EQ(busy.Ask("GET", kDocument).status, 200);
    times.push_back(Clock::now() - start);
  }
  std::nth_element(times.begin(), times.begin() + 100, times.end());
  EXPECT_LT(times[100], milliseconds(2));
  for (Client& client : idle) {
    ASSERT_EQ(client.Ask("GET", kDocument).status, 200);
  }
}

TEST_F(ConnectionTest, SlowHeadsAreCutAtTheDeadlineHoweverTheyTrickle) {
  Fixture fixture({.limits = {.head_timeout = milliseconds(200)}});
  AddDocument(fixture);
  std::deque<Client> slow;
  for (int i = 0; i < 50; ++i) {
    slow.push_back(fixture.Connect());
    slow.back().Send("GET /health HT");
  }
  const auto start = Clock::now();
  std::string_view trickle =
      "TP/1.1\r\nX-Slow: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
  while (!slow.back().HasBytesWithin(milliseconds(20)) && !trickle.empty()) {
    slow.back().Send(trickle.substr(0, 1));
    trickle.remove_prefix(1);
    EXPECT_EQ(fixture.Ask("GET", kDocument).status, 200) << "others are served meanwhile";
  }
  EXPECT_LT(Clock::now() - start, milliseconds(5000));
  for (Client& client : slow) {
    EXPECT_EQ(client.Receive().status, 408);
    EXPECT_TRUE(client.IsClosedWithin(milliseconds(5000)));
  }
  EXPECT_EQ(fixture.server->GetStatistics().requests_rejected, 50U);
}

TEST_F(ConnectionTest, SlowBodiesAreCutAtTheDeadline) {
  Fixture fixture({.limits = {.body_timeout = milliseconds(200)}});
  Client client = fixture.Connect();
  client.Send("POST /collections HTTP/1.1\r\nHost: h\r\n" + std::string(kKeyHeader) +
              "Content-Length: 1000\r\n\r\n");
  for (int i = 0; i < 500 && !client.HasBytesWithin(milliseconds(20)); ++i) {
    client.Send("a");
  }
  EXPECT_EQ(client.Receive().status, 408);
}

TEST_F(ConnectionTest, IdleConnectionsAreClosedInSilence) {
  Fixture fixture({.limits = {.idle_timeout = milliseconds(100)}});
  Client fresh = fixture.Connect();
  Client used = fixture.Connect();
  EXPECT_EQ(used.Ask("GET", "/health").status, 200);
  EXPECT_TRUE(fresh.IsClosedWithin(milliseconds(5000)));
  EXPECT_TRUE(used.IsClosedWithin(milliseconds(5000)));
  EXPECT_TRUE(Eventually([&] { return fixture.server->GetStatistics().connections == 0; }));
}

TEST_F(ConnectionTest, AClientThatDoesNotReadIsCutAndOthersGoOn) {
  Fixture fixture({.limits = {.write_timeout = milliseconds(300)}});
  fixture.service.state.documents["1"] = R"({"x":")" + std::string(1 << 20, 'x') + R"("})";
  Client client(Client::Options{.port = fixture.server->port(), .receive_buffer_bytes = 4096});
  std::string requests;
  for (int i = 0; i < 100; ++i) {
    requests += Spell("GET", kDocument);
  }
  client.Send(requests);
  EXPECT_EQ(fixture.Ask("GET", "/health").status, 200);
  EXPECT_TRUE(Eventually([&] { return fixture.server->GetStatistics().connections == 0; }));
  EXPECT_LT(fixture.server->GetStatistics().requests, 20U) << "answers nobody takes are not made";
}

TEST_F(ConnectionTest, AFullQueueSheds) {
  Gate gate;
  Fixture fixture({.search_threads = 1,
                   .limits = {.queued_requests_max = 2, .search_wait_max = milliseconds(60'000)}});
  fixture.service.state.search_gate = &gate;
  const std::string search = Spell("GET", "/collections/a/documents/search?q=*");
  std::deque<Client> waiting;
  waiting.push_back(fixture.Connect());
  waiting.back().Send(search);
  gate.AwaitWaiting(1);
  for (int i = 0; i < 2; ++i) {
    waiting.push_back(fixture.Connect());
    waiting.back().Send(search);
  }
  EXPECT_TRUE(Eventually([&] { return fixture.server->GetStatistics().queued_requests == 2; }));
  Client extra = fixture.Connect();
  const Reply shed = extra.Ask("GET", "/collections/a/documents/search?q=*");
  EXPECT_EQ(shed.status, 503);
  EXPECT_EQ(shed.header("retry-after"), "1");
  EXPECT_EQ(fixture.server->GetStatistics().requests_shed, 1U);
  EXPECT_EQ(extra.Ask("GET", "/health").status, 200) << "quick routes never queue";
  gate.Open();
  for (Client& client : waiting) {
    EXPECT_EQ(client.Receive().status, 200);
  }
}

TEST_F(ConnectionTest, WaitingForAPositionDoesNotHoldTheLoop) {
  Gate gate;
  Fixture fixture({.loop_threads = 1, .worker_threads = 2});
  fixture.service.state.search_gate = &gate;
  AddDocument(fixture);
  Client waiting = fixture.Connect();
  waiting.Send(Spell("GET", "/collections/a/documents/search?q=*&min_position=9"));
  gate.AwaitWaiting(1);
  EXPECT_EQ(fixture.Ask("GET", kDocument, {}, "X-Min-Position: 5\r\n").status, 200);
  gate.Open();
  EXPECT_EQ(waiting.Receive().status, 200);
}

TEST_F(ConnectionTest, HoweverManyWaitForAPositionOthersFindAWorker) {
  Gate gate;
  Fixture fixture({.search_threads = 1, .limits = {.search_wait_max = milliseconds(60'000)}});
  fixture.service.state.search_gate = &gate;
  std::deque<Client> waiting;
  for (int i = 0; i < 8; ++i) {
    waiting.push_back(fixture.Connect());
    waiting.back().Send(Spell("GET", "/collections/a/documents/search?q=*&min_position=9"));
  }
  // Of four threads one client sleeps on all but one; its other searches queue.
  gate.AwaitWaiting(3);
  EXPECT_TRUE(Eventually([&] { return fixture.server->GetStatistics().queued_requests == 5; }));
  Client other = fixture.Connect();
  other.Send(Spell("DELETE", "/collections/a/documents/1"));
  EXPECT_TRUE(other.HasBytesWithin(milliseconds(10'000)));
  gate.Open();
  for (Client& client : waiting) {
    EXPECT_EQ(client.Receive().status, 200);
  }
}

TEST_F(ConnectionTest, AnswersThatNobodyTakesAreBoundedTogether) {
  constexpr std::uint64_t kBytes = std::uint64_t{16} << 20;
  Fixture fixture({.limits = {.buffered_bytes_max = 3 * kBytes}});
  fixture.service.state.documents["1"] = std::string(kBytes, 'x');
  std::deque<Client> clients;
  for (int i = 0; i < 8; ++i) {
    clients.emplace_back(
        Client::Options{.port = fixture.server->port(), .receive_buffer_bytes = 4096});
    clients.back().Send(Spell("GET", kDocument));
  }
  EXPECT_TRUE(Eventually([&] {
    const auto statistics = fixture.server->GetStatistics();
    return statistics.requests == 8 && statistics.connections < 8 &&
           statistics.buffered_bytes <= 3 * kBytes;
  })) << "some are cut";
  EXPECT_EQ(fixture.Ask("GET", "/health").status, 200);
  clients.clear();
  EXPECT_TRUE(Eventually([&] { return fixture.server->GetStatistics().buffered_bytes == 0; }));
}

TEST_F(ConnectionTest, AClientThatLeavesWhileItsRequestRunsHarmsNobody) {
  Gate gate;
  Fixture fixture;
  fixture.service.state.search_gate = &gate;
  {
    Client client = fixture.Connect();
    client.Send(Spell("GET", "/collections/a/documents/search?q=*"));
    gate.AwaitWaiting(1);
  }
  gate.Open();
  EXPECT_TRUE(Eventually([&] { return fixture.server->GetStatistics().connections == 0; }));
  EXPECT_EQ(fixture.Ask("GET", "/health").status, 200);
}

TEST_F(ConnectionTest, ConnectionsOverTheLimitAreTurnedAway) {
  Fixture fixture({.limits = {.connections_max = 2}});
  Client first = fixture.Connect();
  Client second = fixture.Connect();
  EXPECT_EQ(first.Ask("GET", "/health").status, 200);
  EXPECT_EQ(second.Ask("GET", "/health").status, 200);
  Client third = fixture.Connect();
  const Reply reply = third.Receive();
  EXPECT_EQ(reply.status, 503);
  EXPECT_TRUE(Json::parse(reply.body).contains("message"));
  EXPECT_EQ(first.Ask("GET", "/health").status, 200);
}

TEST_F(ConnectionTest, BodiesOfAllTogetherAreBounded) {
  Fixture fixture({.limits = {.buffered_bytes_max = 100'000}});
  const std::string body = R"({"x":")" + std::string(200'000, 'x') + R"("})";
  const Reply reply = fixture.Ask("POST", "/collections", body);
  EXPECT_EQ(reply.status, 503);
  EXPECT_EQ(fixture.Ask("POST", "/collections", R"({"a":1})").status, 201);
  EXPECT_TRUE(Eventually([&] { return fixture.server->GetStatistics().buffered_bytes == 0; }));
}

TEST_F(ConnectionTest, RunningOutOfFileDescriptorsPausesAcceptingOnly) {
  Fixture fixture({.loop_threads = 1});
  Client early = fixture.Connect();
  ASSERT_EQ(early.Ask("GET", "/health").status, 200);
  Client late = fixture.Connect();  // Makes its descriptor before they run out.
  ASSERT_EQ(late.Ask("GET", "/health").status, 200);
  const int pending = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  std::vector<int> hoard;
  for (int fd = ::dup(0); fd >= 0; fd = ::dup(0)) {
    hoard.push_back(fd);
  }
  ASSERT_FALSE(hoard.empty());
  ::close(pending);
  Client unlucky = fixture.Connect();  // Takes the one that was kept; the server has none.
  unlucky.Send(Spell("GET", "/health"));
  EXPECT_FALSE(unlucky.HasBytesWithin(milliseconds(150)));
  EXPECT_EQ(early.Ask("GET", "/health").status, 200) << "existing connections are served";
  for (const int fd : hoard) {
    ::close(fd);
  }
  const auto start = Clock::now();
  EXPECT_EQ(unlucky.Receive().status, 200);
  EXPECT_LT(Clock::now() - start, milliseconds(1500));
}

}  // namespace
}  // namespace cacheindex::api::test
