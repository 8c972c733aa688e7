#include "api/search_response.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <random>

#include "api/json_writer.h"
#include "node/core/json.h"

namespace cacheindex::api {
namespace {

Json Write(const SearchRequest& request, const SearchPage& page) {
  std::string text;
  AppendSearchPage(text, request, page);
  Json parsed = Json::parse(text);
  EXPECT_EQ(parsed.dump(), text) << "compact, keys sorted";
  return parsed;
}

SearchPage SamplePage() {
  SearchPage page;
  page.collection_name = "products_v2";
  page.found = 42;
  page.out_of = 100;
  page.search_time_ms = 3;
  SearchHit hit;
  hit.document = R"({"id":"1","title":"Red shoe"})";
  hit.text_match = TextMatch{.score = 578730123365711993,
                             .best_field_score = 1108091339008,
                             .best_field_weight = 15,
                             .fields_matched = 1,
                             .tokens_matched = 2,
                             .num_tokens_dropped = 0};
  using Kind = HighlightTree::Kind;
  const HighlightTree red{
      .kind = Kind::kText,
      .text = {.snippet = "<mark>Red</mark> shoe", .value = {}, .matched_tokens = {"Red"}},
      .parts = {}};
  const HighlightTree brand{
      .kind = Kind::kObject, .text = {}, .parts = {{"city", 0, red}, {"name", 0, red}}};
  HighlightTree whole = red;
  whole.text.value = "whole";
  HighlightTree plain = whole;
  plain.text.matched_tokens.clear();
  const HighlightTree tags{
      .kind = Kind::kArray, .text = {}, .parts = {{"", 0, plain}, {"", 2, whole}}};
  const HighlightTree variants{
      .kind = Kind::kArray, .text = {}, .parts = {{"", 0, HighlightTree()}, {"", 1, brand}}};
  hit.highlights.tree.parts = {{"brand", 0, brand},
                               {"brand.name", 0, red},
                               {"tags", 0, tags},
                               {"title", 0, red},
                               {"variants", 0, variants}};
  hit.highlights.members = {"title", "brand.name", "tags"};
  page.hits.push_back(hit);
  page.facet_counts.push_back({"brand", {{"Acme", "<mark>Ac</mark>me", 7, ""}}, std::nullopt, 1});
  page.facet_counts.push_back({"price", {}, FacetStatistics{1, 9.5, 100, 5.25}, 12});
  return page;
}

TEST(SearchResponseTest, HasTheContractsShape) {
  SearchRequest request;
  request.collection = "products";
  request.query = "red";
  const Json expected = Json::parse(R"({
    "facet_counts":[
      {"counts":[{"count":7,"highlighted":"<mark>Ac</mark>me","value":"Acme"}],
       "field_name":"brand","sampled":false,"stats":{"total_values":1}},
      {"counts":[],"field_name":"price","sampled":false,
       "stats":{"avg":5.25,"max":9.5,"min":1.0,"sum":100.0,"total_values":12}}],
    "found":42,
    "hits":[{
      "document":{"id":"1","title":"Red shoe"},
      "highlight":{
        "brand":{"city":{"matched_tokens":["Red"],"snippet":"<mark>Red</mark> shoe"},
                 "name":{"matched_tokens":["Red"],"snippet":"<mark>Red</mark> shoe"}},
        "brand.name":{"matched_tokens":["Red"],"snippet":"<mark>Red</mark> shoe"},
        "tags":[{"matched_tokens":[],"snippet":"<mark>Red</mark> shoe","value":"whole"},null,
                {"matched_tokens":["Red"],"snippet":"<mark>Red</mark> shoe","value":"whole"}],
        "title":{"matched_tokens":["Red"],"snippet":"<mark>Red</mark> shoe"},
        "variants":[{},
          {"city":{"matched_tokens":["Red"],"snippet":"<mark>Red</mark> shoe"},
           "name":{"matched_tokens":["Red"],"snippet":"<mark>Red</mark> shoe"}}]},
      "highlights":[
        {"field":"title","matched_tokens":["Red"],"snippet":"<mark>Red</mark> shoe"},
        {"field":"brand.name","matched_tokens":["Red"],"snippet":"<mark>Red</mark> shoe"},
        {"field":"tags","indices":[2],"matched_tokens":[["Red"]],
         "snippets":["<mark>Red</mark> shoe"],"values":["whole"]}],
      "text_match":578730123365711993,
      "text_match_info":{"best_field_score":"1108091339008","best_field_weight":15,
        "fields_matched":1,"num_tokens_dropped":0,"score":"578730123365711993",
        "tokens_matched":2,"typo_prefix_score":0}}],
    "out_of":100,"page":1,
    "request_params":{"collection_name":"products_v2","first_q":"red","per_page":10,"q":"red"},
    "search_cutoff":false,"search_time_ms":3})");
  EXPECT_EQ(Write(request, SamplePage()), expected);
}

TEST(SearchResponseTest, LeavesOutWhatIsExcludedOrOff) {
  SearchRequest request;
  request.exclude_fields = {"out_of", "search_time_ms"};
  request.enable_highlight_v1 = false;
  request.offset = 20;
  SearchPage page = SamplePage();
  page.hits[0].text_match.reset();
  page.search_cutoff = true;
  const Json answer = Write(request, page);
  EXPECT_FALSE(answer.contains("out_of"));
  EXPECT_FALSE(answer.contains("search_time_ms"));
  EXPECT_FALSE(answer.contains("page"));
  EXPECT_EQ(answer["offset"], 20);
  EXPECT_EQ(answer["search_cutoff"], true);
  EXPECT_FALSE(answer["hits"][0].contains("highlights"));
  EXPECT_FALSE(answer["hits"][0].contains("text_match"));
}

TEST(SearchResponseTest, AMatchAllHitHasEmptyHighlights) {
  SearchPage page;
  page.hits.push_back({R"({"id":"1"})", {}, false, std::nullopt, {}});
  const Json hit = Write(SearchRequest(), page)["hits"][0];
  EXPECT_EQ(hit["highlight"], Json::object());
  EXPECT_EQ(hit["highlights"], Json::array());
}

TEST(SearchResponseTest, GroupsStandInPlaceOfHits) {
  SearchRequest request;
  request.group_by = {"brand"};
  SearchPage page;
  page.found = 1;
  page.found_documents = 3;
  page.groups.push_back({R"(["Acme"])", 3, {}});
  page.groups[0].hits.push_back({R"({"id":"1"})", {}, false, std::nullopt, {{"at", 1250}}});
  const Json answer = Write(request, page);
  EXPECT_FALSE(answer.contains("hits"));
  EXPECT_EQ(answer["found"], 1);
  EXPECT_EQ(answer["found_docs"], 3);
  EXPECT_EQ(answer["grouped_hits"][0]["group_key"], Json::array({"Acme"}));
  EXPECT_EQ(answer["grouped_hits"][0]["found"], 3);
  EXPECT_EQ(answer["grouped_hits"][0]["hits"][0]["geo_distance_meters"], Json({{"at", 1250}}));
}

TEST(SearchResponseTest, AFacetValueShowsItsParent) {
  SearchPage page;
  page.facet_counts.push_back(
      {"color.name", {{"red", "red", 1, R"({"h":9,"name":"red"})"}}, std::nullopt, 1});
  const Json answer = Write(SearchRequest(), page);
  EXPECT_EQ(answer["facet_counts"][0]["counts"][0]["parent"]["h"], 9);
}

TEST(JsonWriterTest, WritesWhatReadsBackAsTheSameText) {
  const unsigned seed = std::random_device()();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random(seed);
  const std::vector<std::string> pieces = {
      "a", "\"", "\\", "\n", "\x01", "\x7F", "é", "京", "/", "\xF0\x9F\x98\x80", "\t", " "};
  for (int i = 0; i < 5000; ++i) {
    std::string text;
    for (std::size_t k = random() % 20; k > 0; --k) {
      text += pieces[random() % pieces.size()];
    }
    std::string written;
    AppendJsonString(written, text);
    ASSERT_EQ(Json::parse(written).get<std::string>(), text);
    ASSERT_EQ(written, Json(text).dump());
  }
}

TEST(JsonWriterTest, WritesValidJsonForAnyBytes) {
  const unsigned seed = std::random_device()();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random(seed);
  for (int i = 0; i < 5000; ++i) {
    std::string bytes;
    for (std::size_t k = random() % 20; k > 0; --k) {
      bytes += static_cast<char>(random());
    }
    std::string written;
    AppendJsonString(written, bytes);
    ASSERT_TRUE(Json::accept(written)) << written;
  }
}

TEST(JsonWriterTest, WritesNumbersThatReadBackTheSame) {
  const auto write = [](double number) {
    std::string text;
    AppendJsonNumber(text, number);
    return text;
  };
  EXPECT_EQ(write(1), "1.0");
  EXPECT_EQ(write(-0.5), "-0.5");
  EXPECT_EQ(write(std::numeric_limits<double>::quiet_NaN()), "null");
  std::mt19937_64 random(7);
  for (int i = 0; i < 1000; ++i) {
    const double number =
        std::ldexp(static_cast<double>(random()), static_cast<int>(random() % 200) - 100);
    EXPECT_EQ(Json::parse(write(number)).get<double>(), number);
  }
}

}  // namespace
}  // namespace cacheindex::api
