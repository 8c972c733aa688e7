#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/api/client.h"

namespace cacheindex::api::test {
namespace {

constexpr std::string_view kSearch = "/collections/products/documents/search";

class SearchRoutesTest : public testing::Test {
 protected:
  Json Multi(const std::string& body, const std::string& parameters = {}) {
    const Reply reply = fixture_.Ask("POST", "/multi_search" + parameters, body);
    status_ = reply.status;
    return Json::parse(reply.body);
  }
  Fixture fixture_;
  int status_ = 0;
};

TEST_F(SearchRoutesTest, AnswersASearch) {
  const Reply reply =
      fixture_.Ask("GET", std::string(kSearch) + "?q=red+shoe&query_by=title&per_page=3");
  EXPECT_EQ(reply.status, 200);
  const Json answer = Json::parse(reply.body);
  EXPECT_EQ(answer["request_params"]["q"], "red shoe");
  EXPECT_EQ(answer["request_params"]["per_page"], 3);
  EXPECT_EQ(answer["request_params"]["collection_name"], "products");
  EXPECT_EQ(fixture_.service.state.searches.at(0).query_by.at(0), "title");
}

TEST_F(SearchRoutesTest, RefusesAQueryStringOverTheLimit) {
  const std::string fits = std::string(kSearch) + "?q=*&x=" + std::string(4000 - 6, 'a');
  EXPECT_EQ(fixture_.Ask("GET", fits).status, 200);
  const Reply reply = fixture_.Ask("GET", fits + "a");
  EXPECT_EQ(reply.status, 400);
  EXPECT_EQ(Json::parse(reply.body)["message"],
            "Query string exceeds max allowed length of 4000. Use the /multi_search end-point for "
            "larger payloads.");
}

TEST_F(SearchRoutesTest, AnswersEachOfManySearchesInPlace) {
  const Json answer = Multi(
      R"({"searches":[{"collection":"a","q":"*","page":2},{"collection":"b"},
                      {"collection":"c","q":"*"},7,{"q":"*"}]})",
      "?per_page=4");
  ASSERT_EQ(status_, 200);
  const Json& results = answer["results"];
  ASSERT_EQ(results.size(), 5U);
  EXPECT_EQ(results[0]["request_params"]["collection_name"], "a");
  EXPECT_EQ(results[0]["page"], 2);
  EXPECT_EQ(results[0]["request_params"]["per_page"], 4) << "the URL has the defaults";
  EXPECT_EQ(results[1], Json::parse(R"({"code":400,"error":"Parameter `q` is required."})"));
  EXPECT_EQ(results[2]["request_params"]["collection_name"], "c");
  EXPECT_EQ(results[3]["code"], 400);
  EXPECT_EQ(results[4]["error"], "Parameter `collection` is required.");
}

TEST_F(SearchRoutesTest, AFailedSearchDoesNotFailTheOthers) {
  fixture_.service.state.search = [](const SearchRequest& request) -> Result<SearchPage> {
    if (request.collection == "gone") {
      return Error(ErrorCode::kNotFound, "Collection not found");
    }
    SearchPage page;
    page.found = 5;
    return page;
  };
  const Json answer =
      Multi(R"({"searches":[{"collection":"gone","q":"*"},{"collection":"b","q":"*"}]})");
  EXPECT_EQ(status_, 200);
  EXPECT_EQ(answer["results"][0], Json::parse(R"({"code":404,"error":"Collection not found"})"));
  EXPECT_EQ(answer["results"][1]["found"], 5);
}

TEST_F(SearchRoutesTest, ABatchThatIsNotReadyIsRetriedElsewhere) {
  fixture_.service.state.failure = Error(ErrorCode::kUnavailable, "Not Ready or Lagging");
  const Json answer = Multi(R"({"searches":[{"collection":"a","q":"*"}]})");
  EXPECT_EQ(status_, 503);
  EXPECT_EQ(answer["message"], "Not Ready or Lagging");
}

TEST_F(SearchRoutesTest, RefusesBatchesThatAreNone) {
  EXPECT_EQ(Multi(R"({})")["message"], "Missing `searches` array.");
  EXPECT_EQ(Multi(R"([])")["message"], "Missing `searches` array.");
  EXPECT_EQ(Multi(R"({"searches":{}})")["message"], "Missing `searches` array.");
  EXPECT_EQ(status_, 400);
  EXPECT_EQ(Multi(R"({"searches":[]})"), Json::parse(R"({"results":[]})"));
  EXPECT_EQ(status_, 200);
}

TEST_F(SearchRoutesTest, AUnionIsOneListWithTheUrlsPages) {
  const std::string searches = R"("searches":[{"collection":"a","q":"*","per_page":7},)"
                               R"({"collection":"b","q":"x","query_by":"t"}])";
  const Json answer = Multi(R"({"union":true,)" + searches + "}", "?page=2&per_page=3");
  EXPECT_EQ(status_, 200);
  EXPECT_EQ(answer, Json::parse(R"({"facet_counts":[
      {"counts":[{"count":2,"highlighted":"x","value":"x"}],"field_name":"f","sampled":false,
       "stats":{"total_values":1}}],"found":1,"hits":[
      {"collection":"b","document":{"id":"1"},"highlight":{},"highlights":[],"search_index":1}],
    "out_of":0,"page":2,"search_cutoff":false,"search_time_ms":0,
    "union_request_params":[{"collection":"a","collection_name":"a","first_q":"*","found":2,
                             "per_page":3,"q":"*"},
                            {"collection":"b","collection_name":"b","first_q":"x","found":2,
                             "per_page":3,"q":"x"}]})"));
  EXPECT_EQ(Multi(R"({"union":true,"remove_duplicates":false,)" + searches + "}")["found"], 2);
}

TEST_F(SearchRoutesTest, AUnionFailsWithItsFirstSearch) {
  const Json answer =
      Multi(R"({"union":true,"searches":[{"collection":"a","q":"*"},{"collection":"b"}]})");
  EXPECT_EQ(status_, 200);
  EXPECT_EQ(answer, Json::parse(R"({"code":400,"error":"Parameter `q` is required."})"));
  fixture_.service.state.failure = Error(ErrorCode::kNotFound, "Collection not found");
  EXPECT_EQ(Multi(R"({"union":true,"searches":[{"collection":"a","q":"*"}]})"),
            Json::parse(R"({"code":404,"error":"`a` collection not found."})"));
  fixture_.service.state.failure = Error(ErrorCode::kUnavailable, "Not Ready or Lagging");
  Multi(R"({"union":true,"searches":[{"collection":"a","q":"*"}]})");
  EXPECT_EQ(status_, 503);
}

TEST_F(SearchRoutesTest, AnUnknownCollectionIsToldBeforeWhatElseIsWrong) {
  fixture_.service.state.missing_collection = "gone";
  const Json missing = Json::parse(R"({"code":404,"error":"Collection not found"})");
  for (const std::string_view search :
       {R"({"collection":"gone"})", R"({"collection":"gone","q":"x","per_page":"many"})",
        R"({"collection":"gone","q":"x","query_by":"t","query_by_weights":"1,2"})"}) {
    const std::string searches = R"("searches":[{"collection":"a"},)" + std::string(search) + "]}";
    const Json results = Multi("{" + searches)["results"];
    EXPECT_EQ(results[0], Json::parse(R"({"code":400,"error":"Parameter `q` is required."})"));
    EXPECT_EQ(results[1], missing) << search;
    EXPECT_EQ(Multi(R"({"union":true,)" + searches, "?per_page=9999"),
              Json::parse(R"({"code":404,"error":"`gone` collection not found."})"))
        << search;
  }
  const Reply reply = fixture_.Ask("GET", "/collections/gone/documents/search");
  EXPECT_EQ(reply.status, 404);
  EXPECT_EQ(reply.body, R"({"message":"Collection not found"})");
}

TEST_F(SearchRoutesTest, WithoutAKeyNobodyLearnsWhichCollectionsThereAre) {
  fixture_.service.state.missing_collection = "gone";
  const std::string searches =
      R"("searches":[{"collection":"gone","q":"*","x-typesense-api-key":"wrong"}]})";
  EXPECT_EQ(Multi("{" + searches)["results"][0]["code"], 401);
  EXPECT_EQ(Multi(R"({"union":true,)" + searches)["code"], 401);
}

TEST_F(SearchRoutesTest, BoundsTheNumberOfSearches) {
  const auto body = [](int count) {
    Json searches = Json::array();
    for (int i = 0; i < count; ++i) {
      searches.push_back({{"collection", "a"}, {"q", "*"}});
    }
    return Json{{"searches", searches}}.dump();
  };
  EXPECT_EQ(Multi(body(50))["results"].size(), 50U);
  EXPECT_EQ(Multi(body(51))["message"],
            "Number of multi searches exceeds `limit_multi_searches` parameter.");
  EXPECT_EQ(status_, 400);
  EXPECT_EQ(Multi(body(51), "?limit_multi_searches=60").count("message"), 1U)
      << "whoever is limited does not set the limit";
  EXPECT_EQ(Multi(body(2), "?limit_multi_searches=1").count("message"), 1U);
}

TEST_F(SearchRoutesTest, KeysMayComeWithTheSearches) {
  const auto ask = [&](const std::string& body) {
    return fixture_.AskRaw("POST /multi_search HTTP/1.1\r\nHost: h\r\nContent-Length: " +
                           std::to_string(body.size()) + "\r\n\r\n" + body);
  };
  EXPECT_EQ(ask(R"({"searches":[{"collection":"a","q":"*"}]})").status, 401);
  EXPECT_EQ(ask(R"({"searches":[]})").status, 401);
  EXPECT_EQ(ask("{").status, 401) << "without a key nobody learns what is wrong";
  const Reply reply = ask(
      R"({"searches":[{"collection":"a","q":"*","x-typesense-api-key":"a-key"},
                      {"collection":"a","q":"*","x-typesense-api-key":"wrong"},
                      {"collection":"a","q":"*"}]})");
  ASSERT_EQ(reply.status, 200);
  const Json results = Json::parse(reply.body)["results"];
  EXPECT_EQ(results[0]["found"], 0);
  EXPECT_EQ(results[1]["code"], 401);
  EXPECT_EQ(results[2]["code"], 401);
  const Json own =
      Multi(R"({"searches":[{"collection":"a","q":"*","x-typesense-api-key":"wrong"}]})");
  EXPECT_EQ(own["results"][0]["code"], 401) << "a search's own key counts";
}

TEST_F(SearchRoutesTest, APresetFillsInWhatTheRequestLeavesOut) {
  fixture_.service.state.presets["shop"] =
      Json{{"query_by", "title"}, {"per_page", 7}, {"q", "preset"}};
  EXPECT_EQ(fixture_.Ask("GET", std::string(kSearch) + "?q=shoe&preset=shop").status, 200);
  Multi(R"({"searches":[{"collection":"a","q":"boot","preset":"shop","per_page":3}]})");
  const auto& searches = fixture_.service.state.searches;
  ASSERT_EQ(searches.size(), 2U);
  EXPECT_EQ(searches[0].query, "shoe");
  EXPECT_EQ(searches[0].query_by.at(0), "title");
  EXPECT_EQ(searches[0].per_page, 7U);
  EXPECT_EQ(searches[1].query, "boot");
  EXPECT_EQ(searches[1].per_page, 3U);
}

TEST_F(SearchRoutesTest, AnUnknownPresetIsNoMistake) {
  EXPECT_EQ(fixture_.Ask("GET", std::string(kSearch) + "?q=*&preset=gone").status, 200);
}

TEST_F(SearchRoutesTest, APresetCanHoldTheSearchesThemselves) {
  fixture_.service.state.presets["page"] =
      Json::parse(R"({"searches":[{"collection":"a","q":"x","query_by":"t"},
                                  {"collection":"b","q":"*"}]})");
  const Json answer = Multi("{}", "?preset=page&per_page=4");
  ASSERT_EQ(status_, 200);
  ASSERT_EQ(answer["results"].size(), 2U);
  EXPECT_EQ(answer["results"][0]["request_params"]["q"], "x");
  EXPECT_EQ(answer["results"][1]["request_params"]["per_page"], 4);
}

}  // namespace
}  // namespace cacheindex::api::test
