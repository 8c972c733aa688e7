// What one request, one key and one address may take of a node.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/node/running_node.h"

namespace cacheindex::test {
namespace {

using std::chrono::milliseconds;

constexpr std::string_view kShoes =
    R"({"name":"shoes","fields":[{"name":"title","type":"string"}]})";

TEST(LimitsTest, NoSearchTakesLongerThanTheNodeSays) {
  node::Config config;
  config.search_time_max = milliseconds(0);
  RunningNode node(config);
  node.Get("POST", "/collections", kShoes);
  node.Get("POST", "/collections/shoes/documents", R"({"id":"a","title":"red"})");
  const Json asked = {{"q", "red"}, {"query_by", "title"}, {"search_cutoff_ms", 30'000}};
  EXPECT_EQ(node.Search("shoes", asked)["search_cutoff"], true);
  const Json many =
      node.Get("POST", "/multi_search",
               R"({"searches":[{"collection":"shoes","q":"*"},{"collection":"shoes","q":"*"}]})");
  for (const Json& result : many["results"]) {
    EXPECT_EQ(result["search_cutoff"], true);
  }
}

}  // namespace
}  // namespace cacheindex::test
