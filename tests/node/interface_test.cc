#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <string>
#include <string_view>

#include "api/description.h"
#include "tests/node/running_node.h"
#include "tests/support/schema_validator.h"

namespace cacheindex::test {
namespace {

// One request to each operation, in an order in which all of them succeed.
struct Sample {
  std::string_view label;
  std::string target;
  std::string body = {};
};

std::vector<Sample> Samples(const std::string& snapshot_path) {
  const std::string rule =
      R"({"rule":{"query":"x","match":"exact"},"includes":[{"id":"1","position":1}]})";
  return {
      {"POST /collections", "/collections",
       R"({"name":"c","fields":[{"name":"title","type":"string"},
           {"name":"brand","type":"string","facet":true},
           {"name":"price","type":"int32","facet":true}]})"},
      {"GET /collections", "/collections"},
      {"GET /collections/:c", "/collections/c"},
      {"PATCH /collections/:c", "/collections/c",
       R"({"fields":[{"name":"extra","type":"string","optional":true}]})"},
      {"POST /collections/:c/documents", "/collections/c/documents?action=upsert",
       R"({"id":"1","title":"a shoe","brand":"b","price":5})"},
      {"POST /collections/:c/documents/import", "/collections/c/documents/import?return_id=true",
       R"({"id":"2","title":"a boot","brand":"b","price":6})"},
      {"GET /collections/:c/documents/export", "/collections/c/documents/export"},
      {"GET /collections/:c/documents/batch", "/collections/c/documents/batch?ids=1,7"},
      {"POST /collections/:c/documents/batch", "/collections/c/documents/batch",
       R"({"ids":["1","7"]})"},
      {"GET /collections/:c/documents/:id", "/collections/c/documents/1"},
      {"PATCH /collections/:c/documents/:id", "/collections/c/documents/1", R"({"price":7})"},
      {"PATCH /collections/:c/documents", "/collections/c/documents?filter_by=price:7",
       R"({"price":8})"},
      {"PUT /aliases/:alias", "/aliases/a", R"({"collection_name":"c"})"},
      {"GET /aliases/:alias", "/aliases/a"},
      {"GET /aliases", "/aliases"},
      {"DELETE /aliases/:alias", "/aliases/a"},
      {"POST /keys", "/keys", R"({"actions":["*"],"collections":["*"]})"},
      {"GET /keys", "/keys"},
      {"GET /keys/:id", "/keys/0"},
      {"DELETE /keys/:id", "/keys/0"},
      {"POST /limits", "/limits", R"({"action":"throttle","api_keys":[".*"],"max_requests_1m":9})"},
      {"GET /limits", "/limits"},
      {"GET /limits/:id", "/limits/1"},
      {"PUT /limits/:id", "/limits/1", R"({"action":"allow","ip_addresses":["::1"]})"},
      {"DELETE /limits/:id", "/limits/1"},
      {"GET /limits/active", "/limits/active"},
      {"GET /limits/exceeds", "/limits/exceeds"},
      {"PUT /presets/:name", "/presets/p", R"({"value":{"per_page":3}})"},
      {"GET /presets/:name", "/presets/p"},
      {"GET /presets", "/presets"},
      {"DELETE /presets/:name", "/presets/p"},
      {"PUT /stopwords/:name", "/stopwords/w", R"({"stopwords":["the"],"locale":"en"})"},
      {"GET /stopwords", "/stopwords"},
      {"GET /stopwords/:name", "/stopwords/w"},
      {"DELETE /stopwords/:name", "/stopwords/w"},
      {"POST /stemming/dictionaries/import", "/stemming/dictionaries/import?id=d",
       R"({"word":"mice","root":"mouse"})"},
      {"GET /stemming/dictionaries", "/stemming/dictionaries"},
      {"GET /stemming/dictionaries/:name", "/stemming/dictionaries/d"},
      {"DELETE /stemming/dictionaries/:name", "/stemming/dictionaries/d"},
      {"PUT /synonym_sets/:name", "/synonym_sets/s",
       R"({"items":[{"id":"i","synonyms":["a","b"],"root":"c"}]})"},
      {"GET /synonym_sets", "/synonym_sets"},
      {"GET /synonym_sets/:name", "/synonym_sets/s"},
      {"PUT /synonym_sets/:name/items/:id", "/synonym_sets/s/items/j",
       R"({"synonyms":["a"],"locale":"en","symbols_to_index":["+"]})"},
      {"GET /synonym_sets/:name/items/:id", "/synonym_sets/s/items/j"},
      {"GET /synonym_sets/:name/items", "/synonym_sets/s/items"},
      {"DELETE /synonym_sets/:name/items/:id", "/synonym_sets/s/items/j"},
      {"DELETE /synonym_sets/:name", "/synonym_sets/s"},
      {"PUT /curation_sets/:name", "/curation_sets/s",
       R"({"items":[{"id":"i","rule":{"tags":["t"]},"sort_by":"price:asc",
                    "metadata":{"x":1}}]})"},
      {"GET /curation_sets", "/curation_sets"},
      {"GET /curation_sets/:name", "/curation_sets/s"},
      {"PUT /curation_sets/:name/items/:id", "/curation_sets/s/items/j", rule},
      {"GET /curation_sets/:name/items/:id", "/curation_sets/s/items/j"},
      {"GET /curation_sets/:name/items", "/curation_sets/s/items"},
      {"PUT /collections/:c/synonyms/:id", "/collections/c/synonyms/s", R"({"synonyms":["a"]})"},
      {"GET /collections/:c/synonyms/:id", "/collections/c/synonyms/s"},
      {"GET /collections/:c/synonyms", "/collections/c/synonyms"},
      {"DELETE /collections/:c/synonyms/:id", "/collections/c/synonyms/s"},
      {"PUT /collections/:c/overrides/:id", "/collections/c/overrides/o", rule},
      {"GET /collections/:c/overrides/:id", "/collections/c/overrides/o"},
      {"GET /collections/:c/overrides", "/collections/c/overrides"},
      {"GET /collections/:c/documents/search",
       "/collections/c/documents/search?q=shoe&query_by=title&facet_by=brand,price&pinned_hits=2:1"
       "&curation_sets=s&curation_tags=t"},
      {"POST /multi_search", "/multi_search",
       R"({"searches":[{"collection":"c","q":"*","offset":0},{"collection":"nowhere","q":"*"}]})"},
      {"DELETE /collections/:c/overrides/:id", "/collections/c/overrides/o"},
      {"DELETE /curation_sets/:name/items/:id", "/curation_sets/s/items/j"},
      {"DELETE /curation_sets/:name", "/curation_sets/s"},
      {"DELETE /collections/:c/documents/:id", "/collections/c/documents/1"},
      {"DELETE /collections/:c/documents", "/collections/c/documents?filter_by=price:>0"},
      {"DELETE /collections/:c", "/collections/c"},
      {"GET /analytics/rules", "/analytics/rules"},
      {"POST /analytics/rules", "/analytics/rules", R"({"name":"r"})"},
      {"GET /analytics/rules/:name", "/analytics/rules/r"},
      {"PUT /analytics/rules/:name", "/analytics/rules/r", R"({"name":"r"})"},
      {"DELETE /analytics/rules/:name", "/analytics/rules/r"},
      {"GET /analytics/events", "/analytics/events?user_id=u&name=r&n=10"},
      {"POST /analytics/events", "/analytics/events",
       R"({"name":"r","event_type":"click","data":{"doc_id":"1"}})"},
      {"GET /analytics/status", "/analytics/status"},
      {"POST /analytics/flush", "/analytics/flush"},
      {"GET /health", "/health"},
      {"GET /readyz", "/readyz"},
      {"GET /log_levels", "/log_levels"},
      {"PUT /log_levels", "/log_levels", R"({"requests":"info"})"},
      {"GET /openapi.json", "/openapi.json"},
      {"GET /debug", "/debug"},
      {"GET /metrics", "/metrics"},
      {"GET /metrics.json", "/metrics.json"},
      {"GET /stats.json", "/stats.json"},
      {"GET /status", "/status"},
      {"GET /sources", "/sources"},
      {"POST /config", "/config", R"({"log-slow-requests-time-ms":5000})"},
      {"POST /operations/snapshot",
       "/operations/snapshot?snapshot_path=" + PercentEncoded(snapshot_path)},
      {"POST /operations/cache/clear", "/operations/cache/clear"},
      {"POST /operations/db/compact", "/operations/db/compact"},
      {"POST /operations/vote", "/operations/vote"},
      {"GET /operations/schema_changes", "/operations/schema_changes"},
  };
}

// Nothing is followed in this test, so there is no source to describe or to build anew.
// These need a source, or somebody whom a rule has refused.
const std::set<std::string_view> kNotSampled = {"GET /sources/:name", "POST /sources/:name/rebuild",
                                                "DELETE /limits/active/:id",
                                                "DELETE /limits/exceeds/:id"};

std::string PathOf(std::string_view label) {
  std::string path;
  bool is_placeholder = false;
  for (const char byte : label.substr(label.find(' ') + 1)) {
    if (byte == ':') {
      is_placeholder = true;
      path += '{';
      continue;
    }
    if (byte == '/' && is_placeholder) {
      is_placeholder = false;
      path += '}';
    }
    path += byte;
  }
  return is_placeholder ? path + '}' : path;
}

TEST(InterfaceTest, EveryOperationAnswersAsItsDescriptionSays) {
  RunningNode node;
  const Json description = node.Get("GET", "/openapi.json");
  const SchemaValidator validator(description);
  std::set<std::string_view> sampled = kNotSampled;
  for (const Sample& sample : Samples(node.directory().path() / "snapshot")) {
    sampled.insert(sample.label);
    std::string method(sample.label.substr(0, sample.label.find(' ')));
    const HttpReply reply = node.Ask(method, sample.target, sample.body);
    std::ranges::transform(method, method.begin(),
                           [](unsigned char byte) { return std::tolower(byte); });
    const Json& operation = description["paths"][PathOf(sample.label)][method];
    const std::string status = std::to_string(reply.status);
    ASSERT_TRUE(operation["responses"].contains(status))
        << sample.label << " answers " << status << ": " << reply.body.substr(0, 300);
    const Json& content = operation["responses"][status]["content"];
    if (content.contains("application/json")) {
      EXPECT_EQ(validator.Check(content["application/json"]["schema"], Json::parse(reply.body),
                                std::string(sample.label)),
                "");
    } else {
      EXPECT_TRUE(reply.headers.at("content-type").starts_with("text/plain")) << sample.label;
    }
    if (!sample.body.empty() && operation["requestBody"]["content"].contains("application/json")) {
      EXPECT_EQ(validator.Check(operation["requestBody"]["content"]["application/json"]["schema"],
                                Json::parse(sample.body), std::string(sample.label) + " body"),
                "");
    }
  }
  for (const api::RouteDescription& route : api::RouteDescriptions()) {
    EXPECT_TRUE(sampled.contains(route.label)) << route.label << " is not tried";
  }
}

// Says where a schema leaves open what an object's members or an array's elements are.
void FindOpenTypes(const Json& schema, const std::string& where, std::set<std::string>& open) {
  // Among properties `type` and `description` may be the names of some.
  const auto word = [&](const char* name) {
    return schema.is_object() && schema.contains(name) && schema[name].is_string()
               ? schema[name].get<std::string>()
               : std::string();
  };
  const std::string type = word("type");
  if ((type == "object" && !schema.contains("properties") &&
       !schema.contains("additionalProperties")) ||
      (type == "array" && !schema.contains("items"))) {
    open.insert(where);
  }
  if (type.empty() && !word("description").empty()) {
    open.insert(where);
  }
  if (schema.is_structured()) {
    for (const auto& [name, member] : schema.items()) {
      FindOpenTypes(member, where + "/" + name, open);
    }
  }
}

TEST(InterfaceTest, EveryTypeIsDescribed) {
  std::set<std::string> open;
  const Json description = api::DescribeInterface();
  FindOpenTypes(description["components"]["schemas"], "", open);
  EXPECT_THAT(open, testing::IsEmpty());
  std::set<std::string> free;
  for (const auto& [name, schema] : description["components"]["schemas"].items()) {
    if (schema.value("additionalProperties", Json()) == Json(true)) {
      free.insert(name);
    }
  }
  EXPECT_THAT(free, testing::ElementsAre("AnyObject", "Document")) << "what users make up";
}

TEST(InterfaceTest, ManySearchesTakeTheParametersOfOne) {
  const Json description = api::DescribeInterface();
  std::set<std::string> of_one;
  for (const Json& parameter :
       description["paths"]["/collections/{c}/documents/search"]["get"]["parameters"]) {
    if (parameter["in"] == "query") {
      of_one.insert(parameter["name"].get<std::string>());
      EXPECT_TRUE(parameter["schema"].contains("type")) << parameter["name"];
    }
  }
  std::set<std::string> of_many;
  for (const Json& parameter : description["paths"]["/multi_search"]["post"]["parameters"]) {
    of_many.insert(parameter["name"].get<std::string>());
  }
  EXPECT_TRUE(std::ranges::includes(of_many, of_one));
  std::set<std::string> members;
  for (const auto& [name, schema] :
       description["components"]["schemas"]["Search"]["properties"].items()) {
    members.insert(name);
    EXPECT_TRUE(schema.contains("type")) << name;
  }
  EXPECT_TRUE(std::ranges::includes(members, of_one));
}

// One search of each kind whose answer has something that others have not.
const std::vector<Json> kSearches = {
    {{"q", "blue"}, {"query_by", "title,tags,variants"}},
    {{"q", "blue"}, {"query_by", "title,tags"}, {"highlight_full_fields", "title,tags"}},
    {{"q", "bleu"}, {"query_by", "title"}, {"enable_highlight_v1", false}},
    {{"q", "blue"}, {"query_by", "maker"}, {"exclude_fields", "out_of,search_time_ms"}},
    {{"q", "*"},
     {"facet_by", "tags,price,variants.color"},
     {"facet_return_parent", "variants.color"}},
    {{"q", "*"}, {"sort_by", "place(48.8, 2.3):asc"}, {"offset", 1}},
    {{"q", "*"}, {"group_by", "tags,price,is_new"}, {"group_limit", 2}},
    {{"q", "blue"}, {"query_by", "title"}, {"pinned_hits", "2:1"}},
    {{"q", "none"}, {"query_by", "title"}},
    {{"q", "nothing that is there"}, {"query_by", "title"}},
    {{"q", "*"}, {"filter_by", "missing:1"}},
};

TEST(InterfaceTest, SearchesOfEveryKindAnswerAsTheirDescriptionSays) {
  RunningNode node;
  node.Get("POST", "/collections",
           R"({"name":"c","enable_nested_fields":true,"fields":[
             {"name":"title","type":"string"},{"name":"tags","type":"string[]","facet":true},
             {"name":"variants","type":"object[]"},
             {"name":"variants.color","type":"string[]","facet":true,"optional":true},
             {"name":"maker","type":"object"},{"name":"place","type":"geopoint"},
             {"name":"price","type":"float","facet":true},
             {"name":"is_new","type":"bool","facet":true}]})");
  const std::string rest = R"("maker":{"name":"Blue","town":{"name":"Blue Hill"}},
      "place":[48.8,2.3],"price":1.5,"is_new":true})";
  node.Get("POST", "/collections/c/documents",
           R"({"id":"1","title":"A blue shoe","tags":["plain","blue"],
               "variants":[{"color":["red"]},{"color":["black","blue"]}],)" +
               rest);
  node.Get("POST", "/collections/c/documents",
           R"({"id":"2","title":"A boot","tags":["blue sky"],"variants":[],)" + rest);
  node.Get("PUT", "/collections/c/overrides/o",
           R"({"rule":{"query":"none","match":"exact"},"excludes":[{"id":"2"}],
               "includes":[{"id":"1","position":1}],"metadata":{"banner":{"text":"x"}}})");
  const Json description = node.Get("GET", "/openapi.json");
  const SchemaValidator validator(description);
  Json searches = Json::array();
  for (const Json& search : kSearches) {
    searches.push_back(search);
    searches.back()["collection"] = "c";
    EXPECT_EQ(validator.CheckNamed("Search", searches.back()), "");
  }
  const Json many = node.Get("POST", "/multi_search", Json{{"searches", searches}}.dump());
  EXPECT_EQ(validator.CheckNamed("MultiSearchAnswer", many), "");
  ASSERT_EQ(many["results"].size(), kSearches.size());
  EXPECT_FALSE(many["results"][0]["hits"][0]["highlights"].empty());
  EXPECT_TRUE(many["results"].back().contains("error"));
  for (std::size_t i = 0; i < kSearches.size() - 1; ++i) {
    EXPECT_EQ(validator.CheckNamed("SearchAnswer", node.Search("c", kSearches[i])), "")
        << kSearches[i];
  }
  for (const Json& search : {searches[0], searches[5], searches[6]}) {
    const Json merged = node.Get("POST", "/multi_search",
                                 Json{{"union", true}, {"searches", {search, search}}}.dump());
    EXPECT_EQ(validator.CheckNamed("UnionAnswer", merged), "") << search;
    EXPECT_EQ(validator.CheckNamed("MultiSearchAnswer", merged), "") << search;
  }
}

TEST(InterfaceTest, TheValidatorFindsWhatDoesNotFit) {
  const Json description = api::DescribeInterface();
  const SchemaValidator validator(description);
  const Json& schemas = description["components"]["schemas"];
  EXPECT_EQ(validator.Check(schemas["Health"], Json{{"ok", true}}, "x"), "");
  EXPECT_NE(validator.Check(schemas["Health"], Json{{"ok", 1}}, "x"), "");
  EXPECT_NE(validator.Check(schemas["Health"], Json{{"ok", true}, {"more", 1}}, "x"), "");
  EXPECT_NE(validator.Check(schemas["Health"], Json::object(), "x"), "");
  EXPECT_NE(validator.Check(schemas["CollectionList"], Json::array({1}), "x"), "");
  EXPECT_NE(validator.Check(schemas["MultiSearchAnswer"], Json{{"results", 7}}, "x"), "");
  EXPECT_NE(validator.Check(schemas["CurationCondition"], Json{{"match", "near"}}, "x"), "");
  EXPECT_NE(validator.Check(schemas["MultiSearch"], Json{{"more", 1}}, "x"), "");
  const Json marked = {{"matched_tokens", {"a"}}, {"snippet", "a"}};
  EXPECT_EQ(validator.CheckNamed("Highlight", {{"a", marked}, {"b", {marked, {{"c", marked}}}}}),
            "");
  EXPECT_NE(validator.CheckNamed("Highlight", {{"a", {{"snippet", "a"}}}}), "");
}

}  // namespace
}  // namespace cacheindex::test
