#include "index/schema/schema_definition.h"

#include <gmock/gmock.h>

#include <string>
#include <vector>

#include "tests/node/oracle/product.h"
#include "tests/support/result_matchers.h"

namespace cacheindex::index {
namespace {

using cacheindex::test::FailsWith;
using cacheindex::test::Product;
using cacheindex::test::Succeeds;
using testing::AllOf;
using testing::HasSubstr;

Json WithField(Json field) {
  field["name"] = "f";
  field.emplace("type", "string");
  return {{"name", "things"}, {"fields", Json::array({std::move(field)})}};
}

Json WithSetting(const std::string& name, const Json& value) {
  return {{"name", "things"}, {"fields", Json::array()}, {name, value}};
}

// What a client reads of a collection that was created so.
Json Described(const Json& body) {
  const auto schema = ParseSchema(body);
  EXPECT_THAT(schema, Succeeds()) << DumpJson(body);
  cache::Collection collection;
  collection.name = body.at("name").get<std::string>();
  return schema ? DescribeCollection(*schema, collection) : Json();
}

TEST(SchemaDefinitionTest, WhatWouldBeIgnoredInSilenceIsRefusedByName) {
  const std::vector<std::pair<const char*, Json>> kAsked = {
      {"reference", "others.id"},       {"async_reference", true}, {"cascade_delete", true},
      {"embed", {{"from", {"title"}}}}, {"num_dim", 384},          {"vec_dist", "cosine"},
      {"hnsw_params", {{"M", 16}}},     {"facett", true},          {"Facet", true}};
  for (const auto& [name, value] : kAsked) {
    const auto refused = ParseSchema(WithField({{name, value}}));
    ASSERT_THAT(refused, FailsWith(ErrorCode::kInvalidArgument)) << name;
    EXPECT_THAT(refused.error().message(),
                AllOf(HasSubstr("Field `f`"), HasSubstr("`" + std::string(name) + "`")));
  }
  for (const auto& [name, value] :
       {std::pair<const char*, Json>{"voice_query_model", {{"model_name", "m"}}},
        std::pair<const char*, Json>{"enable_nested_field", true}}) {
    const auto refused = ParseSchema(WithSetting(name, value));
    ASSERT_THAT(refused, FailsWith(ErrorCode::kInvalidArgument)) << name;
    EXPECT_THAT(refused.error().message(), HasSubstr("`" + std::string(name) + "`"));
  }
}

TEST(SchemaDefinitionTest, ANameIsAsLongAsItCanBeStored) {
  Json body = WithField({{"facet", true}});
  body["name"] = std::string(cache::kCollectionNameBytesMax, 'n');
  EXPECT_THAT(ParseSchema(body), Succeeds());
  body["name"] = std::string(cache::kCollectionNameBytesMax + 1, 'n');
  const auto refused = ParseSchema(body);
  ASSERT_THAT(refused, FailsWith(ErrorCode::kInvalidArgument));
  EXPECT_THAT(refused.error().message(), HasSubstr("at most 180 bytes"));
}

TEST(SchemaDefinitionTest, WhatChangesNoAnswerIsEchoed) {
  const Json field = Described(WithField({{"range_index", true},
                                          {"truncate_len", 50},
                                          {"stem_dictionary", "d"},
                                          {"symbols_to_index", {"+"}},
                                          {"token_separators", {"-"}}}))
                         .at("fields")
                         .at(0);
  EXPECT_EQ(field.at("range_index"), true);
  EXPECT_EQ(field.at("truncate_len"), 50);
  EXPECT_EQ(field.at("stem_dictionary"), "d");
  EXPECT_EQ(field.at("symbols_to_index"), Json({"+"}));
  EXPECT_EQ(field.at("token_separators"), Json({"-"}));
  EXPECT_EQ(Described(WithSetting("metadata", {{"a", 1}})).at("metadata"), Json({{"a", 1}}));
}

TEST(SchemaDefinitionTest, AStarMayStandForAnyCharactersAndNothingElseForMoreThanItself) {
  const auto schema = ParseSchema(Json::parse(R"({"name": "c", "fields": [
      {"name": "price.*", "type": "float", "match": "prefix"},
      {"name": "attr_*", "type": "string", "match": "prefix"}]})"));
  ASSERT_THAT(schema, Succeeds());
  EXPECT_EQ(schema->FindPattern("price.eur"), 0U);
  EXPECT_EQ(schema->FindPattern("attr_color"), 1U);
  for (const char* other : {"price", "prices", "prices.red", "price_old", "attr", "attrs"}) {
    EXPECT_EQ(schema->FindPattern(other), std::nullopt) << other;
  }
  EXPECT_EQ(DescribeField(schema->fields[0].definition).at("match"), "prefix");
  for (const Json& wrong : {Json{{"name", "price"}, {"match", "prefix"}},
                            Json{{"name", "price.*"}, {"match", "exact"}}}) {
    Json field = wrong;
    field["type"] = "string";
    EXPECT_THAT(ParseSchema({{"name", "c"}, {"fields", {field}}}),
                FailsWith(ErrorCode::kInvalidArgument));
  }
}

// Typed clients send what they have no value for, and what other servers answered.
TEST(SchemaDefinitionTest, WhatAsksForNothingIsAcceptedAndNotEchoed) {
  const Json field = Described(WithField({{"reference", ""},
                                          {"async_reference", false},
                                          {"embed", nullptr},
                                          {"num_dim", 0},
                                          {"hnsw_params", Json::object()},
                                          {"locale", nullptr},
                                          {"nested", true},
                                          {"nested_array", 2}}))
                         .at("fields")
                         .at(0);
  for (const char* name : {"reference", "async_reference", "embed", "num_dim", "nested"}) {
    EXPECT_FALSE(field.contains(name)) << name;
  }
  EXPECT_FALSE(Described(WithSetting("num_memory_shards", 4)).contains("num_memory_shards"));
  const Json described = Described(WithField({{"facet", true}, {"store", false}}));
  EXPECT_EQ(Described(described), described) << "what was answered can be asked for again";
}

TEST(SchemaDefinitionTest, PropertiesOfAWrongKindAreTold) {
  for (const auto& [name, value] :
       {std::pair<const char*, Json>{"locale", 5}, std::pair<const char*, Json>{"range_index", 1},
        std::pair<const char*, Json>{"truncate_len", -1},
        std::pair<const char*, Json>{"token_separators", "-"}}) {
    EXPECT_THAT(ParseSchema(WithField({{name, value}})), FailsWith(ErrorCode::kInvalidArgument))
        << name;
  }
  for (const auto& [name, value] : {std::pair<const char*, Json>{"metadata", "m"},
                                    std::pair<const char*, Json>{"synonym_sets", {1}}}) {
    EXPECT_THAT(ParseSchema(WithSetting(name, value)), FailsWith(ErrorCode::kInvalidArgument))
        << name;
  }
}

TEST(SchemaDefinitionTest, ChangesAreCheckedAsWell) {
  Product product(WithField({{"optional", true}}));
  const Json field = {{"name", "g"}, {"type", "string"}, {"optional", true}};
  for (const char* name : {"symbols_to_index", "default_sorting_field", "anything"}) {
    const auto refused =
        product.ChangeSchema({{"fields", Json::array({field})}, {name, Json::array()}});
    ASSERT_THAT(refused, FailsWith(ErrorCode::kInvalidArgument));
    EXPECT_THAT(refused.error().message(), HasSubstr("`" + std::string(name) + "`"));
  }
  Json wrong = field;
  wrong["num_dim"] = 3;
  EXPECT_THAT(product.ChangeSchema({{"fields", Json::array({wrong})}}),
              FailsWith(ErrorCode::kInvalidArgument));
  EXPECT_THAT(product.ChangeSchema({{"fields", Json::array({field})}}), Succeeds());
}

}  // namespace
}  // namespace cacheindex::index
