#include <gmock/gmock.h>

#include <string>
#include <vector>

#include "tests/node/running_node.h"

namespace cacheindex::test {
namespace {

using testing::ElementsAre;

constexpr const char* kSchema = R"({"name":"shoes","enable_nested_fields":true,"fields":[
  {"name":"title","type":"string"},
  {"name":"brand","type":"string","facet":true},
  {"name":"price","type":"float","facet":true},
  {"name":"shop","type":"geopoint","optional":true},
  {"name":"skus","type":"object[]","optional":true},
  {"name":"skus.color","type":"string[]","facet":true,"optional":true},
  {"name":"skus.size","type":"int32[]","facet":true,"optional":true}]})";

std::vector<std::string> IdsOf(const Json& hits) {
  std::vector<std::string> ids;
  for (const Json& hit : hits) {
    ids.push_back(hit["document"]["id"].get<std::string>());
  }
  return ids;
}

class ListingTest : public testing::Test {
 protected:
  ListingTest() {
    node_.Get("POST", "/collections", kSchema);
    Write(R"({"id":"1","title":"red runner","brand":"Acme","price":10,"shop":[48.85,2.35],
              "skus":[{"color":"red","size":42},{"color":"blue","size":43}]})");
    Write(R"({"id":"2","title":"blue runner","brand":"Acme","price":20,"shop":[51.5,-0.12],
              "skus":[{"color":"red","size":43},{"color":"blue","size":42}]})");
    Write(R"({"id":"3","title":"red sandal","brand":"Bell","price":30})");
  }

  void Write(const std::string& document) {
    node_.Get("POST", "/collections/shoes/documents?action=upsert", document);
  }
  Json Search(const Json& parameters) { return node_.Search("shoes", parameters); }
  Json Multi(const Json& body, const std::string& parameters = "") {
    return node_.Get("POST", "/multi_search" + parameters, DumpJson(body));
  }

  RunningNode node_;
};

TEST_F(ListingTest, GroupsAreCountedAndPaged) {
  const Json first = Search({{"q", "*"},
                             {"group_by", "brand"},
                             {"group_limit", 1},
                             {"per_page", 1},
                             {"facet_by", "brand"},
                             {"sort_by", "price:asc"}});
  EXPECT_EQ(first["found"], 2);
  EXPECT_EQ(first["found_docs"], 3);
  EXPECT_FALSE(first.contains("hits"));
  ASSERT_EQ(first["grouped_hits"].size(), 1U);
  EXPECT_EQ(first["grouped_hits"][0]["group_key"], Json::array({"Acme"}));
  EXPECT_EQ(first["grouped_hits"][0]["found"], 2);
  EXPECT_THAT(IdsOf(first["grouped_hits"][0]["hits"]), ElementsAre("1"));
  EXPECT_EQ(first["facet_counts"][0]["counts"][0]["count"], 1) << "one group has this brand";
  const Json second = Search(
      {{"q", "*"}, {"group_by", "brand"}, {"per_page", 1}, {"page", 2}, {"sort_by", "price:asc"}});
  EXPECT_EQ(second["grouped_hits"][0]["group_key"], Json::array({"Bell"}));
}

TEST_F(ListingTest, DistancesFilterAndSort) {
  const Json near = Search(
      {{"q", "*"}, {"filter_by", "shop:(48.86,2.35,5 km)"}, {"sort_by", "shop(48.86,2.35):asc"}});
  EXPECT_THAT(IdsOf(near["hits"]), ElementsAre("1"));
  EXPECT_NEAR(near["hits"][0]["geo_distance_meters"]["shop"].get<double>(), 1112, 5);
  EXPECT_THAT(IdsOf(Search({{"q", "*"}, {"sort_by", "shop(51.5,-0.12):asc"}})["hits"]),
              ElementsAre("2", "1", "3"));
}

TEST_F(ListingTest, NestedFiltersHoldForOneElement) {
  EXPECT_EQ(Search({{"q", "*"}, {"filter_by", "skus.color:=red && skus.size:=42"}})["found"], 2);
  EXPECT_THAT(IdsOf(Search({{"q", "*"}, {"filter_by", "skus.{color:=red && size:=42}"}})["hits"]),
              ElementsAre("1"));
}

TEST_F(ListingTest, WidgetsAskOneQuestionInSeveralWays) {
  // What InstantSearch sends when a brand is selected: the hits, and the brands without it.
  const Json common = {{"collection", "shoes"}, {"q", "red"}, {"query_by", "title"}};
  Json hits = common;
  hits.update({{"filter_by", "brand:=[`Acme`]"}, {"facet_by", "brand,price"}});
  Json brands = common;
  brands.update({{"facet_by", "brand"}, {"per_page", 0}});
  const Json answer = Multi({{"searches", {hits, brands, hits}}});
  ASSERT_EQ(answer["results"].size(), 3U);
  EXPECT_EQ(answer["results"][0]["found"], 1);
  EXPECT_EQ(answer["results"][0]["facet_counts"][1]["stats"]["max"], 10.0);
  EXPECT_EQ(answer["results"][1]["found"], 2);
  EXPECT_EQ(answer["results"][1]["facet_counts"][0]["counts"].size(), 2U);
  EXPECT_EQ(answer["results"][2]["hits"], answer["results"][0]["hits"]);
}

TEST_F(ListingTest, AUnionIsOnePageOfSeveralSearches) {
  node_.Get("POST", "/collections",
            R"({"name":"bags","fields":[{"name":"price","type":"float"}]})");
  node_.Get("POST", "/collections/bags/documents", R"({"id":"1","price":15})");
  const Json shoes = {{"collection", "shoes"}, {"q", "*"}, {"sort_by", "price:asc"}};
  Json red = shoes;
  red["filter_by"] = "title:red";
  Json bags = shoes;
  bags["collection"] = "bags";
  const Json body = {{"union", true}, {"searches", {shoes, red, bags}}};
  const Json first = Multi(body, "?per_page=2");
  EXPECT_EQ(first["found"], 4);
  EXPECT_EQ(first["out_of"], 4);
  EXPECT_EQ(first["page"], 1);
  ASSERT_EQ(first["hits"].size(), 2U);
  EXPECT_EQ(first["hits"][0]["collection"], "shoes");
  EXPECT_EQ(first["hits"][0]["document"]["id"], "1");
  EXPECT_EQ(first["hits"][1]["collection"], "bags");
  EXPECT_EQ(first["hits"][1]["search_index"], 2);
  EXPECT_THAT(IdsOf(Multi(body, "?per_page=2&page=2")["hits"]), ElementsAre("2", "3"));
  Json all = body;
  all["remove_duplicates"] = false;
  EXPECT_EQ(Multi(all)["found"], 6);
  Json pinned = body;
  pinned["searches"][0]["pinned_hits"] = "3:1";
  pinned["searches"][1]["pinned_hits"] = "2:1,3:4";
  EXPECT_THAT(IdsOf(Multi(pinned)["hits"]), ElementsAre("3", "2", "1", "1"));
  EXPECT_EQ(Multi(pinned)["found"], 4);
  Json unlike = body;
  unlike["searches"][0]["sort_by"] = "price:desc";
  EXPECT_EQ(Multi(unlike)["code"], 400);
}

TEST_F(ListingTest, GroupsOfAUnionAreThoseOfAllItsSearches) {
  node_.Get("POST", "/collections",
            R"({"name":"bags","fields":[{"name":"price","type":"float"},
                {"name":"maker","type":"string","facet":true}]})");
  for (const char* bag :
       {R"({"id":"1","price":1,"maker":"Acme"})", R"({"id":"2","price":15,"maker":"Acme"})",
        R"({"id":"3","price":2,"maker":"Tote"})"}) {
    node_.Get("POST", "/collections/bags/documents", bag);
  }
  const Json shoes = {
      {"collection", "shoes"}, {"q", "*"}, {"sort_by", "price:asc"}, {"group_by", "brand"}};
  Json bags = shoes;
  bags["collection"] = "bags";
  bags["group_by"] = "maker";
  bags["group_limit"] = 1;
  const Json body = {{"union", true}, {"searches", {shoes, bags, shoes}}};
  const auto shown = [](const Json& answer) {
    std::vector<std::string> groups;
    for (const Json& group : answer["grouped_hits"]) {
      std::string line = DumpJson(group["group_key"]) + " " + DumpJson(group["found"]) + ":";
      for (const Json& hit : group["hits"]) {
        line += " " + hit["collection"].get<std::string>() + "/" +
                hit["document"]["id"].get<std::string>();
      }
      groups.push_back(line);
    }
    return groups;
  };
  const Json all = Multi(body);
  EXPECT_EQ(all["found"], 3);
  EXPECT_EQ(all["found_docs"], 6);
  EXPECT_EQ(all["out_of"], 6);
  EXPECT_FALSE(all.contains("hits"));
  EXPECT_THAT(shown(all), ElementsAre(R"(["Acme"] 4: bags/1 shoes/1 shoes/2)",
                                      R"(["Tote"] 1: bags/3)", R"(["Bell"] 1: shoes/3)"));
  EXPECT_THAT(shown(Multi(body, "?per_page=1&page=2")), ElementsAre(R"(["Tote"] 1: bags/3)"));
  EXPECT_THAT(shown(Multi(body, "?per_page=0")), ElementsAre());

  Json repeated = body;
  repeated["remove_duplicates"] = false;
  EXPECT_EQ(Multi(repeated)["found_docs"], 9);
  EXPECT_EQ(shown(Multi(repeated)).front(), R"(["Acme"] 6: bags/1 shoes/1 shoes/1)");

  Json pinned = body;
  pinned["searches"][0]["pinned_hits"] = "3:2,2:3";
  pinned["searches"][1]["pinned_hits"] = "3:1";
  EXPECT_THAT(shown(Multi(pinned)), ElementsAre(R"(["Tote"] 1: bags/3)", R"(["Bell"] 1: shoes/3)",
                                                R"(["Acme"] 4: shoes/2 bags/1 shoes/1)"));

  Json unlike = body;
  unlike["searches"][2].erase("group_by");
  EXPECT_EQ(Multi(unlike)["code"], 400);
  unlike["searches"][2]["group_by"] = "brand,price";
  EXPECT_EQ(Multi(unlike)["code"], 400);
}

TEST_F(ListingTest, ARememberedAnswerIsNeverOlderThanAChange) {
  const Json parameters = {
      {"q", "runner"}, {"query_by", "title"}, {"facet_by", "brand"}, {"use_cache", true}};
  const auto ask = [&] {
    Json answer = Search(parameters);
    answer.erase("search_time_ms");
    return answer;
  };
  const Json before = ask();
  EXPECT_EQ(before["found"], 2);
  EXPECT_EQ(ask(), before);
  Write(R"({"id":"4","title":"green runner","brand":"Cato","price":5})");
  EXPECT_EQ(ask()["found"], 3);
  Write(R"({"id":"1","title":"red runner","brand":"Dash","price":11})");
  EXPECT_EQ(ask()["facet_counts"][0]["counts"].size(), 3U);
  node_.Get("DELETE", "/collections/shoes/documents/4");
  EXPECT_EQ(ask()["found"], 2);
  node_.Get("PATCH", "/collections/shoes", R"({"fields":[{"name":"price","drop":true}]})");
  EXPECT_EQ(ask()["found"], 2);
  EXPECT_EQ(node_.Get("POST", "/operations/cache/clear"), Json({{"success", true}}));
  EXPECT_EQ(ask()["found"], 2);
}

TEST_F(ListingTest, AnAliasThatMovesIsFollowedAtOnce) {
  node_.Get("PUT", "/aliases/current", R"({"collection_name":"shoes"})");
  node_.Get("POST", "/collections",
            R"({"name":"later","fields":[{"name":"title","type":"string"}]})");
  const Json parameters = {{"q", "*"}, {"use_cache", true}};
  EXPECT_EQ(node_.Search("current", parameters)["found"], 3);
  EXPECT_EQ(node_.Search("current", parameters)["found"], 3);
  node_.Get("PUT", "/aliases/current", R"({"collection_name":"later"})");
  EXPECT_EQ(node_.Search("current", parameters)["found"], 0);
}

TEST_F(ListingTest, TheDeadlineCutsASearchAndSaysSo) {
  const Json answer = Search({{"q", "*"}, {"search_cutoff_ms", 0}, {"sort_by", "price:asc"}});
  EXPECT_EQ(answer["search_cutoff"], true);
  EXPECT_EQ(Search({{"q", "*"}, {"sort_by", "price:asc"}})["search_cutoff"], false);
}

}  // namespace
}  // namespace cacheindex::test
