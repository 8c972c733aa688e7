// What pages read: by name and place, as the document has it.

#include <gmock/gmock.h>

#include <string>

#include "tests/node/running_node.h"

namespace cacheindex::test {
namespace {

Json Plain(const std::string& text) {
  return {{"matched_tokens", Json::array()}, {"snippet", text}};
}

Json Marked(const std::string& snippet, const std::string& token) {
  return {{"matched_tokens", {token}}, {"snippet", snippet}};
}

class HighlightTest : public testing::Test {
 protected:
  Json HitFor(const Json& schema, const Json& document, Json parameters) {
    node_.Get("POST", "/collections", DumpJson(schema));
    node_.Get("POST", "/collections/things/documents", DumpJson(document));
    const Json answer = node_.Search("things", parameters);
    EXPECT_EQ(answer["found"], 1);
    return answer["hits"].empty() ? Json::object() : answer["hits"][0];
  }

  RunningNode node_;
};

TEST_F(HighlightTest, AnArrayIsShownWhole) {
  const Json hit =
      HitFor({{"name", "things"}, {"fields", {{{"name", "categories"}, {"type", "string[]"}}}}},
             {{"id", "1"}, {"categories", {"SIM Cards", nullptr, "Cell Phones", "Prepaid"}}},
             {{"q", "phone"}, {"query_by", "categories"}, {"highlight_full_fields", "categories"}});
  const Json& shown = hit["highlight"]["categories"];
  ASSERT_EQ(shown.size(), 4U);
  EXPECT_EQ(shown[0]["snippet"], "SIM Cards");
  EXPECT_EQ(shown[0]["value"], "SIM Cards");
  EXPECT_EQ(shown[0]["matched_tokens"], Json::array());
  EXPECT_EQ(shown[1]["snippet"], "");
  EXPECT_EQ(shown[2]["value"], "Cell <mark>Phone</mark>s");
  EXPECT_EQ(shown[2]["matched_tokens"], Json::array({"Phones"}));
  EXPECT_EQ(shown[3]["snippet"], "Prepaid");
  EXPECT_EQ(hit["highlights"], Json::array({{{"field", "categories"},
                                             {"indices", {2}},
                                             {"matched_tokens", {{"Phones"}}},
                                             {"snippets", {"Cell <mark>Phone</mark>s"}},
                                             {"values", {"Cell <mark>Phone</mark>s"}}}}));
}

TEST_F(HighlightTest, ObjectsInArraysKeepTheirPlaces) {
  const Json hit = HitFor(
      {{"name", "things"},
       {"enable_nested_fields", true},
       {"fields", {{{"name", "v"}, {"type", "object[]"}}}}},
      Json::parse(R"({"id": "1", "v": [{"c": "blue", "n": 1}, {"c": "red", "w": ["s", "red m"]},
                                       {"n": 2}, {"d": [{"e": "red"}, {"e": "green"}]}]})"),
      {{"q", "red"}, {"query_by", "v"}});
  EXPECT_EQ(hit["highlight"]["v"],
            Json::array({{{"c", Plain("blue")}},
                         {{"c", Marked("<mark>red</mark>", "red")},
                          {"w", {Plain("s"), Marked("<mark>red</mark> m", "red")}}},
                         Json::object(),
                         {{"d", Json::array({{{"e", Marked("<mark>red</mark>", "red")}},
                                             {{"e", Plain("green")}}})}}}));
  EXPECT_EQ(hit["highlights"], Json::array());
}

TEST_F(HighlightTest, FlatDottedNamesAreKeys) {
  const Json hit = HitFor({{"name", "things"},
                           {"fields",
                            {{{"name", "hierarchy.lvl0"}, {"type", "string"}},
                             {{"name", "hierarchy.lvl1"}, {"type", "string"}},
                             {{"name", "hierarchy.tags"}, {"type", "string[]"}}}}},
                          {{"id", "1"},
                           {"hierarchy", {{"lvl0", "Guide"}, {"lvl1", "Install it"}}},
                           {"hierarchy.lvl0", "Guide"},
                           {"hierarchy.lvl1", "Install it"},
                           {"hierarchy.tags", {"setup", "install"}}},
                          {{"q", "install"},
                           {"query_by", "hierarchy.lvl0,hierarchy.lvl1,hierarchy.tags"},
                           {"highlight_full_fields", "hierarchy.lvl1"}});
  EXPECT_EQ(hit["highlight"]["hierarchy.lvl1"]["value"], "<mark>Install</mark> it");
  EXPECT_EQ(hit["highlight"]["hierarchy.tags"],
            Json::array({Plain("setup"), Marked("<mark>install</mark>", "install")}));
  EXPECT_FALSE(hit["highlight"].contains("hierarchy"));
  EXPECT_FALSE(hit["highlight"].contains("hierarchy.lvl0"));
  ASSERT_EQ(hit["highlights"].size(), 2U);
  EXPECT_EQ(hit["highlights"][0]["field"], "hierarchy.lvl1");
  EXPECT_EQ(hit["highlights"][0]["snippet"], "<mark>Install</mark> it");
  EXPECT_EQ(hit["highlights"][1]["field"], "hierarchy.tags");
  EXPECT_EQ(hit["highlights"][1]["indices"], Json::array({1}));
}

TEST_F(HighlightTest, TheDocumentThatIsShownIsTheOneThatIsMarked) {
  Json parameters = {{"q", "red"}, {"query_by", "title,v"}, {"include_fields", "v.c"}};
  const Json hit = HitFor(
      {{"name", "things"},
       {"enable_nested_fields", true},
       {"fields",
        {{{"name", "title"}, {"type", "string"}}, {{"name", "v"}, {"type", "object[]"}}}}},
      Json::parse(R"({"id": "1", "title": "red", "v": [{"n": 1}, {"c": "red", "d": "red"}]})"),
      parameters);
  EXPECT_EQ(hit["document"], Json::parse(R"({"v": [{"c": "red"}]})"));
  const Json marked = Marked("<mark>red</mark>", "red");
  EXPECT_EQ(hit["highlight"], Json({{"v", Json::array({{{"c", marked}}})}}));
  parameters = {{"q", "red"}, {"query_by", "title,v"}, {"exclude_fields", "v"}};
  const auto highlight = [&] { return node_.Search("things", parameters)["hits"][0]["highlight"]; };
  EXPECT_EQ(highlight(), Json({{"title", marked}}));
  parameters["highlight_fields"] = "v.c";
  EXPECT_EQ(highlight(), Json({{"v", Json::array({Json::object(), {{"c", marked}}})}}))
      << "who names it gets it";
  parameters.erase("highlight_fields");
  parameters["highlight_full_fields"] = "v.c";
  EXPECT_EQ(highlight()["v"][1]["c"]["value"], "<mark>red</mark>");
}

TEST_F(HighlightTest, AHugeArrayCostsLittle) {
  Json tags(65'536, "blue");
  tags[65'535] = "red";
  const Json hit =
      HitFor({{"name", "things"}, {"fields", {{{"name", "tags"}, {"type", "string[]"}}}}},
             {{"id", "1"}, {"tags", tags}}, {{"q", "red"}, {"query_by", "tags"}});
  const Json& shown = hit["highlight"]["tags"];
  ASSERT_EQ(shown.size(), 65'536U);
  EXPECT_EQ(shown[0], Plain("blue"));
  EXPECT_EQ(shown[65'534], nullptr);
  EXPECT_EQ(shown[65'535]["snippet"], "<mark>red</mark>");
  EXPECT_LT(DumpJson(hit["highlight"]).size(), std::size_t{1} << 20);
}

}  // namespace
}  // namespace cacheindex::test
