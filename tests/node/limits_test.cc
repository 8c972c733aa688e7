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

TEST(LimitsTest, ARuleLimitsAKeyAndWhatIsMadeFromIt) {
  RunningNode node;
  node.Get("POST", "/collections", kShoes);
  const Json key = node.Get("POST", "/keys",
                            R"({"description":"shop","actions":["documents:search"],
                                "collections":["*"],"value":"RN23GFr1s6jQ9kgSNg2O7fYcAUXU7127"})");
  // Made from it with {"limit_multi_searches":2}.
  const std::string scoped =
      "a1ZIbmIwUW9ycHVDOTJkSEJvRGU4ZU5tTjVCUFozendJYWRxNytKaER5VT1STjIzeyJsaW1pdF9tdWx0aV9zZWFyY2hl"
      "cyI6Mn0=";
  const std::string_view search = "/collections/shoes/documents/search?q=*";
  HttpClient with_key(node.port(), key["value"].get<std::string>());
  HttpClient with_scoped(node.port(), scoped);
  const Json added = node.Get("POST", "/limits",
                              R"({"action":"throttle","max_requests_1m":2,
                                  "api_keys":["RN23GFr1s6jQ9kgSNg2O7fYcAUXU7127"]})");
  const std::string rule = "/limits/" + added["rule"]["id"].dump();
  EXPECT_EQ(with_key.Ask("GET", search).status, 200);
  EXPECT_EQ(with_scoped.Ask("GET", search).status, 200);
  const HttpReply refused = with_scoped.Ask("GET", search);
  EXPECT_EQ(refused.status, 429);
  EXPECT_EQ(refused.body, R"({"message":"Rate limit exceeded or blocked"})");
  EXPECT_GT(std::stoi(refused.headers.at("retry-after")), 0);
  EXPECT_EQ(with_key.Ask("GET", "/limits").status, 401) << "401 comes before 429";
  EXPECT_EQ(node.Ask("GET", search).status, 200) << "the node's own key";
  EXPECT_EQ(node.Get("GET", "/limits/exceeds")[0]["request_count"], 1);
  EXPECT_EQ(node.Get("GET", rule), added["rule"]);
  EXPECT_EQ(node.Get("GET", "/limits"), Json::array({added["rule"]}));
  EXPECT_EQ(node.Get("GET", "/limits/active"), Json::array());
  node.Get("PUT", rule, R"({"action":"allow","ip_addresses":["127.0.0.1"]})");
  EXPECT_EQ(with_key.Ask("GET", search).status, 200);
  node.Get("DELETE", rule);
  EXPECT_EQ(node.Ask("GET", rule).status, 404);
  EXPECT_EQ(node.Ask("POST", "/limits", R"({"action":"throttle"})").status, 400);
}

}  // namespace
}  // namespace cacheindex::test
