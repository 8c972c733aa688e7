#pragma once

#include <gmock/gmock.h>

#include <algorithm>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "tests/node/running_node.h"
#include "tests/support/scoped_key.h"

namespace cacheindex::test {

inline constexpr std::string_view kParent = "a-search-key-of-the-shop";
/// Of the hidden values, and of no request.
inline constexpr std::string_view kMarker = "zqj";

/// Two collections that differ in what keys hide and in nothing else: whoever cannot see it gets
/// the same answers from both.
class KeyScopeTest : public testing::Test {
 protected:
  KeyScopeTest() {
    node_.Get("POST", "/keys",
              DumpJson({{"description", "parent"},
                        {"actions", {"documents:search"}},
                        {"collections", {"*"}},
                        {"value", kParent}}));
    for (const std::string side : {"left", "right"}) {
      Fill(side);
    }
    node_.Get("PUT", "/presets/leaky", R"({"value":{"q":"apple","query_by":"secret",
        "filter_by":"margin:>20","sort_by":"margin:desc","facet_by":"secret,margin",
        "group_by":"secret","highlight_fields":"secret","include_fields":"secret"}})");
  }

  void Fill(const std::string& side) {
    node_.Get("POST", "/collections", R"({"name":")" + side + R"(","enable_nested_fields":true,
        "fields":[
          {"name":"title","type":"string","infix":true},
          {"name":"brand","type":"string","facet":true,"sort":true},
          {"name":"price","type":"float","facet":true},
          {"name":"place","type":"geopoint"},
          {"name":"o","type":"object"},
          {"name":"o.color","type":"string","facet":true},
          {"name":"parts","type":"object[]"},
          {"name":"parts.size","type":"int32[]","facet":true},
          {"name":"parts.name","type":"string[]"},
          {"name":"secret","type":"string","facet":true,"sort":true,"infix":true},
          {"name":"margin","type":"int32","facet":true},
          {"name":"home","type":"geopoint"},
          {"name":"zone","type":"geopolygon"},
          {"name":"hush","type":"bool","facet":true},
          {"name":"o.secret","type":"string","facet":true},
          {"name":"parts.secret","type":"string[]","facet":true},
          {"name":"secrets","type":"string[]","facet":true},
          {"name":"dot.ted","type":"string","facet":true},
          {"name":"free_.*","type":"string","facet":true}]})");
    const std::string kDocuments = "/collections/" + side + "/documents";
    for (int i = 0; i < 8; ++i) {
      node_.Get("POST", kDocuments, DumpJson(DocumentOf(i, side == "left" ? i : 7 - i, side)));
    }
    node_.Get("PUT", "/collections/" + side + "/overrides/r",
              R"({"rule":{"query":"{secret} wanted","match":"exact"},"filter_by":"brand:=Acme",
                  "metadata":{"applied":true}})");
    node_.Get("PUT", "/collections/" + side + "/synonyms/s",
              R"({"root":"sweet","synonyms":["marzipan"]})");
  }

  // `other` decides what is hidden.
  static Json DocumentOf(int i, int other, const std::string& side) {
    const std::string number = std::to_string(other);
    const std::string word = (side == "left" ? "marzipan " : "quokka apple ") + number + " zqj";
    const double degrees = 40 + other;
    return {{"id", std::to_string(i)},
            {"title", "apple " + std::string(i % 2 == 0 ? "red" : "green sweet")},
            {"brand", i % 3 == 0 ? "Acme" : "Peak"},
            {"price", 10.5 + i},
            {"place", {48.0 + i, 11.0}},
            {"o", {{"color", "apple blue"}, {"secret", word}}},
            {"parts",
             {{{"size", i % 2}, {"name", "apple core"}, {"secret", {word, "more zqj"}}},
              {{"size", 5}}}},
            {"secret", word},
            {"margin", 10 * other + (side == "left" ? 1 : 3)},
            {"home", {degrees, 2.0}},
            {"zone", {degrees, 2.0, degrees + 0.5, 2.0, degrees, 3.0}},
            {"hush", (other + (side == "left" ? 1 : 0)) % 2 == 0},
            {"secrets", {word, "zqj" + number}},
            {"dot.ted", word},
            {"free_" + side, word}};
  }

  std::string KeyOf(const Json& parameters) const { return ScopedKeyOf(kParent, parameters); }

  HttpReply Ask(const std::string& key, std::string_view method, std::string_view target,
                std::string_view body = {}) {
    auto& client = clients_[key];
    if (client == nullptr) {
      client = std::make_unique<HttpClient>(node_.port(), key);
    }
    return client->Ask(method, target, body);
  }

  static std::string SearchOf(const std::string& side, const Json& parameters) {
    std::string target = "/collections/" + side + "/documents/search?";
    for (const auto& [name, value] : parameters.items()) {
      target += name + "=" + PercentEncoded(value.get<std::string>()) + "&";
    }
    return target;
  }

  // The answer without what may differ: the time it took, and the collection's name.
  static std::string Normal(std::string answer, const std::string& side) {
    constexpr std::string_view kTime = R"("search_time_ms":)";
    for (std::size_t at = answer.find(kTime); at != std::string::npos;
         at = answer.find(kTime, at)) {
      answer.erase(at, answer.find_first_not_of("0123456789", at + kTime.size()) - at);
    }
    const std::string name = '"' + side + '"';
    for (std::size_t at = answer.find(name); at != std::string::npos; at = answer.find(name, at)) {
      answer.replace(at, name.size(), "side");
    }
    return answer;
  }

  // Returns the answers to all searches, each as text.
  std::vector<std::string> Multi(const std::string& key, const std::string& side,
                                 const std::vector<Json>& all) {
    constexpr std::size_t kAtOnce = 100;
    std::vector<std::string> answers;
    for (std::size_t begin = 0; begin < all.size(); begin += kAtOnce) {
      Json searches = Json::array();
      for (std::size_t i = begin; i < std::min(begin + kAtOnce, all.size()); ++i) {
        searches.push_back(all[i]);
        searches.back()["collection"] = side;
      }
      const HttpReply reply = Ask(key, "POST", "/multi_search?limit_multi_searches=250",
                                  DumpJson({{"searches", searches}}));
      EXPECT_EQ(reply.status, 200) << reply.body.substr(0, 300);
      const Json body = Json::parse(reply.body, nullptr, /*allow_exceptions=*/false);
      for (const Json& result : body["results"]) {
        answers.push_back(Normal(DumpJson(result), side));
      }
    }
    return answers;
  }

  // Each of its requests asks as many at once as there may ever be.
  static node::Config ManySearches() {
    node::Config config;
    config.http.limits.multi_searches_max = 250;
    return config;
  }

  RunningNode node_{ManySearches()};
  std::map<std::string, std::unique_ptr<HttpClient>> clients_;
};

inline const Json kExcluding = {
    {"exclude_fields", "secret,margin,home,zone,hush,o.secret,parts.secret,secrets,dot,free_*"}};
inline const Json kIncluding = {
    {"include_fields", "id,title,brand,price,place,o.color,parts.size,parts.name"}};

/// One search with everything in it that shows values; each of the others changes one parameter.
inline const Json kBase = {{"q", "apple sweet"},
                           {"query_by", "title,o,parts"},
                           {"facet_by", "brand,o.color,parts.size"},
                           {"facet_return_parent", "*"},
                           {"sort_by", "_text_match:desc,price:asc"},
                           {"highlight_full_fields", "o,parts"},
                           {"use_cache", "true"}};

}  // namespace cacheindex::test
