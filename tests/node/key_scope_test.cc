#include <gmock/gmock.h>

#include <algorithm>
#include <array>
#include <string>
#include <utility>
#include <vector>

#include "tests/node/key_scope_shop.h"

// What a key hides is hidden in every byte of every answer.

namespace cacheindex::test {
namespace {

using testing::HasSubstr;
using testing::Not;

// What may stand for a field in some parameter or other.
std::vector<std::string> ValuesNaming(const std::string& field) {
  return {field,
          field + "*",
          "*," + field,
          field + ":desc",
          field + ":asc,price:asc",
          field + ":=marzipan*",
          field + ":!=marzipan 3 zq",
          field + ":marz*",
          field + ":>35",
          field + ":true",
          field + ": mar",
          field + "(48.1,11.5):asc",
          field + ":(48.1,11.5,900 km)",
          field + ":(44.1,2.1)",
          field + "(low:[0,35],high:[35,99])",
          "brand(sort_by:" + field + ":desc)",
          "_eval(" + field + ":>35):desc,price:asc",
          field + "(origin:35,func:gauss,scale:10,decay:0.5):desc"};
}

const std::vector<std::string> kFields = {"secret",  "margin",   "home",         "zone",
                                          "hush",    "o.secret", "parts.secret", "secrets",
                                          "dot.ted", "free_left"};

const std::vector<std::string> kPlainValues = {"*",
                                               "o",
                                               "o.*",
                                               "parts",
                                               "parts*",
                                               "id",
                                               "none",
                                               "0:1",
                                               "7:1,0:2",
                                               "leaky",
                                               "always",
                                               "parts.{secret:=marzipan*}",
                                               "marzipan",
                                               "marzipam",
                                               "quokka",
                                               "marzipan 3 zq wanted",
                                               "quokka apple 3",
                                               "sweet",
                                               "_seq_id:desc",
                                               "_group_found:desc",
                                               "brand",
                                               "fallback",
                                               "true",
                                               "1"};

// Every parameter with every value; those that hold a language with every field.
std::vector<Json> SearchesNaming(const Json& parameters) {
  constexpr std::array<std::string_view, 7> kLanguages = {
      "query_by",    "filter_by", "sort_by",         "facet_by",
      "facet_query", "group_by",  "highlight_fields"};
  std::vector<Json> searches;
  for (const Json& parameter : parameters) {
    const std::string name = parameter["name"].get<std::string>();
    if (name == "search_cutoff_ms") {
      continue;  // Tells how busy the machine is.
    }
    std::vector<std::string> values = {"true", "false", "0", "1", "3"};
    if (parameter["schema"]["type"] == "string") {
      values = kPlainValues;
      const bool is_language = std::ranges::find(kLanguages, name) != kLanguages.end();
      for (std::size_t i = 0; i < (is_language ? kFields.size() : 2); ++i) {
        const auto naming = ValuesNaming(kFields[i]);
        values.insert(values.end(), naming.begin(), naming.end());
      }
    }
    for (const std::string& value : values) {
      searches.push_back(kBase);
      searches.back()[name] = value;
      if (name == "facet_query") {
        searches.back()["facet_by"] = "brand,secret,parts.secret";
      }
    }
  }
  for (const char* unchecked : {"filter_by", "sort_by", "facet_by", "group_by", "query_by"}) {
    for (const std::string& field : kFields) {
      searches.push_back(kBase);
      searches.back()["validate_field_names"] = "false";
      searches.back()[unchecked] = std::string(unchecked) == "filter_by" ? field + ":>35"
                                   : std::string(unchecked) == "sort_by" ? field + ":desc"
                                                                         : field;
    }
  }
  return searches;
}

std::vector<Json> EachOf(const std::vector<Json>& searches, std::size_t step) {
  std::vector<Json> some;
  for (std::size_t i = 0; i < searches.size(); i += step) {
    some.push_back(searches[i]);
  }
  return some;
}

TEST_F(KeyScopeTest, NoParameterTellsWhatAKeyHides) {
  const Json description = node_.Get("GET", "/openapi.json");
  const Json& parameters =
      description["paths"]["/collections/{c}/documents/search"]["get"]["parameters"];
  ASSERT_GT(parameters.size(), 60U);
  const std::vector<Json> all = SearchesNaming(parameters);
  // Returns how many searches were answered, and how many of them differently.
  const auto compare = [&](const std::string& key, const std::vector<Json>& searches) {
    const auto left = Multi(key, "left", searches);
    const auto right = Multi(key, "right", searches);
    EXPECT_EQ(left.size(), searches.size());
    EXPECT_EQ(right.size(), searches.size());
    std::size_t answered = 0;
    std::vector<std::string> told;
    for (std::size_t i = 0; i < std::min(left.size(), right.size()); ++i) {
      answered += left[i].find(R"("found":)") != std::string::npos ? 1U : 0U;
      if (left[i] != right[i] || left[i].find(kMarker) != std::string::npos) {
        told.push_back(DumpJson(searches[i]) + "\n" + left[i] + "\n" + right[i]);
      }
    }
    return std::pair(answered, told);
  };
  // Whoever sees everything sees the difference nearly everywhere.
  const std::vector<Json> some = EachOf(all, 5);
  const auto [seen, differences] = compare(std::string(kParent), some);
  EXPECT_GT(seen, some.size() / 3);
  EXPECT_GT(differences.size(), seen * 9 / 10);
  for (const auto& [scope, searches] : {std::pair(kExcluding, all), std::pair(kIncluding, some)}) {
    const auto [answered, told] = compare(KeyOf(scope), searches);
    EXPECT_GT(answered, searches.size() / 3);
    EXPECT_EQ(told.size(), 0U) << told.front();
  }
}

TEST_F(KeyScopeTest, NorDoesAUnion) {
  const auto ask = [&](const std::string& key, const std::string& side, Json one) {
    Json plain = kBase;
    plain["collection"] = one["collection"] = side;
    const HttpReply reply =
        Ask(key, "POST", "/multi_search", DumpJson({{"union", true}, {"searches", {one, plain}}}));
    return Normal(reply.body, side);
  };
  std::vector<Json> searches = {kBase};
  for (const char* name : {"sort_by", "facet_by", "group_by", "filter_by", "highlight_fields",
                           "include_fields", "query_by", "facet_return_parent"}) {
    for (const std::string value : {"secret", "margin:desc", "margin:>35", "*", "o.*", "parts"}) {
      searches.push_back(kBase);
      searches.back()[name] = value;
    }
  }
  for (const Json& scope : {kExcluding, kIncluding}) {
    for (const Json& search : searches) {
      const std::string left = ask(KeyOf(scope), "left", search);
      EXPECT_EQ(left, ask(KeyOf(scope), "right", search)) << DumpJson(search);
      EXPECT_THAT(left, Not(HasSubstr(kMarker))) << DumpJson(search);
    }
  }
  EXPECT_THAT(ask(std::string(kParent), "left", kBase), HasSubstr(kMarker));
}

}  // namespace
}  // namespace cacheindex::test
