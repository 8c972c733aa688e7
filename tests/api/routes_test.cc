// Every row of the route table, its status and its shape.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <limits>
#include <memory>

#include "api/key_cryptography.h"
#include "tests/api/client.h"

namespace cacheindex::api::test {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::StartsWith;

struct Row {
  std::string name;
  std::string method;
  std::string target;
  std::string body;
  int status;
  std::string answer;
  std::string label;
};

class RouteTest : public testing::TestWithParam<Row> {};

TEST_P(RouteTest, AnswersInItsShape) {
  const Row& row = GetParam();
  Fixture fixture;
  fixture.service.state.documents["1"] = R"({"id":"1"})";
  fixture.service.state.documents["a/b"] = R"({"id":"a/b"})";
  fixture.service.state.export_piece = [pieces =
                                            0]() mutable -> Result<std::optional<std::string>> {
    return pieces++ == 0 ? std::optional<std::string>("{\"id\":\"1\"}\n{\"id\":\"2\"}\n")
                         : std::optional<std::string>();
  };
  const Reply reply = fixture.Ask(row.method, row.target, row.body);
  EXPECT_TRUE(reply.is_complete);
  EXPECT_EQ(reply.status, row.status);
  EXPECT_EQ(reply.body, row.answer);
  EXPECT_EQ(reply.header("access-control-allow-origin"), "*");
  EXPECT_FALSE(reply.header("date").empty());
  EXPECT_TRUE(Eventually([&] {
    return fixture.service.observed(row.label + " " + std::to_string(row.status)) == 1;
  })) << "counted once under its route";
}

INSTANTIATE_TEST_SUITE_P(
    All, RouteTest,
    testing::Values(
        Row{"CreateCollection", "POST", "/collections", R"({"name":"a"})", 201, R"({"name":"a"})",
            "POST /collections"},
        Row{"ListCollections", "GET", "/collections", "", 200, R"([{"name":"products"}])",
            "GET /collections"},
        Row{"GetCollection", "GET", "/collections/a", "", 200, R"({"name":"a"})",
            "GET /collections/:c"},
        Row{"EncodedName", "GET", "/collections/a%2Fb%3F%20c", "", 200, R"({"name":"a/b? c"})",
            "GET /collections/:c"},
        Row{"UpdateCollection", "PATCH", "/collections/a", R"({"fields":[]})", 200,
            R"({"fields":[]})", "PATCH /collections/:c"},
        Row{"DropCollection", "DELETE", "/collections/a", "", 200, R"({"name":"a"})",
            "DELETE /collections/:c"},
        Row{"ListAliases", "GET", "/aliases", "", 200, R"({"aliases":[]})", "GET /aliases"},
        Row{"GetAlias", "GET", "/aliases/x", "", 200, R"({"name":"x"})", "GET /aliases/:alias"},
        Row{"PutAlias", "PUT", "/aliases/x", R"({"collection_name":"a"})", 200,
            R"({"collection_name":"a"})", "PUT /aliases/:alias"},
        Row{"DeleteAlias", "DELETE", "/aliases/x", "", 200, R"({"name":"x"})",
            "DELETE /aliases/:alias"},
        Row{"WriteDocument", "POST", "/collections/a/documents", R"({"id":"1"})", 201,
            R"({"id":"1"})", "POST /collections/:c/documents"},
        Row{"PatchDocument", "PATCH", "/collections/a/documents/1", R"({"x":2})", 200, R"({"x":2})",
            "PATCH /collections/:c/documents/:id"},
        Row{"ReadDocument", "GET", "/collections/a/documents/1", "", 200, R"({"id":"1"})",
            "GET /collections/:c/documents/:id"},
        Row{"ReadDocumentWithSlash", "GET", "/collections/a/documents/a%2Fb", "", 200,
            R"({"id":"a/b"})", "GET /collections/:c/documents/:id"},
        Row{"MissingDocument", "GET", "/collections/a/documents/9", "", 404,
            R"({"message":"Could not find a document with id: 9"})",
            "GET /collections/:c/documents/:id"},
        Row{"DeleteDocument", "DELETE", "/collections/a/documents/1", "", 200, R"({"id":"1"})",
            "DELETE /collections/:c/documents/:id"},
        Row{"DeleteMissingDocument", "DELETE", "/collections/a/documents/9", "", 404,
            R"({"message":"Could not find a document with id: 9"})",
            "DELETE /collections/:c/documents/:id"},
        Row{"DeleteIgnoringMissing", "DELETE", "/collections/a/documents/9?ignore_not_found=true",
            "", 200, R"({"id":"9"})", "DELETE /collections/:c/documents/:id"},
        Row{"UpdateByFilter", "PATCH", "/collections/a/documents?filter_by=x:1", R"({"y":2})", 200,
            R"({"num_updated":3})", "PATCH /collections/:c/documents"},
        Row{"UpdateWithoutFilter", "PATCH", "/collections/a/documents", "{}", 400,
            R"({"message":"Parameter `filter_by` must be provided."})",
            "PATCH /collections/:c/documents"},
        Row{"DeleteByFilter", "DELETE", "/collections/a/documents?filter_by=x:1", "", 200,
            R"({"num_deleted":3})", "DELETE /collections/:c/documents"},
        Row{"DeleteWithoutFilter", "DELETE", "/collections/a/documents", "", 400,
            R"({"message":"Parameter `filter_by` must be provided."})",
            "DELETE /collections/:c/documents"},
        Row{"Truncate", "DELETE", "/collections/a/documents?truncate=true", "", 200,
            R"({"num_deleted":3})", "DELETE /collections/:c/documents"},
        Row{"Batch", "GET", "/collections/a/documents/batch?ids=1,9,1", "", 200,
            R"([{"id":"1"},null,{"id":"1"}])", "GET /collections/:c/documents/batch"},
        Row{"BatchByBody", "POST", "/collections/a/documents/batch", R"({"ids":["a/b","9"]})", 200,
            R"([{"id":"a/b"},null])", "POST /collections/:c/documents/batch"},
        Row{"Import", "POST", "/collections/a/documents/import", "{}\n{}\n", 200,
            "{\"success\":true}\n{\"success\":true}", "POST /collections/:c/documents/import"},
        Row{"Export", "GET", "/collections/a/documents/export", "", 200,
            "{\"id\":\"1\"}\n{\"id\":\"2\"}", "GET /collections/:c/documents/export"},
        Row{"Health", "GET", "/health", "", 200, R"({"ok":true})", "GET /health"},
        Row{"Readiness", "GET", "/readyz", "", 200, R"({"lag_bytes":5,"ready":true})",
            "GET /readyz"},
        Row{"Debug", "GET", "/debug", "", 200, R"({"state":1,"version":"30.1"})", "GET /debug"},
        Row{"Metrics", "GET", "/metrics", "", 200, "requests_total 1\n", "GET /metrics"},
        Row{"MetricsJson", "GET", "/metrics.json", "", 200, R"({"system_memory_used_bytes":"1"})",
            "GET /metrics.json"},
        Row{"StatsJson", "GET", "/stats.json", "", 200, R"({"pending_write_batches":0})",
            "GET /stats.json"},
        Row{"Status", "GET", "/status", "", 200, R"({"committed_index":7})", "GET /status"},
        Row{"Sources", "GET", "/sources", "", 200, "[]", "GET /sources"},
        Row{"Source", "GET", "/sources/pg", "", 200, R"({"name":"pg"})", "GET /sources/:name"},
        Row{"RebuildSource", "POST", "/sources/pg/rebuild", "", 202, R"({"success":true})",
            "POST /sources/:name/rebuild"},
        Row{"Config", "POST", "/config", R"({"log-slow-requests-time-ms":5})", 200,
            R"({"success":true})", "POST /config"},
        Row{"Snapshot", "POST", "/operations/snapshot?snapshot_path=/x", "", 201,
            R"({"success":true})", "POST /operations/snapshot"},
        Row{"SnapshotWithoutPath", "POST", "/operations/snapshot", "", 201, R"({"success":true})",
            "POST /operations/snapshot"},
        Row{"AnalyticsRules", "GET", "/analytics/rules?rule_tag=a", "", 200, "[]",
            "GET /analytics/rules"},
        Row{"NewAnalyticsRule", "POST", "/analytics/rules", R"({"name":"r","type":"counter"})", 400,
            R"({"message":"This node keeps no analytics: there cannot be rules for them."})",
            "POST /analytics/rules"},
        Row{"PutAnalyticsRule", "PUT", "/analytics/rules/r", R"({"type":"counter"})", 400,
            R"({"message":"This node keeps no analytics: there cannot be rules for them."})",
            "PUT /analytics/rules/:name"},
        Row{"AnalyticsRule", "GET", "/analytics/rules/r", "", 404,
            R"({"message":"Could not find an analytics rule named `r`."})",
            "GET /analytics/rules/:name"},
        Row{"DeleteAnalyticsRule", "DELETE", "/analytics/rules/r", "", 404,
            R"({"message":"Could not find an analytics rule named `r`."})",
            "DELETE /analytics/rules/:name"},
        Row{"AnalyticsEvents", "GET", "/analytics/events?user_id=u&name=r&n=10", "", 200,
            R"({"events":[]})", "GET /analytics/events"},
        Row{"NewAnalyticsEvent", "POST", "/analytics/events",
            R"({"name":"r","event_type":"click","data":{"doc_id":"1","user_id":"u"}})", 400,
            R"({"message":"Could not find an analytics rule named `r`: this node keeps no )"
            R"(analytics."})",
            "POST /analytics/events"},
        Row{"NamelessAnalyticsEvent", "POST", "/analytics/events", "[]", 400,
            R"({"message":"Parameter `name` must name the analytics rule of the event."})",
            "POST /analytics/events"},
        Row{"AnalyticsStatus", "GET", "/analytics/status", "", 200,
            R"({"doc_counter_events":0,"doc_log_events":0,"log_prefix_queries":0,)"
            R"("nohits_prefix_queries":0,"popular_prefix_queries":0,"query_counter_events":0,)"
            R"("query_log_events":0})",
            "GET /analytics/status"},
        Row{"FlushAnalytics", "POST", "/analytics/flush", "", 200, R"({"ok":true})",
            "POST /analytics/flush"},
        Row{"ClearCache", "POST", "/operations/cache/clear", "", 200, R"({"success":true})",
            "POST /operations/cache/clear"},
        Row{"Compact", "POST", "/operations/db/compact", "", 200, R"({"success":true})",
            "POST /operations/db/compact"},
        Row{"Vote", "POST", "/operations/vote", "", 200, R"({"success":false})",
            "POST /operations/vote"},
        Row{"SchemaChanges", "GET", "/operations/schema_changes", "", 200, "[]",
            "GET /operations/schema_changes"},
        Row{"ListKeys", "GET", "/keys", "", 200, R"({"keys":[]})", "GET /keys"},
        Row{"CreateKey", "POST", "/keys", R"({"actions":[]})", 201, R"({"actions":[]})",
            "POST /keys"},
        Row{"GetKey", "GET", "/keys/7", "", 200, R"({"id":7})", "GET /keys/:id"},
        Row{"GetKeyThatIsNoNumber", "GET", "/keys/x", "", 404, R"({"message":"Not Found"})",
            "GET /keys/:id"},
        Row{"DeleteKey", "DELETE", "/keys/7", "", 200, R"({"id":7})", "DELETE /keys/:id"},
        Row{"ListSynonymSets", "GET", "/synonym_sets", "", 200, R"([{"name":"a"},{"name":"b"}])",
            "GET /synonym_sets"},
        Row{"GetSynonymSet", "GET", "/synonym_sets/a%2Fb", "", 200, R"({"name":"a/b"})",
            "GET /synonym_sets/:name"},
        Row{"PutCurationSet", "PUT", "/curation_sets/a", R"({"items":[]})", 200, R"({"items":[]})",
            "PUT /curation_sets/:name"},
        Row{"DeleteCurationSet", "DELETE", "/curation_sets/a", "", 200, R"({"name":"a"})",
            "DELETE /curation_sets/:name"},
        Row{"ListItems", "GET", "/synonym_sets/a/items?offset=1&limit=5", "", 200,
            R"([{"id":"2"}])", "GET /synonym_sets/:name/items"},
        Row{"GetItem", "GET", "/curation_sets/a/items/1", "", 200, R"({"id":"1"})",
            "GET /curation_sets/:name/items/:id"},
        Row{"PutItem", "PUT", "/synonym_sets/a/items/1", R"({"synonyms":[]})", 200,
            R"({"synonyms":[]})", "PUT /synonym_sets/:name/items/:id"},
        Row{"PutItemOfNoText", "PUT", "/synonym_sets/a/items/%FF", "{}", 400,
            R"({"message":"A name in the path is not valid UTF-8."})",
            "PUT /synonym_sets/:name/items/:id"},
        Row{"OlderSynonyms", "GET", "/collections/a/synonyms?limit=1", "", 200,
            R"({"synonyms":[{"id":"1"}]})", "GET /collections/:c/synonyms"},
        Row{"OlderOverrides", "GET", "/collections/a/overrides", "", 200,
            R"({"overrides":[{"id":"1"},{"id":"2"}]})", "GET /collections/:c/overrides"},
        Row{"DeleteOlderOverride", "DELETE", "/collections/a/overrides/1", "", 200, R"({"id":"1"})",
            "DELETE /collections/:c/overrides/:id"},
        Row{"PutOlderOverride", "PUT", "/collections/a/overrides/1",
            R"({"excludes":[{"id":"2"}],"rule":{"match":"exact","query":"x"}})", 200,
            R"({"excludes":[{"id":"2"}],"id":"1","rule":{"match":"exact","query":"x"}})",
            "PUT /collections/:c/overrides/:id"},
        Row{"PutOlderSynonym", "PUT", "/collections/a/synonyms/1",
            R"({"id":"other","synonyms":["b","c"]})", 200, R"({"id":"1","synonyms":["b","c"]})",
            "PUT /collections/:c/synonyms/:id"},
        Row{"PutStopwords", "PUT", "/stopwords/s", R"({"stopwords":["Stark Industries"]})", 200,
            R"({"id":"s","stopwords":["Stark Industries"]})", "PUT /stopwords/:name"},
        Row{"PutStopwordsOfNoText", "PUT", "/stopwords/%FF", R"({"stopwords":["a"]})", 400,
            R"({"message":"A name in the path is not valid UTF-8."})", "PUT /stopwords/:name"},
        Row{"PutAliasOfNoText", "PUT", "/aliases/%FF", R"({"collection_name":"a"})", 400,
            R"({"message":"A name in the path is not valid UTF-8."})", "PUT /aliases/:alias"},
        Row{"ListPresets", "GET", "/presets", "", 200, R"({"presets":[{"name":"a"},{"name":"b"}]})",
            "GET /presets"},
        Row{"PutPreset", "PUT", "/presets/a", R"({"value":{}})", 200, R"({"value":{}})",
            "PUT /presets/:name"},
        Row{"Root", "GET", "/", "", 404, R"({"message":"Not Found"})", "(unknown)"},
        Row{"WrongMethod", "PUT", "/collections", "{}", 404, R"({"message":"Not Found"})",
            "(unknown)"},
        Row{"TrailingSlash", "GET", "/collections/", "", 200, R"([{"name":"products"}])",
            "GET /collections"},
        Row{"WriteBehindASlash", "POST", "/collections/a/documents/?action=upsert", R"({"id":"1"})",
            201, R"({"id":"1"})", "POST /collections/:c/documents"},
        Row{"WriteBehindTwoSlashes", "POST", "/collections/a/documents//", R"({"id":"1"})", 201,
            R"({"id":"1"})", "POST /collections/:c/documents"},
        Row{"UpdateByFilterBehindASlash", "PATCH", "/collections/a/documents/?filter_by=x:1",
            R"({"y":2})", 200, R"({"num_updated":3})", "PATCH /collections/:c/documents"},
        Row{"DeleteByFilterBehindTwoSlashes", "DELETE", "/collections/a/documents//?filter_by=x:1",
            "", 200, R"({"num_deleted":3})", "DELETE /collections/:c/documents"},
        Row{"ImportBehindASlash", "POST", "/collections/a/documents/import/", "{}", 200,
            R"({"success":true})", "POST /collections/:c/documents/import"},
        Row{"ExportBehindASlash", "GET", "/collections/a/documents/export/", "", 200,
            "{\"id\":\"1\"}\n{\"id\":\"2\"}", "GET /collections/:c/documents/export"},
        Row{"LeadingSlashes", "GET", "///collections/a/documents/1", "", 200, R"({"id":"1"})",
            "GET /collections/:c/documents/:id"},
        Row{"SlashesEverywhere", "DELETE", "//collections//a//documents///1//", "", 200,
            R"({"id":"1"})", "DELETE /collections/:c/documents/:id"},
        Row{"EncodedSlashesStay", "GET", "//collections//a/documents//a%2Fb/", "", 200,
            R"({"id":"a/b"})", "GET /collections/:c/documents/:id"},
        Row{"NameOfSlashesOnly", "GET", "/collections/%2F/", "", 200, R"({"name":"/"})",
            "GET /collections/:c"},
        Row{"OnlySlashes", "GET", "///", "", 404, R"({"message":"Not Found"})", "(unknown)"},
        Row{"EmptyIdWithoutAFilter", "DELETE", "/collections/a/documents/", "", 400,
            R"({"message":"Parameter `filter_by` must be provided."})",
            "DELETE /collections/:c/documents"},
        Row{"EmptyCollection", "DELETE", "/collections//documents?filter_by=x:1", "", 400,
            R"({"message":"The path has no name between two slashes where one belongs: )"
            R"(`/collections/:c/documents`."})",
            "DELETE /collections/:c/documents"},
        Row{"EmptyCollectionOfADocument", "DELETE", "/collections//documents/1", "", 400,
            R"({"message":"The path has no name between two slashes where one belongs: )"
            R"(`/collections/:c/documents/:id`."})",
            "DELETE /collections/:c/documents/:id"},
        Row{"EmptySet", "GET", "/synonym_sets//items", "", 400,
            R"({"message":"The path has no name between two slashes where one belongs: )"
            R"(`/synonym_sets/:name/items`."})",
            "GET /synonym_sets/:name/items"},
        Row{"BadName", "GET", "/collections/a%2", "", 400,
            R"({"message":"The path has a `%` that two hexadecimal digits do not follow."})",
            "GET /collections/:c"}),
    [](const auto& row) { return row.param.name; });

TEST(RoutesTest, NothingIsDeletedWhereANameIsEmpty) {
  Fixture fixture;
  fixture.service.state.documents["documents"] = R"({"id":"documents"})";
  for (const std::string_view target :
       {"/collections//documents", "/collections///documents/", "//collections//documents?x=1",
        "/collections//synonyms/1", "/collections//overrides/1", "/collections//", "/aliases//",
        "/keys/", "/presets/", "/synonym_sets//", "/synonym_sets/a/items/",
        "/synonym_sets//items/1", "/curation_sets/a/items//", "/stopwords/",
        "/stemming/dictionaries//", "/collections/a/documents/", "/collections/a/synonyms/",
        "/collections/a/overrides//"}) {
    EXPECT_EQ(fixture.Ask("DELETE", target).status / 100, 4) << target;
  }
  EXPECT_THAT(fixture.service.calls(), testing::IsEmpty());
}

TEST(RoutesTest, KeysSeeThePathWithoutItsEmptySegments) {
  Fixture fixture;
  fixture.service.state.keys[KeyDigest("scoped")] = std::make_shared<StoredKey>(
      StoredKey{.actions = {"documents:get"},
                .collections = {[](std::string_view name) { return name == "a"; }},
                .covers_all_collections = false,
                .expires_at = std::numeric_limits<std::int64_t>::max(),
                .value = "scoped"});
  fixture.service.state.documents["1"] = "{}";
  const auto ask = [&](std::string_view target) {
    return fixture
        .AskRaw("GET " + std::string(target) +
                " HTTP/1.1\r\nHost: x\r\nX-TYPESENSE-API-KEY: scoped\r\n\r\n")
        .status;
  };
  EXPECT_EQ(ask("/collections/a/documents/1"), 200);
  EXPECT_EQ(ask("//collections//a/documents//1/"), 200);
  EXPECT_EQ(ask("/collections//b/documents/1"), 401);
  EXPECT_EQ(ask("/collections//a/documents/search/"), 401);
}

TEST(RoutesTest, PassOnWhatTheyAreAsked) {
  Fixture fixture;
  fixture.Ask("POST", "/collections?src_name=old&copy_documents=true", "{}");
  EXPECT_EQ(fixture.service.state.clone_options.source_name, "old");
  EXPECT_TRUE(fixture.service.state.clone_options.copy_documents);
  fixture.Ask("GET", "/collections?limit=5&offset=2&exclude_fields=fields");
  EXPECT_EQ(fixture.service.state.list_options.limit, 5U);
  EXPECT_EQ(fixture.service.state.list_options.offset, 2U);
  EXPECT_THAT(fixture.service.state.list_options.exclude_fields, ElementsAre("fields"));
  for (const std::string_view target : {"/collections", "/collections/a"}) {
    const Reply reply = fixture.Ask("GET", target, {}, "X-Min-Position: 4\r\n");
    EXPECT_EQ(fixture.service.state.freshness.position_min, "4") << target;
    EXPECT_EQ(reply.header("x-position"), "7") << target;
    EXPECT_EQ(reply.header("x-search-position"), "6") << target;
    fixture.service.state.freshness.position_min.clear();
    EXPECT_EQ(fixture.Ask("GET", target, {}, "X-Max-Wait-Ms: x\r\n").status, 400) << target;
  }
  fixture.Ask("POST", "/collections/a/documents?action=emplace&dirty_values=drop", "{}");
  EXPECT_EQ(fixture.service.state.write_options.action, WriteAction::kEmplace);
  EXPECT_EQ(fixture.service.state.write_options.dirty_values, DirtyValues::kDrop);
  fixture.Ask("PATCH", "/collections/a/documents/1", "{}");
  EXPECT_EQ(fixture.service.state.write_options.action, WriteAction::kUpdate);
  fixture.Ask("POST", "/operations/snapshot?snapshot_path=%2Ftmp%2Fx");
  EXPECT_THAT(fixture.service.calls(), Contains("CreateSnapshot /tmp/x"));
  fixture.Ask("GET", "/collections/a/documents/1?include_fields=a,b&exclude_fields=c");
  EXPECT_THAT(fixture.service.state.projection.include_fields, ElementsAre("a", "b"));
  EXPECT_THAT(fixture.service.state.projection.exclude_fields, ElementsAre("c"));
}

TEST(RoutesTest, OlderSetsAreThoseOfTheCollection) {
  Fixture fixture;
  fixture.Ask("PUT", "/collections/a/synonyms/s", "{}");
  fixture.Ask("PUT", "/synonym_sets/a/items/s", "{}");
  fixture.Ask("PUT", "/collections/a/overrides/s", "{}");
  EXPECT_THAT(fixture.service.calls(),
              testing::ElementsAre("PutItem synonyms of a s", "PutItem synonyms a s",
                                   "PutItem curations of a s"));
}

TEST(RoutesTest, RefuseUnknownWords) {
  Fixture fixture;
  for (const std::string_view parameter : {"action=explode", "dirty_values=maybe"}) {
    const Reply reply =
        fixture.Ask("POST", "/collections/a/documents?" + std::string(parameter), "{}");
    EXPECT_EQ(reply.status, 400);
    EXPECT_THAT(reply.body, testing::HasSubstr("must be one of"));
  }
  EXPECT_EQ(fixture.Ask("GET", "/collections?limit=x").body,
            R"({"message":"Parameter `limit` must be an unsigned integer."})");
}

TEST(RoutesTest, BadJsonSaysWhere) {
  Fixture fixture;
  const Reply reply = fixture.Ask("POST", "/collections", "{\"a\":}");
  EXPECT_EQ(reply.status, 400);
  EXPECT_THAT(Json::parse(reply.body)["message"].get<std::string>(), StartsWith("Bad JSON. "));
}

TEST(RoutesTest, BodiesAreJsonWhateverTheirContentType) {
  Fixture fixture;
  const std::string body = R"({"name":")" + std::string(20'000, 'a') + R"("})";
  for (const std::string_view type :
       {"application/x-www-form-urlencoded", "text/plain", "multipart/form-data; boundary=x"}) {
    const Reply reply =
        fixture.Ask("POST", "/collections", body, "Content-Type: " + std::string(type) + "\r\n");
    EXPECT_EQ(reply.status, 201) << type;
    EXPECT_EQ(reply.body, body);
  }
}

TEST(RoutesTest, BatchesAreBounded) {
  Fixture fixture;
  std::string ids = "1";
  for (int i = 0; i < 1000; ++i) {
    ids += ",1";
  }
  EXPECT_EQ(fixture.Ask("GET", "/collections/a/documents/batch?ids=" + ids).status, 400);
  EXPECT_EQ(fixture.Ask("GET", "/collections/a/documents/batch").status, 400);
  EXPECT_EQ(fixture.Ask("POST", "/collections/a/documents/batch", R"({"ids":[1]})").status, 400);
  EXPECT_EQ(fixture.Ask("POST", "/collections/a/documents/batch", R"([])").status, 400);
}

TEST(RoutesTest, HealthAndReadinessTurnWithTheService) {
  Fixture fixture;
  fixture.service.state.is_healthy = false;
  fixture.service.state.is_ready = false;
  const Reply health = fixture.Ask("GET", "/health");
  EXPECT_EQ(health.status, 503);
  EXPECT_EQ(health.body, R"({"ok":false})");
  const Reply ready = fixture.Ask("GET", "/readyz");
  EXPECT_EQ(ready.status, 503);
  EXPECT_EQ(ready.body, R"({"lag_bytes":5,"ready":false})");
}

}  // namespace
}  // namespace cacheindex::api::test
