#include <gmock/gmock.h>

#include <algorithm>
#include <array>
#include <string>
#include <utility>
#include <vector>

#include "tests/node/key_scope_shop.h"

// What a key that hides fields refuses, shows and allows, kind by kind.

namespace cacheindex::test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

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
