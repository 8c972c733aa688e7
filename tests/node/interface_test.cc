#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <string>
#include <string_view>

#include "api/description.h"
#include "tests/node/running_node.h"

namespace cacheindex::test {
namespace {

// The part of JSON Schema that our description uses.
class Validator {
 public:
  explicit Validator(const Json& description) : schemas_(description["components"]["schemas"]) {}

  /// Returns what is wrong, nothing when the value fits.
  std::string Check(const Json& schema, const Json& value, const std::string& where) const {
    if (schema.contains("$ref")) {
      const auto name = schema["$ref"].get<std::string>();
      return Check(schemas_[name.substr(name.rfind('/') + 1)], value, where);
    }
    if (schema.contains("oneOf")) {
      std::string findings;
      for (const Json& choice : schema["oneOf"]) {
        const std::string finding = Check(choice, value, where);
        if (finding.empty()) {
          return {};
        }
        findings += finding + "; ";
      }
      return findings;
    }
    if (schema.value("nullable", false) && value.is_null()) {
      return {};
    }
    if (!HasType(schema.value("type", ""), value)) {
      return where + " is no " + schema.value("type", "");
    }
    if (schema.contains("enum") &&
        std::find(schema["enum"].begin(), schema["enum"].end(), value) == schema["enum"].end()) {
      return where + " is none of " + schema["enum"].dump();
    }
    return value.is_array() ? CheckArray(schema, value, where) : CheckObject(schema, value, where);
  }

 private:
  static bool HasType(const std::string& type, const Json& value) {
    return type.empty() || (type == "object" && value.is_object()) ||
           (type == "array" && value.is_array()) || (type == "string" && value.is_string()) ||
           (type == "boolean" && value.is_boolean()) || (type == "number" && value.is_number()) ||
           (type == "integer" && value.is_number_integer());
  }

  std::string CheckArray(const Json& schema, const Json& value, const std::string& where) const {
    for (std::size_t i = 0; i < value.size() && schema.contains("items"); ++i) {
      std::string finding = Check(schema["items"], value[i], where + "[" + std::to_string(i) + "]");
      if (!finding.empty()) {
        return finding;
      }
    }
    return {};
  }

  std::string CheckObject(const Json& schema, const Json& value, const std::string& where) const {
    if (!value.is_object()) {
      return {};
    }
    for (const Json& name : schema.value("required", Json::array())) {
      if (!value.contains(name.get<std::string>())) {
        return where + " has no " + name.dump();
      }
    }
    const Json properties = schema.value("properties", Json::object());
    const Json others = schema.value("additionalProperties", Json(true));
    for (const auto& [name, member] : value.items()) {
      if (!properties.contains(name) && others == Json(false)) {
        return where + " has an undescribed `" + name + "`";
      }
      const Json& member_schema = properties.contains(name) ? properties[name] : others;
      std::string finding =
          member_schema.is_object() ? Check(member_schema, member, where + "." + name) : "";
      if (!finding.empty()) {
        return finding;
      }
    }
    return {};
  }

  const Json& schemas_;
};

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
const std::set<std::string_view> kNotSampled = {"GET /sources/:name",
                                                "POST /sources/:name/rebuild"};

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
  const Validator validator(description);
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

TEST(InterfaceTest, TheValidatorFindsWhatDoesNotFit) {
  const Json description = api::DescribeInterface();
  const Validator validator(description);
  const Json& schemas = description["components"]["schemas"];
  EXPECT_EQ(validator.Check(schemas["Health"], Json{{"ok", true}}, "x"), "");
  EXPECT_NE(validator.Check(schemas["Health"], Json{{"ok", 1}}, "x"), "");
  EXPECT_NE(validator.Check(schemas["Health"], Json{{"ok", true}, {"more", 1}}, "x"), "");
  EXPECT_NE(validator.Check(schemas["Health"], Json::object(), "x"), "");
  EXPECT_NE(validator.Check(schemas["CollectionList"], Json::array({1}), "x"), "");
  EXPECT_NE(validator.Check(schemas["MultiSearchAnswer"], Json{{"results", 7}}, "x"), "");
  EXPECT_NE(validator.Check(schemas["CurationCondition"], Json{{"match", "near"}}, "x"), "");
}

}  // namespace
}  // namespace cacheindex::test
