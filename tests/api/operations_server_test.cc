// The port for those who operate the node.
#include "api/operations_server.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <future>
#include <string>
#include <vector>

#include "tests/api/client.h"
#include "tests/support/result_matchers.h"

namespace cacheindex::api::test {
namespace {

using cacheindex::test::FailsWith;
using std::chrono::milliseconds;
using testing::HasSubstr;

class OperationsServerTest : public testing::Test {
 protected:
  OperationsServerTest() {
    auto started = OperationsServer::Start({.api_key = std::string(kKey)}, fixture_.service);
    EXPECT_TRUE(started) << started.error().message();
    operations_ = std::move(*started);
  }

  Reply Ask(std::string_view method, std::string_view target, std::string_view body = {}) {
    return Client(operations_->port()).Ask(method, target, body);
  }
  Reply AskRaw(std::string_view bytes) {
    Client client(operations_->port());
    client.Send(bytes);
    return client.Receive();
  }

  Fixture fixture_;
  std::unique_ptr<OperationsServer> operations_;
};

TEST_F(OperationsServerTest, AnswersWhatOperatorsAsk) {
  EXPECT_EQ(Ask("GET", "/health").body, R"({"ok":true})");
  EXPECT_EQ(Ask("GET", "/readyz").status, 200);
  EXPECT_EQ(Ask("GET", "/metrics").body, "requests_total 1\n");
  EXPECT_EQ(Ask("GET", "/sources").status, 200);
  EXPECT_EQ(Ask("GET", "/sources/shop").status, 200);
  EXPECT_EQ(Ask("GET", "/log_levels").body, R"({"requests":"info"})");
  EXPECT_EQ(Ask("PUT", "/log_levels", R"({"requests":"debug"})").status, 200);
  EXPECT_THAT(fixture_.service.state.changes,
              testing::ElementsAre(R"(log_levels:upsert {"requests":"debug"} by the node's key)"));
  fixture_.service.state.is_ready = false;
  EXPECT_EQ(Ask("GET", "/readyz").status, 503);
}

TEST_F(OperationsServerTest, AnswersNothingElse) {
  EXPECT_EQ(Ask("GET", "/collections").status, 404);
  EXPECT_EQ(Ask("DELETE", "/collections/a").status, 404);
  EXPECT_EQ(Ask("POST", "/sources/shop/rebuild").status, 404);
  EXPECT_TRUE(fixture_.service.calls().empty());
}

TEST_F(OperationsServerTest, AsksForAKeyWhereThePublicPortDoes) {
  const auto get = [](const std::string& target) {
    return "GET " + target + " HTTP/1.1\r\nHost: h\r\n\r\n";
  };
  EXPECT_EQ(AskRaw(get("/health")).status, 200);
  EXPECT_EQ(AskRaw(get("/readyz")).status, 200);
  for (const char* target : {"/metrics", "/sources", "/sources/shop", "/log_levels"}) {
    EXPECT_EQ(AskRaw(get(target)).status, 401) << target;
  }
}

TEST_F(OperationsServerTest, ReadsRequestsAsStrictlyAsThePublicPort) {
  EXPECT_EQ(AskRaw("GET /health HTTP/1.1\nHost: h\n\n").status, 400);
  EXPECT_EQ(AskRaw("GET /" + std::string(20'000, 'a')).status, 414);
  EXPECT_EQ(AskRaw("PUT /log_levels HTTP/1.1\r\nHost: h\r\nContent-Length: 1000000\r\n\r\n").status,
            413);
  EXPECT_EQ(AskRaw("HEAD /health HTTP/1.1\r\nHost: h\r\n\r\n").status, 200);
}

TEST_F(OperationsServerTest, GivesNothingAwayWhenAHandlerThrows) {
  fixture_.service.state.throws = true;
  const Reply reply = Ask("GET", "/metrics");
  EXPECT_EQ(reply.status, 500);
  EXPECT_EQ(reply.body, R"({"message":"Internal error"})");
}

TEST_F(OperationsServerTest, OneRequestIsOneConnection) {
  Client client(operations_->port());
  EXPECT_EQ(client.Ask("GET", "/health").header("connection"), "close");
  EXPECT_TRUE(client.IsClosedWithin(milliseconds(5'000)));
}

TEST_F(OperationsServerTest, SilentClientsAreCutAndTheOthersAnswered) {
  std::vector<Client> silent;
  for (std::size_t i = 0; i < 3 * OperationsServer::kThreads; ++i) {
    silent.emplace_back(operations_->port());
    silent.back().Send("GET /hea");
  }
  EXPECT_EQ(Ask("GET", "/health").status, 200);
}

TEST_F(OperationsServerTest, AnswersWhileThePublicPortHasNoRoom) {
  Gate gate;
  Fixture full({.worker_threads = 1, .limits = {.connections_max = 2, .queued_requests_max = 1}});
  full.service.state.search_gate = &gate;
  auto operations = OperationsServer::Start({.api_key = std::string(kKey)}, full.service);
  ASSERT_TRUE(operations);
  Client searching = full.Connect();
  searching.Send(Spell("GET", "/collections/a/documents/search?q=*"));
  gate.AwaitWaiting(1);
  const Client idle = full.Connect();
  EXPECT_TRUE(Eventually([&] { return full.server->GetStatistics().connections == 2; }));
  EXPECT_EQ(full.Ask("GET", "/readyz").status, 503) << "too many connections";
  auto stopped = std::async(std::launch::async, [&] { full.server->Stop(milliseconds(0)); });
  EXPECT_EQ(Client((*operations)->port()).Ask("GET", "/readyz").status, 200);
  gate.Open();
  stopped.get();
  EXPECT_EQ(Client((*operations)->port()).Ask("GET", "/readyz").status, 200);
}

TEST_F(OperationsServerTest, RefusesWhatItCannotListenOn) {
  EXPECT_THAT(OperationsServer::Start({.listen_address = "localhost"}, fixture_.service),
              FailsWith(ErrorCode::kInvalidArgument));
  const auto taken = OperationsServer::Start({.port = operations_->port()}, fixture_.service);
  ASSERT_THAT(taken, FailsWith(ErrorCode::kIo));
  EXPECT_THAT(taken.error().message(), HasSubstr(std::to_string(operations_->port())));
}

}  // namespace
}  // namespace cacheindex::api::test
