#include <gmock/gmock.h>

#include <algorithm>
#include <array>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "tests/node/running_node.h"
#include "tests/support/scoped_key.h"

// What a key hides is hidden in every byte of every answer.

namespace cacheindex::test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

constexpr std::string_view kParent = "a-search-key-of-the-shop";
// Of the hidden values, and of no request.
constexpr std::string_view kMarker = "zqj";

// Two collections that differ in what keys hide and in nothing else: whoever cannot see it gets the
// same answers from both.
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

  RunningNode node_;
  std::map<std::string, std::unique_ptr<HttpClient>> clients_;
};

const Json kExcluding = {
    {"exclude_fields", "secret,margin,home,zone,hush,o.secret,parts.secret,secrets,dot,free_*"}};
const Json kIncluding = {
    {"include_fields", "id,title,brand,price,place,o.color,parts.size,parts.name"}};

// One search with everything in it that shows values; each of the others changes one parameter.
const Json kBase = {{"q", "apple sweet"},
                    {"query_by", "title,o,parts"},
                    {"facet_by", "brand,o.color,parts.size"},
                    {"facet_return_parent", "*"},
                    {"sort_by", "_text_match:desc,price:asc"},
                    {"highlight_full_fields", "o,parts"},
                    {"use_cache", "true"}};

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

// What names a hidden field is refused by its name; what would show it leaves it out.
TEST_F(KeyScopeTest, ARequestThatNamesAHiddenFieldIsRefusedByName) {
  for (const Json& scope : {kExcluding, kIncluding}) {
    const std::string key = KeyOf(scope);
    for (const auto& [name, value, field] : std::vector<std::array<std::string, 3>>{
             {"query_by", "title,secret", "secret"},
             {"query_by", "o.secret", "o.secret"},
             {"filter_by", "price:>1 && margin:>35", "margin"},
             {"filter_by", "parts.{secret:=marzipan*}", "parts.secret"},
             {"filter_by", "home:(44,2,10 km)", "home"},
             {"filter_by", "zone:(44.1,2.1)", "zone"},
             {"sort_by", "margin:desc", "margin"},
             {"sort_by", "home(44,2):asc", "home"},
             {"sort_by", "_eval(hush:true):desc", "hush"},
             {"facet_by", "brand,secrets", "secrets"},
             {"facet_by", "brand(sort_by:margin:desc)", "margin"},
             {"facet_by", "free_*", "free_*"},
             {"group_by", "o.secret", "o.secret"},
             {"filter_by", "dot.ted:=x", "dot.ted"}}) {
      Json search = kBase;
      search[name] = value;
      const HttpReply reply = Ask(key, "GET", SearchOf("left", search));
      EXPECT_EQ(reply.status, 404) << name << "=" << value << ": " << reply.body;
      EXPECT_THAT(reply.body, HasSubstr("`" + field + "`"));
      search["validate_field_names"] = "false";
      EXPECT_EQ(Ask(key, "GET", SearchOf("left", search)).status, 200) << value;
    }
    Json search = kBase;
    search["facet_query"] = "secret: mar";
    EXPECT_EQ(Ask(key, "GET", SearchOf("left", search)).status, 400);
  }
}

TEST_F(KeyScopeTest, ARequestShowsLessThanTheKeyAndNeverMore) {
  const std::string key =
      KeyOf({{"exclude_fields",
              {"secret", "secrets", "o", "parts", "free_left", "dot", "zone", "home", "place"}}});
  const auto first = [&](const Json& parameters) {
    Json search = {{"q", "*"}, {"filter_by", "id:=1"}};
    search.update(parameters);
    const HttpReply reply = Ask(key, "GET", SearchOf("left", search));
    EXPECT_EQ(reply.status, 200) << reply.body;
    return DumpJson(Json::parse(reply.body)["hits"][0]["document"]);
  };
  EXPECT_EQ(first(Json::object()),
            R"({"brand":"Peak","hush":true,"id":"1","margin":11,"price":11.5,)"
            R"("title":"apple green sweet"})");
  EXPECT_EQ(first({{"include_fields", "secret,o,price"}}), R"({"price":11.5})");
  EXPECT_EQ(first({{"exclude_fields", "price,hush,margin,title"}}), R"({"brand":"Peak","id":"1"})");
}

// Whoever made the key may search, filter and order by what it hides; nothing may show it.
TEST_F(KeyScopeTest, TheKeysOwnParametersMayUseWhatItHidesAsLongAsTheyDoNotShowIt) {
  Json own = kExcluding;
  own.update(
      {{"query_by", "secret,title"}, {"sort_by", "home(44,2):asc"}, {"filter_by", "margin:>15"}});
  const auto search = [&](const Json& embedded, const Json& asked) {
    const HttpReply reply = Ask(KeyOf(embedded), "GET", SearchOf("left", asked));
    EXPECT_EQ(reply.status, 200) << reply.body;
    EXPECT_THAT(reply.body, Not(HasSubstr(kMarker)));
    EXPECT_THAT(reply.body, Not(HasSubstr("geo_distance_meters")));
    std::vector<std::string> ids;
    const Json answer = Json::parse(reply.body);
    for (const Json& hit : answer["hits"]) {
      ids.push_back(hit["document"]["id"].get<std::string>());
    }
    return ids;
  };
  EXPECT_THAT(search(own, {{"q", "marzipan"}, {"query_by", "brand"}, {"per_page", "3"}}),
              ElementsAre("4", "5", "3"));
  // So may a preset that the key names, and one that the request names may not.
  Json preset = kExcluding;
  node_.Get("PUT", "/presets/own",
            R"({"value":{"query_by":"secret","filter_by":"margin:>50","sort_by":"margin:desc"}})");
  preset["preset"] = "own";
  EXPECT_THAT(search(preset, {{"q", "marzipan"}}), ElementsAre("7", "6", "5"));
  EXPECT_EQ(
      Ask(KeyOf(kExcluding), "GET", SearchOf("left", {{"q", "apple"}, {"preset", "own"}})).status,
      404);
  for (const char* shows : {"facet_by", "group_by"}) {
    Json embedded = kExcluding;
    embedded[shows] = "secret";
    EXPECT_EQ(Ask(KeyOf(embedded), "GET", SearchOf("left", {{"q", "*"}})).status, 404) << shows;
  }
}

TEST_F(KeyScopeTest, AHiddenIdIsNotFoundOutByNamingDocuments) {
  const std::string key = KeyOf({{"exclude_fields", "id"}});
  for (const auto& [name, value] : std::vector<std::pair<std::string, std::string>>{
           {"filter_by", "id:=3"}, {"pinned_hits", "3:1"}, {"hidden_hits", "3"}}) {
    const HttpReply reply = Ask(key, "GET", SearchOf("left", {{"q", "*"}, {name, value}}));
    EXPECT_EQ(reply.status / 100, 4) << name;
    EXPECT_THAT(reply.body, HasSubstr("`id`")) << name;
  }
  const std::string pinning = KeyOf({{"exclude_fields", "id"}, {"pinned_hits", "3:1"}});
  EXPECT_EQ(Ask(pinning, "GET", SearchOf("left", {{"q", "*"}})).status, 200);
}

TEST_F(KeyScopeTest, AKeyThatWouldHideLessThanItsMakerMeantIsRefusedWithTheReason) {
  const auto ask = [&](const Json& embedded) {
    return Ask(KeyOf(embedded), "GET", SearchOf("left", {{"q", "*"}}));
  };
  const HttpReply misspelt = ask({{"exclude_field", "secret"}});
  EXPECT_EQ(misspelt.status, 400);
  EXPECT_THAT(misspelt.body, HasSubstr("`exclude_field`, which does nothing; did you mean "
                                       "`exclude_fields`?"));
  EXPECT_EQ(ask({{"expire_at", 1}}).status, 400);
  const HttpReply mistyped = ask({{"exclude_fields", {{"secret", true}}}});
  EXPECT_EQ(mistyped.status, 400);
  EXPECT_THAT(mistyped.body, HasSubstr("`exclude_fields` must be a string or a list"));
  EXPECT_EQ(ask({{"customer", "17"}, {"exclude_fields", "secret"}}).status, 200);
}

TEST_F(KeyScopeTest, AListOfCollectionsCountsAndShowsThoseOfTheKey) {
  node_.Get("POST", "/collections", R"({"name":"middle","fields":[{"name":"a","type":"string"}]})");
  const Json key =
      node_.Get("POST", "/keys", R"({"description":"some","actions":["collections:list"],
      "collections":["left","right"]})");
  const auto list = [&](std::string_view parameters) {
    const HttpReply reply =
        Ask(key["value"].get<std::string>(), "GET", "/collections?" + std::string(parameters));
    EXPECT_EQ(reply.status, 200) << reply.body;
    return Json::parse(reply.body);
  };
  const auto names = [&](std::string_view parameters) {
    std::vector<std::string> found;
    const Json answer = list(parameters);
    for (const Json& collection : answer) {
      found.push_back(collection["name"].get<std::string>());
    }
    return found;
  };
  EXPECT_THAT(names(""), ElementsAre("right", "left"));
  EXPECT_THAT(names("limit=1"), ElementsAre("right")) << "the newest is not counted";
  EXPECT_THAT(names("limit=1&offset=1"), ElementsAre("left"));
  EXPECT_THAT(names("offset=2"), ElementsAre());
  const Json nameless = list("exclude_fields=name,fields");
  ASSERT_EQ(nameless.size(), 2U);
  EXPECT_FALSE(nameless[0].contains("name"));
  EXPECT_TRUE(nameless[0].contains("num_documents"));
}

// The rest of the node is closed to a scoped key.
TEST_F(KeyScopeTest, NothingButSearchesIsOpenToAScopedKey) {
  const std::string key = KeyOf(kExcluding);
  for (const char* target : {"/collections/left",
                             "/collections",
                             "/collections/left/documents/1",
                             "/collections/left/documents/batch?ids=1",
                             "/collections/left/documents/export",
                             "/collections/left/overrides",
                             "/collections/left/synonyms",
                             "/presets",
                             "/presets/leaky",
                             "/aliases",
                             "/keys",
                             "/metrics",
                             "/metrics.json",
                             "/stats.json",
                             "/status",
                             "/sources",
                             "/debug",
                             "/stopwords",
                             "/analytics/rules",
                             "/analytics/events"}) {
    const HttpReply reply = Ask(key, "GET", target);
    EXPECT_EQ(reply.status, 401) << target;
    EXPECT_THAT(reply.body, Not(HasSubstr(kMarker))) << target;
  }
}

}  // namespace
}  // namespace cacheindex::test
