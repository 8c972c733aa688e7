#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/node/running_node.h"

namespace cacheindex::test {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

// A shop with five products, of which "shoe" finds the first four in the order of their rank.
class MerchandisingTest : public testing::Test {
 protected:
  MerchandisingTest() {
    node_.Get("POST", "/collections",
              R"({"name":"shop","default_sorting_field":"rank","fields":[
                  {"name":"title","type":"string"},{"name":"brand","type":"string","facet":true},
                  {"name":"rank","type":"int32"}]})");
    node_.Get("POST", "/collections/shop/documents/import",
              R"({"id":"a","title":"red shoe","brand":"Acme","rank":9})"
              "\n"
              R"({"id":"b","title":"blue shoe","brand":"Acme Sports","rank":8})"
              "\n"
              R"({"id":"c","title":"green shoe","brand":"Peak","rank":7})"
              "\n"
              R"({"id":"d","title":"black shoe","brand":"Peak","rank":6})"
              "\n"
              R"({"id":"e","title":"跑步鞋 belt","brand":"Tan","rank":5})");
  }

  Json Search(Json parameters) {
    parameters.emplace("q", "shoe");
    parameters.emplace("query_by", "title");
    return node_.Search("shop", parameters);
  }
  static std::vector<std::string> IdsOf(const Json& answer) {
    std::vector<std::string> ids;
    for (const Json& hit : answer["hits"]) {
      ids.push_back(hit["document"]["id"].get<std::string>());
    }
    return ids;
  }
  std::vector<std::string> Ids(const Json& parameters) { return IdsOf(Search(parameters)); }

  // Makes `rule` the only one of the shop's own.
  void Rule(const std::string& rule) { node_.Get("PUT", "/collections/shop/overrides/r", rule); }

  RunningNode node_;
};

TEST_F(MerchandisingTest, PinnedDocumentsStandAtTheirPlaces) {
  EXPECT_THAT(Ids({{"pinned_hits", "d:1,e:3"}}), ElementsAre("d", "a", "e", "b", "c"));
  EXPECT_THAT(Ids({{"pinned_hits", "e:99"}}), ElementsAre("a", "b", "c", "d", "e"));
  EXPECT_THAT(Ids({{"pinned_hits", "e:1,d:1"}}), ElementsAre("e", "d", "a", "b", "c"));
  EXPECT_THAT(Ids({{"pinned_hits", "nothing:1,d:2,d:1"}}), ElementsAre("a", "d", "b", "c"));
}

TEST_F(MerchandisingTest, GroupsOfPinnedDocumentsStandAtTheirPlaces) {
  const auto groups = [this](Json parameters) {
    parameters["group_by"] = "brand";
    std::vector<std::string> shown;
    const Json answer = Search(parameters);
    for (const Json& group : answer["grouped_hits"]) {
      std::string ids;
      for (const Json& hit : group["hits"]) {
        ids += hit["document"]["id"].get<std::string>();
      }
      shown.push_back(ids);
    }
    return shown;
  };
  EXPECT_THAT(groups({}), ElementsAre("a", "b", "cd"));
  EXPECT_THAT(groups({{"pinned_hits", "d:1"}}), ElementsAre("dc", "a", "b"));
  EXPECT_THAT(groups({{"pinned_hits", "d:1"}, {"group_limit", 1}}), ElementsAre("d", "a", "b"));
  EXPECT_THAT(groups({{"pinned_hits", "e:2"}}), ElementsAre("a", "e", "b", "cd"));
  EXPECT_THAT(groups({{"pinned_hits", "a:99"}}), ElementsAre("b", "cd", "a"));
  EXPECT_THAT(groups({{"pinned_hits", "d:1,e:3"}, {"per_page", 2}, {"page", 2}}),
              ElementsAre("e", "b"));
}

TEST_F(MerchandisingTest, PagesOfPinnedAndOtherDocumentsFormTheWholeResult) {
  const Json whole = Search({{"pinned_hits", "e:2,d:4"}});
  EXPECT_EQ(whole["found"], 5) << "the pinned one that does not match counts, once";
  for (const int per_page : {1, 2, 3}) {
    std::vector<std::string> paged;
    for (int page = 1; page <= 5; ++page) {
      const Json answer =
          Search({{"pinned_hits", "e:2,d:4"}, {"page", page}, {"per_page", per_page}});
      EXPECT_EQ(answer["found"], 5);
      const auto ids = IdsOf(answer);
      paged.insert(paged.end(), ids.begin(), ids.end());
    }
    EXPECT_EQ(paged, IdsOf(whole)) << per_page;
  }
}

TEST_F(MerchandisingTest, OnlyPinnedDocumentsAreMarkedSo) {
  const Json hits = Search({{"pinned_hits", "c:1"}})["hits"];
  EXPECT_EQ(hits[0].value("curated", false), true);
  EXPECT_FALSE(hits[0].contains("text_match"));
  EXPECT_FALSE(hits[1].contains("curated"));
  EXPECT_TRUE(hits[1].contains("text_match"));
}

TEST_F(MerchandisingTest, HiddenDocumentsAreNeitherShownNorCounted) {
  const Json answer = Search({{"hidden_hits", "a,e,nothing"}, {"facet_by", "brand"}});
  EXPECT_THAT(IdsOf(answer), ElementsAre("b", "c", "d"));
  EXPECT_EQ(answer["found"], 3);
  EXPECT_EQ(answer["facet_counts"][0]["counts"].size(), 2U);
  EXPECT_THAT(Ids({{"hidden_hits", "a"}, {"pinned_hits", "a:1"}}), ElementsAre("b", "c", "d"));
}

TEST_F(MerchandisingTest, PinnedDocumentsObeyFiltersOnlyWhenAskedTo) {
  EXPECT_THAT(Ids({{"pinned_hits", "a:1"}, {"filter_by", "brand:=Peak"}}),
              ElementsAre("a", "c", "d"));
  EXPECT_THAT(Ids({{"pinned_hits", "a:1,d:1"},
                   {"filter_by", "brand:=Peak"},
                   {"filter_curated_hits", true}}),
              ElementsAre("d", "c"));
}

TEST_F(MerchandisingTest, ARuleMatchesWholeWordsInAnyCase) {
  Rule(R"({"rule":{"query":"Red SHOE","match":"exact"},"includes":[{"id":"e","position":1}]})");
  EXPECT_EQ(Ids({{"q", "red shoe"}}).front(), "e");
  EXPECT_EQ(Ids({{"q", "shoe"}}).front(), "a");
  EXPECT_EQ(Ids({{"q", "red shoes"}, {"num_typos", 0}, {"drop_tokens_threshold", 0}}).size(), 0U);
  Rule(R"({"rule":{"query":"鞋","match":"contains"},"replace_query":"belt"})");
  EXPECT_THAT(Ids({{"q", "红鞋"}}), ElementsAre("e"));
}

TEST_F(MerchandisingTest, SymbolsCountInTheQueryOfARule) {
  const auto fires = [this](const char* query) {
    const auto ids = Ids({{"q", query}});
    return !ids.empty() && ids.front() == "e";
  };
  for (const std::string match : {"exact", "contains"}) {
    const auto rule = [&](const std::string& query) {
      Rule(R"({"rule":{"query":")" + query + R"(","match":")" + match +
           R"("},"includes":[{"id":"e","position":1}]})");
    };
    rule("Shoe+");
    EXPECT_TRUE(fires("shoe+")) << match;
    EXPECT_EQ(fires("red shoe+ x"), match == "contains");
    for (const char* query : {"shoe", "shoe++", "+shoe", "shoe#"}) {
      EXPECT_FALSE(fires(query)) << match << ' ' << query;
    }
    rule("shoe");
    EXPECT_TRUE(fires("shoe, !")) << match << ": punctuation does not count";
    for (const char* query : {"shoe+", "#shoe", "r&shoe"}) {
      EXPECT_FALSE(fires(query)) << match << ' ' << query;
    }
    for (const std::string query : {"!!!", "★", "&"}) {
      rule(query);
      EXPECT_TRUE(fires(query.c_str())) << match << ' ' << query;
      EXPECT_FALSE(fires("*")) << match << ' ' << query << " is not everything";
      EXPECT_FALSE(fires("shoe")) << match << ' ' << query;
    }
    rule("*");
    EXPECT_TRUE(fires("*") && fires("")) << match;
    EXPECT_FALSE(fires("shoe") || fires("★")) << match;
  }
}

TEST_F(MerchandisingTest, WordsThatBecameAFilterAreTakenOutOfTheQuery) {
  Rule(R"({"rule":{"query":"{brand} shoe","match":"contains"},"filter_by":"brand:={brand}"})");
  const Json answer = Search({{"q", "acme sports shoe blue"}});
  EXPECT_EQ(answer["request_params"]["q"], "blue");
  EXPECT_EQ(answer["request_params"]["first_q"], "acme sports shoe blue");
  EXPECT_THAT(IdsOf(answer), ElementsAre("b")) << "the longest value counts, not just `acme`";
  EXPECT_EQ(Search({{"q", "peak shoe"}})["request_params"]["q"], "*");
  EXPECT_THAT(Ids({{"q", "peak shoe"}}), ElementsAre("c", "d"));
  EXPECT_EQ(Search({{"q", "unknown shoe"}})["request_params"]["q"], "unknown shoe");
}

TEST_F(MerchandisingTest, ARulesFilterStaysBesideTheRequests) {
  Rule(R"({"rule":{"query":"shoe","match":"exact"},"filter_by":"brand:=Peak",
           "remove_matched_tokens":false})");
  EXPECT_THAT(Ids({{"filter_by", "rank:>6"}}), ElementsAre("c"));
  EXPECT_THAT(Ids({{"filter_by", "rank:=9 || rank:=7"}}), ElementsAre("c"));
}

TEST_F(MerchandisingTest, RulesLookAtFiltersTagsAndTheClock) {
  Rule(R"({"rule":{"filter_by":"rank:>6"},"excludes":[{"id":"a"}]})");
  EXPECT_THAT(Ids({{"filter_by", "rank: > 6"}}), ElementsAre("b", "c"));
  EXPECT_THAT(Ids({{"filter_by", "rank:>7"}}), ElementsAre("a", "b"));
  Rule(R"({"rule":{"tags":["vip"]},"sort_by":"rank:asc"})");
  EXPECT_EQ(Ids({{"override_tags", "other,vip"}}).front(), "d");
  EXPECT_EQ(Ids({{"curation_tags", "other"}}).front(), "a");
  EXPECT_EQ(Ids({}).front(), "a");
  Rule(R"({"rule":{"query":"shoe","match":"exact"},"excludes":[{"id":"a"}],
           "effective_from_ts":1,"effective_to_ts":2})");
  EXPECT_EQ(Ids({}).front(), "a");
  Rule(R"({"rule":{"query":"shoe","match":"exact"},"excludes":[{"id":"a"}],
           "effective_from_ts":1,"effective_to_ts":99999999999})");
  EXPECT_EQ(Ids({}).front(), "b");
}

TEST_F(MerchandisingTest, RulesApplyInTheOrderOfTheirIdsUntilOneStops) {
  node_.Get("PUT", "/curation_sets/s",
            R"({"items":[
      {"id":"3","rule":{"query":"shoe","match":"contains"},"excludes":[{"id":"c"}]},
      {"id":"2","rule":{"query":"shoe","match":"contains"},"excludes":[{"id":"b"}],
       "metadata":{"y":2}},
      {"id":"1","rule":{"query":"shoe","match":"contains"},"excludes":[{"id":"a"}],
       "stop_processing":false,"metadata":{"x":1}}]})");
  const Json answer = Search({{"curation_sets", "s,missing"}});
  EXPECT_THAT(IdsOf(answer), ElementsAre("c", "d"));
  EXPECT_EQ(answer["metadata"], Json::parse(R"({"x":1,"y":2})"));
  EXPECT_THAT(Ids({{"curation_sets", "s"}, {"pinned_hits", "b:1"}}), ElementsAre("b", "c", "d"))
      << "what a request pins wins over what a rule hides";
  EXPECT_FALSE(Search({}).contains("metadata"));
  node_.Get("PATCH", "/collections/shop", R"({"curation_sets":["s"]})");
  EXPECT_THAT(Ids({}), ElementsAre("c", "d"));
}

TEST_F(MerchandisingTest, APlaceZeroIsTheFirst) {
  Rule(R"({"rule":{"query":"shoe","match":"exact"},
           "includes":[{"id":"d","position":1},{"id":"c","position":0}]})");
  EXPECT_THAT(Ids({}), ElementsAre("c", "d", "a", "b"));
  EXPECT_EQ(node_.Get("GET", "/collections/shop/overrides/r")["includes"][1]["position"], 0);
}

TEST_F(MerchandisingTest, ItemsAlwaysHaveTheMembersThatTypedClientsWant) {
  const Json synonym = Json::parse(R"({"id":"1","root":"","synonyms":["a","b"]})");
  const Json rule = Json::parse(
      R"({"id":"1","rule":{"query":"shoe","match":"exact"},"filter_by":"rank:>6","includes":[],
          "excludes":[],"remove_matched_tokens":true,"filter_curated_hits":false,
          "stop_processing":true})");
  EXPECT_EQ(node_.Get("PUT", "/synonym_sets/s", R"({"items":[{"id":"1","synonyms":["a","b"]}]})"),
            Json({{"name", "s"}, {"items", Json::array({synonym})}}));
  EXPECT_EQ(node_.Get("PUT", "/synonym_sets/s/items/1", R"({"synonyms":["a","b"]})"), synonym);
  EXPECT_EQ(node_.Get("GET", "/synonym_sets/s/items/1"), synonym);
  EXPECT_EQ(node_.Get("PUT", "/curation_sets/s",
                      R"({"items":[{"id":"1","rule":{"query":"shoe","match":"exact"},
                                    "filter_by":"rank:>6"}]})"),
            Json({{"name", "s"}, {"items", Json::array({rule})}}));
  EXPECT_EQ(node_.Get("GET", "/curation_sets/s/items"), Json::array({rule}));
}

TEST_F(MerchandisingTest, OlderClientsGetBackWhatTheySent) {
  const char* const rule = R"({"rule":{"query":"shoe","match":"exact"},"filter_by":"rank:>6"})";
  Json echo = Json::parse(rule);
  echo["id"] = "r";
  EXPECT_EQ(node_.Get("PUT", "/collections/shop/overrides/r", rule), echo);
  EXPECT_EQ(node_.Get("GET", "/collections/shop/overrides/r")["excludes"], Json::array());
  EXPECT_EQ(node_.Get("PUT", "/collections/shop/synonyms/s", R"({"synonyms":["a","b"]})"),
            Json::parse(R"({"id":"s","synonyms":["a","b"]})"));
  EXPECT_EQ(node_.Get("GET", "/collections/shop/synonyms/s")["root"], "");
}

TEST_F(MerchandisingTest, AUnionSaysWhatEachOfItsSearchesDid) {
  Rule(R"({"rule":{"query":"boot","match":"exact"},"replace_query":"shoe"})");
  const Json answer = node_.Get("POST", "/multi_search", R"({"union":true,"searches":[
      {"collection":"shop","q":"boot","query_by":"title"},
      {"collection":"shop","q":"belt","query_by":"title"}]})");
  EXPECT_EQ(answer["found"], 5);
  EXPECT_EQ(answer["union_request_params"], Json::parse(R"([
      {"collection":"shop","collection_name":"shop","first_q":"boot","found":4,"per_page":10,
       "q":"shoe"},
      {"collection":"shop","collection_name":"shop","first_q":"belt","found":1,"per_page":10,
       "q":"belt"}])"));
}

TEST_F(MerchandisingTest, BadRulesAreRefusedByName) {
  for (const std::string rule :
       {R"({})", R"({"rule":{}})", R"({"rule":{"query":"x"},"sort_by":"rank:asc"})",
        R"({"rule":{"query":"x","match":"near"},"sort_by":"rank:asc"})",
        R"({"rule":{"query":"x","match":"exact"}})",
        R"({"rule":{"query":"x","match":"exact"},"includes":[{"id":"a"}]})",
        R"({"rule":{"query":"x","match":"exact"},"includes":[{"id":"a","position":-1}]})",
        R"({"rule":{"query":"x","match":"exact"},"stop_processing":"no","sort_by":"x"})"}) {
    EXPECT_EQ(node_.Ask("PUT", "/collections/shop/overrides/r", rule).status, 400) << rule;
  }
  EXPECT_EQ(node_.Ask("PUT", "/synonym_sets/s", R"({"items":[{"id":"1","synonyms":[]}]})").status,
            400);
  EXPECT_EQ(node_.Ask("PUT", "/presets/p", R"({"value":7})").status, 400);
}

TEST_F(MerchandisingTest, SymbolsOfASynonymTellItsWordsFromOthers) {
  const auto expect_found = [this](const Json& parameters) {
    const auto found = [&](const char* query) {
      Json asked = parameters;
      asked["q"] = query;
      return Search(asked)["found"];
    };
    EXPECT_EQ(found("f+"), 4);
    EXPECT_EQ(found("F"), 0);
    EXPECT_EQ(found("+f"), 0);
  };
  const char* const synonym =
      R"({"root":"f+","synonyms":["shoe"],"locale":"en","symbols_to_index":["+"]})";
  node_.Get("PUT", "/collections/shop/synonyms/s", synonym);
  expect_found({{"prefix", false}});
  EXPECT_EQ(node_.Get("GET", "/collections/shop/synonyms/s")["locale"], "en");
  node_.Get("DELETE", "/collections/shop/synonyms/s");
  node_.Get("PUT", "/synonym_sets/sizes", R"({"items":[{"id":"x","synonyms":["x","y"]}]})");
  node_.Get("PUT", "/synonym_sets/sizes/items/s", synonym);
  expect_found({{"prefix", false}, {"synonym_sets", "sizes"}});
  const HttpReply refused =
      node_.Ask("PUT", "/synonym_sets/sizes/items/s",
                R"({"root":"a","synonyms":["b"],"symbols_to_index":["plus"]})");
  EXPECT_EQ(refused.status, 400);
  EXPECT_THAT(refused.body, testing::HasSubstr("symbols_to_index"));
}

TEST_F(MerchandisingTest, ASynonymThatIsOnlyASymbolWorksBothWays) {
  for (const char* symbols : {"[]", R"(["&"])"}) {
    SCOPED_TRACE(symbols);
    node_.Get("POST", "/collections",
              std::string(R"({"name":"music","symbols_to_index":)") + symbols +
                  R"(,"fields":[{"name":"title","type":"string"}]})");
    node_.Get("POST", "/collections/music/documents", R"({"id":"1","title":"rock & roll"})");
    node_.Get("POST", "/collections/music/documents", R"({"id":"2","title":"rock and roll"})");
    node_.Get("PUT", "/collections/music/synonyms/s",
              R"({"synonyms":["&","and"],"symbols_to_index":["&"]})");
    for (const char* query : {"rock & roll", "rock and roll", "&", "and"}) {
      const Json answer = node_.Search(
          "music", {{"q", query}, {"query_by", "title"}, {"drop_tokens_threshold", 0}});
      EXPECT_EQ(answer["found"], 2) << query;
    }
    node_.Get("DELETE", "/collections/music");
  }
}

TEST_F(MerchandisingTest, ACollectionsOwnRulesGoWithIt) {
  Rule(R"({"rule":{"query":"shoe","match":"exact"},"excludes":[{"id":"a"}]})");
  EXPECT_EQ(node_.Get("GET", "/curation_sets").size(), 1U);
  EXPECT_EQ(node_.Ask("PUT", "/collections/nowhere/overrides/r", "{}").status, 404);
  node_.Get("DELETE", "/collections/shop");
  EXPECT_THAT(node_.Get("GET", "/curation_sets"), IsEmpty());
}

}  // namespace
}  // namespace cacheindex::test
