#include <gmock/gmock.h>

#include <string>
#include <vector>

#include "tests/node/running_node.h"

namespace cacheindex::test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

constexpr const char* kSchema = R"({"name":"things","enable_nested_fields":true,"fields":[
  {"name":"title","type":"string"},
  {"name":"size","type":"string","facet":true},
  {"name":"code","type":"string"},
  {"name":"rank","type":"int32"},
  {"name":"parts","type":"object[]","optional":true},
  {"name":"parts.grade","type":"string[]","facet":true,"optional":true}]})";

// Values that only signs tell apart, as shops have them.
class ValuesTest : public testing::Test {
 protected:
  ValuesTest() {
    node_.Get("POST", "/collections", kSchema);
    Write("a", "12", "C", 1, "A");
    Write("b", "1-2", "C++", 2, "A+++");
    Write("c", "3-4", "★★★★★", 3, "A+");
    Write("d", "-2.50", "", 4, "東京");
    Write("e", "2.50", "KC-2500", 5, "京東");
  }

  void Write(const std::string& id, const std::string& size, const std::string& code, int rank,
             const std::string& grade) {
    const Json document = {{"id", id},     {"title", "thing " + code},
                           {"size", size}, {"code", code},
                           {"rank", rank}, {"parts", {{{"grade", grade}}, {{"grade", "other"}}}}};
    node_.Get("POST", "/collections/things/documents", DumpJson(document));
  }

  static std::vector<std::string> IdsOf(const Json& answer) {
    std::vector<std::string> ids;
    for (const Json& hit : answer["hits"]) {
      ids.push_back(hit["document"]["id"].get<std::string>());
    }
    return ids;
  }
  Json Search(Json parameters) {
    parameters.emplace("q", "*");
    parameters.emplace("sort_by", "rank:asc");
    return node_.Search("things", parameters);
  }
  std::vector<std::string> Find(const std::string& filter_by) {
    return IdsOf(Search({{"filter_by", filter_by}}));
  }
  // The values that a facet shows, marked, each with its count.
  static std::vector<std::string> ShownIn(const Json& facet) {
    std::vector<std::string> shown;
    for (const Json& value : facet["counts"]) {
      shown.push_back(value["highlighted"].get<std::string>() + ":" + DumpJson(value["count"]));
    }
    return shown;
  }

  RunningNode node_;
};

TEST_F(ValuesTest, FiltersTellApartWhatFacetsCountApart) {
  const Json answer = Search({{"facet_by", "size"}});
  for (const Json& value : answer["facet_counts"][0]["counts"]) {
    const auto size = value["value"].get<std::string>();
    EXPECT_EQ(Find("size:=[`" + size + "`]").size(), value["count"].get<std::size_t>()) << size;
    EXPECT_EQ(Find("size:!=[`" + size + "`]").size(), 4U) << size;
  }
  EXPECT_THAT(Find("size:=12"), ElementsAre("a"));
  EXPECT_THAT(Find("size:!=12"), ElementsAre("b", "c", "d", "e"));
  EXPECT_THAT(Find("code:=c"), ElementsAre("a"));
  EXPECT_THAT(Find("code:=c++"), ElementsAre("b"));
  EXPECT_THAT(Find("code:=★★★★★"), ElementsAre("c"));
  EXPECT_THAT(Find("code:=``"), ElementsAre("d"));
  EXPECT_THAT(Find("code:!=``"), ElementsAre("a", "b", "c", "e"));
  EXPECT_THAT(Find("code:★"), ElementsAre("c"));
  EXPECT_THAT(Find("code:?"), IsEmpty());
  EXPECT_THAT(Find("parts.{grade:=A}"), ElementsAre("a"));
  EXPECT_THAT(Find("parts.grade:=[`A+++`,`A+`]"), ElementsAre("b", "c"));
  EXPECT_THAT(IdsOf(Search({{"sort_by", "_eval(parts.grade:=`A+++`):desc,rank:asc"}})),
              ElementsAre("b", "a", "c", "d", "e"));
  EXPECT_THAT(IdsOf(Search({{"q", "kc2500"}, {"query_by", "code"}})), ElementsAre("e"))
      << "a search is not a filter";
}

TEST_F(ValuesTest, PrefixesMayFollowQuotedValues) {
  EXPECT_THAT(Find("size:=`1`*"), ElementsAre("a", "b"));
  EXPECT_THAT(Find("size:=[`1-`*,`3`*]"), ElementsAre("b", "c"));
  EXPECT_THAT(Find("title:`thing k`*"), ElementsAre("e"));
  EXPECT_THAT(Find("title:=`thing c+`*"), ElementsAre("b"));
  const HttpReply reply =
      node_.Ask("GET", "/collections/things/documents/search?q=*&filter_by=rank:%601%60*");
  EXPECT_EQ(reply.status, 400);
  EXPECT_THAT(reply.body, HasSubstr("rank"));
}

TEST_F(ValuesTest, WritesByFilterTakeOnlyTheVeryValue) {
  EXPECT_EQ(node_.Get("PATCH", "/collections/things/documents?filter_by=size:=12",
                      R"({"rank":9})")["num_updated"],
            1);
  EXPECT_THAT(Find("rank:9"), ElementsAre("a"));
  EXPECT_EQ(
      node_.Get("DELETE", "/collections/things/documents?filter_by=size:=2.50")["num_deleted"], 1);
  EXPECT_THAT(Find("size:=[`-2.50`,`2.50`]"), ElementsAre("d"));
}

TEST_F(ValuesTest, ACurationsFilterMeansTheVeryValue) {
  node_.Get("PUT", "/curation_sets/s", R"({"items":[
      {"id":"1","rule":{"query":"size {size}","match":"exact"},"filter_by":"size:={size}"}]})");
  node_.Get("PATCH", "/collections/things", R"({"curation_sets":["s"]})");
  EXPECT_THAT(IdsOf(Search({{"q", "size 1-2"}, {"query_by", "title"}})), ElementsAre("b"));
  EXPECT_THAT(IdsOf(Search({{"q", "size 12"}, {"query_by", "title"}})), ElementsAre("a"));
}

TEST_F(ValuesTest, FacetQueriesKeepTheOrderOfCharactersAndFindSigns) {
  const auto queried = [&](const std::string& text) {
    return ShownIn(Search(
        {{"facet_by", "parts.grade"}, {"facet_query", "parts.grade:" + text}})["facet_counts"][0]);
  };
  EXPECT_THAT(queried("京東"), ElementsAre("<mark>京</mark><mark>東</mark>:1"));
  EXPECT_THAT(queried("+"), UnorderedElementsAre("A<mark>+</mark>:1",
                                                 "A<mark>+</mark><mark>+</mark><mark>+</mark>:1"));
  EXPECT_THAT(queried("★"), IsEmpty());
}

TEST_F(ValuesTest, FacetsOfAUnionAreMerged) {
  node_.Get("POST", "/collections", R"({"name":"others","fields":[
      {"name":"size","type":"string","facet":true},
      {"name":"rank","type":"int32","facet":true},
      {"name":"brand","type":"string","facet":true}]})");
  node_.Get("POST", "/collections/others/documents",
            R"({"id":"a","size":"1-2","rank":7,"brand":"Acme"})");
  const Json things = {{"collection", "things"}, {"q", "*"}, {"facet_by", "size"}};
  Json few = things;
  few["filter_by"] = "rank:<3";
  const Json others = {{"collection", "others"}, {"q", "*"}, {"facet_by", "size,rank,brand"}};
  const auto ask = [&](const Json& body) {
    return node_.Get("POST", "/multi_search", DumpJson(body));
  };
  Json body = {{"union", true}, {"searches", {things, few, others}}};
  Json answer = ask(body);
  EXPECT_EQ(answer["found"], 6);
  ASSERT_EQ(answer["facet_counts"].size(), 3U);
  EXPECT_EQ(answer["facet_counts"][0]["field_name"], "size");
  EXPECT_EQ(answer["facet_counts"][0]["stats"]["total_values"], 5);
  EXPECT_THAT(ShownIn(answer["facet_counts"][0]),
              ElementsAre("1-2:2", "12:1", "3-4:1", "2.50:1", "-2.50:1"));
  EXPECT_EQ(answer["facet_counts"][1]["stats"],
            Json::parse(R"({"avg":7.0,"max":7.0,"min":7.0,"sum":7.0,"total_values":1})"));
  EXPECT_THAT(ShownIn(answer["facet_counts"][2]), ElementsAre("Acme:1"));

  body["remove_duplicates"] = false;
  EXPECT_THAT(ShownIn(ask(body)["facet_counts"][0]),
              ElementsAre("1-2:3", "12:2", "3-4:1", "2.50:1", "-2.50:1"));
  body["searches"][1]["facet_by"] = "size(sort_by:_alpha:asc)";
  answer = ask(body);
  EXPECT_EQ(answer["code"], 400);
  EXPECT_THAT(answer["error"].get<std::string>(), HasSubstr("`size`"));
  body = {{"union", true}, {"searches", {{{"collection", "things"}, {"q", "*"}}}}};
  EXPECT_EQ(ask(body)["facet_counts"], Json::array());
}

TEST_F(ValuesTest, FacetsOfAGroupedUnionCountGroups) {
  const Json things = {
      {"collection", "things"}, {"q", "*"}, {"facet_by", "parts.grade"}, {"group_by", "rank"}};
  const Json answer = node_.Get("POST", "/multi_search",
                                DumpJson({{"union", true}, {"searches", {things, things}}}));
  EXPECT_EQ(answer["found"], 5);
  EXPECT_THAT(ShownIn(answer["facet_counts"][0])[0], "other:5");
}

}  // namespace
}  // namespace cacheindex::test
