// What one client may take of the others, over HTTP.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <deque>

#include "api/key_cryptography.h"
#include "tests/api/client.h"

namespace cacheindex::api::test {
namespace {

using std::chrono::milliseconds;

constexpr std::string_view kForbidden =
    R"({"message":"Forbidden - a valid `x-typesense-api-key` header must be sent."})";
constexpr std::string_view kQuick = "/collections/quick/documents/search?q=*";

// A request with another key than the node's.
std::string WithKey(std::string_view key, std::string_view method, std::string_view target,
                    std::string_view body = {}) {
  return std::string(method) + " " + std::string(target) +
         " HTTP/1.1\r\nHost: h\r\nX-TYPESENSE-API-KEY: " + std::string(key) +
         "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + std::string(body);
}

class FairnessTest : public testing::Test {
 protected:
  static void AddSearchKey(Fixture& fixture, std::string_view value) {
    StoredKey key{.actions = {"documents:search"},
                  .collections = {},
                  .covers_all_collections = true,
                  .expires_at = 64'723'363'199,
                  .value = {}};
    fixture.service.state.keys[KeyDigest(value)] = std::make_shared<const StoredKey>(key);
  }
};

TEST_F(FairnessTest, SearchesThatNeverEndStopNobodyElsesSearch) {
  Gate gate;
  // Long enough for a machine that is busy with other things.
  Fixture fixture({.limits = {.search_wait_max = milliseconds(10'000)}});
  fixture.service.state.search_gate = &gate;
  fixture.service.state.gated_collection = "slow";
  AddSearchKey(fixture, "public");
  std::deque<Client> slow;
  for (int i = 0; i < 100; ++i) {
    slow.push_back(fixture.Connect());
    slow.back().Send(WithKey("public", "GET", "/collections/slow/documents/search?q=*"));
  }
  gate.AwaitWaiting(1);
  Client other = fixture.Connect();
  for (int i = 0; i < 50; ++i) {
    other.Send(Spell("GET", kQuick));
    const bool is_answered = other.HasBytesWithin(milliseconds(10'000));
    EXPECT_TRUE(is_answered) << "search " << i;
    if (!is_answered) {
      break;  // The gate opens in any case.
    }
    EXPECT_EQ(other.Receive().status, 200);
  }
  gate.Open();
  for (Client& client : slow) {
    EXPECT_THAT(client.Receive().status, testing::AnyOf(200, 503));
  }
}

TEST_F(FairnessTest, WhoseOwnQueueIsFullIsToldToComeBack) {
  Gate gate;
  Fixture fixture(
      {.search_threads = 1,
       .limits = {.queued_searches_per_client_max = 1, .search_wait_max = milliseconds(60'000)}});
  fixture.service.state.search_gate = &gate;
  AddSearchKey(fixture, "public");
  const std::string search = WithKey("public", "GET", kQuick);
  std::deque<Client> clients;
  clients.push_back(fixture.Connect());
  clients.back().Send(WithKey("public", "GET", kQuick));
  gate.AwaitWaiting(1);
  clients.push_back(fixture.Connect());
  clients.back().Send(search);
  EXPECT_TRUE(Eventually([&] { return fixture.server->GetStatistics().queued_requests == 1; }));
  const Reply refused = fixture.AskRaw(search);
  EXPECT_EQ(refused.status, 429);
  EXPECT_EQ(refused.header("retry-after"), "1");
  EXPECT_EQ(fixture.server->GetStatistics().requests_shed, 1U);
  Client other = fixture.Connect();
  other.Send(Spell("GET", kQuick));
  gate.Open();
  EXPECT_EQ(other.Receive().status, 200) << "another key has a queue of its own";
  for (Client& client : clients) {
    EXPECT_EQ(client.Receive().status, 200);
  }
}

TEST_F(FairnessTest, ASearchThatWaitsTooLongIsShed) {
  Gate gate;
  Fixture fixture({.search_threads = 1, .limits = {.search_wait_max = milliseconds(20)}});
  fixture.service.state.search_gate = &gate;
  Client running = fixture.Connect();
  running.Send(Spell("GET", kQuick));
  gate.AwaitWaiting(1);
  const Reply shed = fixture.Ask("GET", kQuick);
  EXPECT_EQ(shed.status, 503) << "while the first still runs";
  EXPECT_EQ(shed.header("retry-after"), "1");
  gate.Open();
  EXPECT_EQ(running.Receive().status, 200);
  EXPECT_EQ(fixture.Ask("GET", kQuick).status, 200);
}

TEST_F(FairnessTest, ABodyWithoutAKeyIsNotReadBeyondALimit) {
  Fixture fixture;
  const std::string head = "POST /multi_search HTTP/1.1\r\nHost: h\r\n";
  const std::string large(100'000, ' ');
  const auto& counted = fixture.server;
  // Not one byte of the body is needed for the answer.
  Client client = fixture.Connect();
  client.Send(head + "Content-Length: 4000000\r\n\r\n");
  const Reply refused = client.Receive();
  EXPECT_EQ(refused.status, 401);
  EXPECT_EQ(refused.body, kForbidden);
  EXPECT_EQ(counted->GetStatistics().buffered_bytes, 0U);
  const Reply wrong =
      fixture.AskRaw(WithKey("wrong", "POST", "/multi_search", large + R"({"searches":[]})"));
  EXPECT_EQ(wrong.status, 401);
  const Reply chunked = fixture.AskRaw(head + "Transfer-Encoding: chunked\r\n\r\n186A0\r\n" +
                                       large + "\r\n0\r\n\r\n");
  EXPECT_EQ(chunked.status, 401);
  EXPECT_EQ(chunked.body, kForbidden);
  EXPECT_EQ(
      fixture.AskRaw("GET /health HTTP/1.1\r\nHost: h\r\nContent-Length: 100000\r\n\r\n").status,
      413);
  // Whoever has a key may send as much as ever.
  EXPECT_EQ(fixture.Ask("POST", "/multi_search", large + R"({"searches":[]})").status, 200);
  EXPECT_EQ(fixture.service.observed("POST /multi_search 401"), 2);
}

TEST_F(FairnessTest, KeysInTheBodyCountAsBefore) {
  Fixture fixture;
  const std::string body =
      R"({"searches":[{"collection":"a","q":"*","x-typesense-api-key":"a-key"}]})";
  EXPECT_EQ(fixture
                .AskRaw("POST /multi_search HTTP/1.1\r\nHost: h\r\nContent-Length: " +
                        std::to_string(body.size()) + "\r\n\r\n" + body)
                .status,
            200);
  EXPECT_EQ(fixture.AskRaw(WithKey("wrong", "POST", "/multi_search", body)).status, 200);
}

TEST_F(FairnessTest, RulesRefuseKeysAndAddresses) {
  Fixture fixture;
  AddSearchKey(fixture, "public");
  fixture.service.limits.refused_key = KeyDigest("public");
  const Reply refused = fixture.AskRaw(WithKey("public", "GET", kQuick));
  EXPECT_EQ(refused.status, 429);
  EXPECT_EQ(refused.header("retry-after"), "17");
  EXPECT_EQ(refused.body, R"({"message":"Rate limit exceeded or blocked"})");
  const std::string body =
      R"({"searches":[{"collection":"a","q":"*","x-typesense-api-key":"public"}]})";
  EXPECT_EQ(fixture.AskRaw(WithKey("", "POST", "/multi_search", body)).status, 429)
      << "wherever the key stands";
  EXPECT_EQ(fixture.Ask("GET", kQuick).status, 200);
  fixture.service.limits.refused_key = "";
  fixture.service.limits.refused_address = "127.0.0.1";
  EXPECT_EQ(fixture.AskRaw(WithKey("public", "GET", kQuick)).status, 429);
  EXPECT_EQ(fixture.AskRaw("GET /health HTTP/1.1\r\nHost: h\r\n\r\n").status, 200);
  EXPECT_EQ(fixture.Ask("GET", kQuick).status, 200) << "the node's own key is never locked out";
}

}  // namespace
}  // namespace cacheindex::api::test
