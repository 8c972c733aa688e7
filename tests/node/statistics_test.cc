#include <gmock/gmock.h>

#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include "tests/node/running_node.h"

namespace cacheindex::test {
namespace {

constexpr const char* kSchema = R"({"name":"shoes","fields":[{"name":"title","type":"string"}]})";

// True when `rate` is that of so many requests in the window, and maybe in a begun second.
testing::AssertionResult IsRateOf(const Json& rate, int requests) {
  const double number = rate.get<double>();
  return number <= requests / 10.0 + 1e-9 && number >= requests / 11.0 - 1e-9
             ? testing::AssertionSuccess()
             : testing::AssertionFailure() << number << " is not the rate of " << requests;
}

TEST(StatisticsTest, LoadMovesTheNumbersOfItsKind) {
  RunningNode node;
  node.Get("POST", "/collections", kSchema);
  const Json idle = node.Get("GET", "/stats.json");
  for (const std::string kind : {"delete", "import", "search", "write"}) {
    EXPECT_EQ(idle.at(kind + "_latency_ms"), 0) << kind;
    EXPECT_EQ(idle.at(kind + "_requests_per_second"), 0) << kind;
  }
  EXPECT_GT(idle.at("total_requests_per_second"), 0) << "the collection was made";
  node.Ask("POST", "/collections/shoes/documents/import", R"({"id":"a","title":"red"})");
  for (const char* id : {"b", "c", "d"}) {
    node.Get("POST", "/collections/shoes/documents", Json{{"id", id}, {"title", "blue"}}.dump());
  }
  node.Get("PATCH", "/collections/shoes/documents/b", R"({"title":"green"})");
  node.Get("DELETE", "/collections/shoes/documents/c");
  node.Get("DELETE", "/collections/shoes/documents?filter_by=id:d");
  for (int i = 0; i < 6; ++i) {
    node.Search("shoes", {{"q", "red"}, {"query_by", "title"}});
  }
  node.Get("POST", "/multi_search", R"({"searches":[{"collection":"shoes","q":"*"}]})");
  const Json stats = node.Get("GET", "/stats.json");
  EXPECT_TRUE(IsRateOf(stats["import_requests_per_second"], 1));
  EXPECT_TRUE(IsRateOf(stats["write_requests_per_second"], 4));
  EXPECT_TRUE(IsRateOf(stats["delete_requests_per_second"], 2));
  EXPECT_TRUE(IsRateOf(stats["search_requests_per_second"], 7));
  for (const std::string kind : {"delete", "import", "search", "write"}) {
    EXPECT_GT(stats.at(kind + "_latency_ms"), 0) << kind;
    EXPECT_LT(stats.at(kind + "_latency_ms"), 60'000) << kind;
  }
  EXPECT_EQ(stats["overloaded_requests_per_second"], 0);
  EXPECT_TRUE(stats["latency_ms"].contains("PATCH /collections/:c/documents/:id"));
}

TEST(StatisticsTest, OverloadIsCountedApart) {
  constexpr int kReaders = 16;
  // One worker means four threads for who waits for a position, and one more may queue.
  node::Config config;
  config.http.worker_threads = 1;
  config.http.limits.queued_requests_max = 1;
  RunningNode node(config);
  node.Get("POST", "/collections", kSchema);
  std::atomic<int> shed{0};
  {
    std::vector<std::jthread> readers;
    for (int i = 0; i < kReaders; ++i) {
      readers.emplace_back([&] {
        HttpClient client(node.port(), RunningNode::kKey);
        const HttpReply reply = client.Ask("GET", "/collections/shoes/documents/a", {},
                                           "X-Min-Position: 1000000000\r\nX-Max-Wait-Ms: 1500\r\n");
        EXPECT_EQ(reply.status, 503);
        shed += reply.body.find("Overloaded") != std::string::npos ? 1 : 0;
      });
    }
  }
  EXPECT_GT(shed, 0);
  const Json stats = node.Get("GET", "/stats.json");
  EXPECT_TRUE(IsRateOf(stats["overloaded_requests_per_second"], shed));
  EXPECT_TRUE(
      IsRateOf(stats["requests_per_second"]["GET /collections/:c/documents/:id"], kReaders - shed))
      << "who waited in vain was served, not refused";
}

TEST(StatisticsTest, ConnectionsThatThereIsNoRoomForAreOverload) {
  node::Config config;
  config.http.limits.connections_max = 2;
  RunningNode node(config);
  EXPECT_EQ(node.Ask("GET", "/health").status, 200);
  HttpClient second(node.port(), RunningNode::kKey);
  EXPECT_EQ(second.Ask("GET", "/health").status, 200);
  HttpClient third(node.port(), RunningNode::kKey);
  EXPECT_EQ(third.Ask("GET", "/health").status, 503);
  const Json stats = Json::parse(second.Ask("GET", "/stats.json").body);
  EXPECT_TRUE(IsRateOf(stats["overloaded_requests_per_second"], 1));
  EXPECT_TRUE(IsRateOf(stats["total_requests_per_second"], 2)) << "what was answered";
}

}  // namespace
}  // namespace cacheindex::test
