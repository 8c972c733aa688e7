// Each line of the log that node/README.md 7 lists, made to happen in a real process.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <cerrno>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "tests/node/operating/operated_node.h"
#include "tests/support/fault_plan.h"

namespace cacheindex::test {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

constexpr const char* kStoreFile = "/stores/native/generation-1/data.mdb";

TEST(LogTest, BeginningReadinessAndEnd) {
  OperatedNode node;
  EXPECT_FALSE(node.Line({"event=new_data_directory", "reason="}).empty());
  EXPECT_FALSE(node.Line({"level=info", "event=listening", "tls=false", "open_seconds="}).empty());
  EXPECT_TRUE(node.HasLine({"event=readiness ready=true reason=\"\""}));
  EXPECT_EQ(node.Stop(), 0);
  EXPECT_FALSE(node.Line({"event=stopping signal=15 delay_ms=0"}).empty());
  EXPECT_FALSE(node.Line({"event=stopped"}).empty());
}

TEST(LogTest, ANodeThatDoesNotStart) {
  OperatedNode node;
  NodeProcess second(CACHEINDEX_BINARY, {"serve", "--data-dir", node.data().string(), "--listen",
                                         "127.0.0.1:0", "--api-key", OperatedNode::kKey});
  EXPECT_EQ(second.Wait(), 1);
  EXPECT_THAT(second.output(), HasSubstr("level=error event=not_started reason=\""));
}

TEST(LogTest, FewDescriptors) {
  const TempDirectory directory;
  NodeProcess node("/bin/sh", {"-c", std::string("ulimit -n 300; exec \"") + CACHEINDEX_BINARY +
                                         "\" serve --data-dir \"" + directory.path().string() +
                                         "/data\" --listen 127.0.0.1:0 --api-key k"});
  EXPECT_TRUE(node.WaitForPort(OperatedNode::kPatience));
  EXPECT_THAT(node.output(),
              HasSubstr("event=connections_limited connections_max=150 descriptors=300 reason=\""));
}

TEST(LogTest, WhoChangedWhatWithWhichKeyAndNeverItsValue) {
  OperatedNode node;
  const HttpReply made = node.Ask("POST", "/keys",
                                  R"({"description":"the shop's","actions":["*"],
                                      "collections":["*"],"value":"value-of-a-key"})");
  ASSERT_EQ(made.status, 201) << made.body;
  const std::string id = Json::parse(made.body).at("id").dump();
  EXPECT_TRUE(node.HasLine({"event=audit action=keys:create target=" + id + " key=node"}));

  HttpClient shop(node.port(), "value-of-a-key");
  const auto change = [&](std::string_view method, const std::string& target,
                          std::string_view body) {
    const HttpReply reply = shop.Ask(method, target, body, "X-Request-Id: ticket-7\r\n");
    EXPECT_EQ(reply.status / 100, 2) << target << ": " << reply.body;
  };
  change("POST", "/collections",
         R"({"name":"things","fields":[{"name":"title","type":"string"}]})");
  change("PATCH", "/collections/things", R"({"fields":[{"name":"size","type":"int32"}]})");
  change("PUT", "/aliases/all", R"({"collection_name":"things"})");
  change("PUT", "/synonym_sets/shoes", R"({"items":[{"id":"1","synonyms":["shoe","boot"]}]})");
  change("PUT", "/curation_sets/shoes",
         R"({"items":[{"id":"1","rule":{"query":"shoe","match":"exact"},
             "includes":[{"id":"1","position":1}]}]})");
  change("PUT", "/presets/listing", R"({"value":{"per_page":5}})");
  change("PUT", "/stopwords/common", R"({"stopwords":["the"]})");
  change("POST", "/stemming/dictionaries/import?id=forms", R"({"word":"shoes","root":"shoe"})");
  change("POST", "/operations/cache/clear", "");
  change("POST", "/config", R"({"log-slow-requests-time-ms":60000})");
  change("DELETE", "/collections/things", "");
  const std::string by = " key=" + id + " key_description=\"the shop's\" status=";
  for (const char* what : {"collections:create target=things", "collections:update target=things",
                           "collections:delete target=things", "aliases:upsert target=all",
                           "synonym_sets:upsert target=shoes", "curation_sets:upsert target=shoes",
                           "presets:upsert target=listing", "stopwords:upsert target=common",
                           "stemming/dictionaries:import target=forms",
                           "operations/cache/clear:create target=", "config:create target="}) {
    EXPECT_TRUE(
        node.HasLine({"event=audit action=" + std::string(what), by, "request_id=ticket-7"}))
        << what << "\n"
        << node.output();
  }
  const HttpReply searched =
      node.Ask("GET", "/collections/none/documents/search?q=x&x-typesense-api-key=in-the-query");
  EXPECT_EQ(searched.status, 404);
  EXPECT_EQ(node.Stop(), 0);
  EXPECT_THAT(node.output(), AllOf(Not(HasSubstr("value-of-a-key")), Not(HasSubstr("in-the-query")),
                                   Not(HasSubstr(OperatedNode::kKey))));
}

TEST(LogTest, DocumentsThatAreChangedTogetherAreInTheAuditLogAndSingleOnesAtDebug) {
  OperatedNode node;
  node.MakeCollection();
  ASSERT_EQ(node.Ask("POST", "/collections/things/documents/import?action=upsert",
                     "{\"id\":\"7\",\"title\":\"a\"}\n{\"id\":\"8\",\"title\":\"b\"}")
                .status,
            200);
  EXPECT_TRUE(node.HasLine({"event=audit action=documents:import target=things key=node",
                            "status=200 address=127.0.0.1 request_id="}));
  ASSERT_EQ(
      node.Ask("PATCH", "/collections/things/documents?filter_by=id:7", R"({"title":"c"})").status,
      200);
  EXPECT_TRUE(node.HasLine({"event=audit action=documents:update target=things filter_by=id:7 "}));
  ASSERT_EQ(node.Ask("DELETE", "/collections/things/documents?filter_by=id:7").status, 200);
  EXPECT_TRUE(node.HasLine({"event=audit action=documents:delete target=things filter_by=id:7 "}));
  ASSERT_EQ(node.Ask("DELETE", "/collections/things/documents?filter_by=none:7").status, 404);
  ASSERT_EQ(node.Ask("DELETE", "/collections/things/documents/8").status, 200);
  ASSERT_EQ(node.Ask("PUT", "/log_levels", R"({"audit":"debug"})").status, 200);
  EXPECT_TRUE(node.HasLine({"event=audit action=log_levels:upsert"}));
  EXPECT_THAT(node.output(), AllOf(Not(HasSubstr("things/8")), Not(HasSubstr("none:7"))));
  for (const auto& [method, path, body] :
       {std::array{"POST", "/collections/things/documents", R"({"id":"9","title":"d"})"},
        std::array{"PATCH", "/collections/things/documents/9", R"({"title":"e"})"},
        std::array{"DELETE", "/collections/things/documents/9", ""}}) {
    EXPECT_EQ(node.Ask(method, path, body).status / 100, 2) << path;
  }
  EXPECT_TRUE(node.HasLine({"event=audit action=documents:create target=things"}));
  EXPECT_TRUE(node.HasLine({"event=audit action=documents:update target=things/9"}));
  EXPECT_TRUE(node.HasLine({"event=audit action=documents:delete target=things/9"}));
  EXPECT_EQ(node.Ask("GET", "/collections/things/documents/search?q=a&query_by=title").status, 200);
  EXPECT_EQ(node.Stop(), 0);
  EXPECT_THAT(node.output(), Not(HasSubstr("action=documents:search")));
}

TEST(LogTest, SnapshotsAndOnesThatFail) {
  OperatedNode node;
  const std::string path = (node.directory() / "copy").string();
  ASSERT_EQ(node.Ask("POST", "/operations/snapshot?snapshot_path=" + path).status, 201);
  EXPECT_TRUE(node.HasLine({"event=snapshot path=" + path, "seconds="}));
  EXPECT_TRUE(node.HasLine({"event=audit action=operations/snapshot:create target=" + path}));
  const auto occupied = node.directory() / "occupied";
  std::filesystem::create_directory(occupied);
  std::ofstream(occupied / "something") << "else";
  EXPECT_NE(node.Ask("POST", "/operations/snapshot?snapshot_path=" + occupied.string()).status,
            201);
  EXPECT_TRUE(
      node.HasLine({"level=error event=snapshot_failed path=" + occupied.string(), "reason="}));
}

TEST(LogTest, OverloadIsOneLineHoweverManyAreRefused) {
  OperatedNode node("[node]\nstop_delay_ms = 0\n[http]\nconnections_max = 1\n");
  ASSERT_EQ(node.Ask("GET", "/health").status, 200) << "the one connection there may be";
  for (int i = 0; i < 50; ++i) {
    EXPECT_EQ(node.AskAnew("/health", node.port()).status, 503);
  }
  EXPECT_TRUE(node.HasLine({"level=warning event=overload route=\"(connection)\"", "reason="}));
  EXPECT_TRUE(node.HasLine({"event=overload_ended requests=50"}));
  EXPECT_EQ(node.CountLines("event=overload "), 1);
}

TEST(LogTest, SlowRequestsAndAtDebugAllOfThem) {
  OperatedNode node("[node]\nstop_delay_ms = 0\n[log]\nslow_requests_ms = 20\n");
  node.MakeCollection();
  // Waits for a position that never comes.
  EXPECT_EQ(node.Ask("GET", "/collections/things/documents/1", {},
                     "X-Min-Position: 1000000\r\nX-Max-Wait-Ms: 50\r\nX-Request-Id: slow-1\r\n")
                .status,
            503);
  EXPECT_TRUE(node.HasLine({"event=slow_request route=\"GET /collections/:c/documents/:id\"",
                            "status=503", "milliseconds=", "request_id=slow-1"}));
  EXPECT_EQ(node.CountLines("event=request "), 0);
  EXPECT_EQ(node.Ask("PUT", "/log_levels", R"({"requests":"debug"})").status, 200);
  node.Ask("GET", "/collections/things/documents/1", {}, "X-Request-Id: seen-1\r\n");
  EXPECT_TRUE(node.HasLine({"level=debug event=request", "status=200", "request_id=seen-1"}));
}

TEST(LogTest, TextIndexesThatAreBuiltAgain) {
  OperatedNode node;
  node.MakeCollection();
  EXPECT_EQ(node.Stop(), 0);
  for (const auto& entry :
       std::filesystem::recursive_directory_iterator(node.data() / "stores" / "native")) {
    if (entry.path().filename().string().starts_with("text-") && entry.is_directory()) {
      for (const auto& file : std::filesystem::directory_iterator(entry.path())) {
        std::ofstream(file.path(), std::ios::trunc) << "not a text index";
      }
    }
  }
  node.Start();
  EXPECT_TRUE(node.HasLine({"level=warning event=text_index_rebuild", "indexes=1", "reason="}));
  EXPECT_TRUE(node.HasLine({"event=text_index_rebuilt store=native"}));
}

TEST(LogTest, Damage) {
  OperatedNode node;
  node.MakeCollection();
  EXPECT_EQ(node.Stop(), 0);
  const auto file = node.data() / "stores" / "native" / "generation-1" / "data.mdb";
  std::string bytes;
  {
    std::ifstream in(file, std::ios::binary);
    bytes.assign(std::istreambuf_iterator<char>(in), {});
  }
  for (auto at = bytes.find("a shoe"); at != std::string::npos; at = bytes.find("a shoe", at + 1)) {
    bytes[at] = 'X';
  }
  std::ofstream(file, std::ios::binary | std::ios::trunc) << bytes;
  node.Start();
  EXPECT_EQ(
      node.Ask("GET", "/collections/things/documents/1", {}, "X-Request-Id: bad-1\r\n").status,
      500);
  EXPECT_TRUE(node.HasLine(
      {"level=error event=damage", "request_id=bad-1", "reason=", "run `cacheindex verify`"}));
}

class FaultyDiskTest : public testing::Test {
 protected:
  FaultyDiskTest()
      : control_(directory_.path()),
        node_(OperatedNode::kStopsAtOnce, {std::string("LD_PRELOAD=") + CACHEINDEX_FAULT_SHIM,
                                           "CACHEINDEX_FAULT_PLAN=" + control_.path().string(),
                                           "ASAN_OPTIONS=verify_asan_link_order=0"}) {
    node_.MakeCollection();
  }

  HttpReply Write(const std::string& request_id) {
    return node_.Ask("POST", "/collections/things/documents?action=upsert",
                     R"({"id":"2","title":"a boot"})", "X-Request-Id: " + request_id + "\r\n");
  }

  TempDirectory directory_;
  FaultControl control_;
  OperatedNode node_;
};

TEST_F(FaultyDiskTest, CommitsThatAreRefusedAndReadinessThatIsLost) {
  control_.Arm(FaultPlan::kSync, kStoreFile, EIO);
  EXPECT_EQ(Write("lost-1").status, 500);
  EXPECT_TRUE(node_.HasLine({"level=error event=request_failed", "request_id=lost-1", "reason="}));
  EXPECT_TRUE(node_.HasLine({"level=error event=writes_refused store=native", "restart the node"}));
  EXPECT_TRUE(
      node_.HasLine({"level=warning event=readiness ready=false", "nothing can be written"}));
  EXPECT_EQ(node_.Ask("GET", "/collections/things/documents/1").status, 200);
}

TEST_F(FaultyDiskTest, SettingsThatTakeNoMoreChanges) {
  control_.Arm(FaultPlan::kSync, "/settings/data.mdb", EIO);
  EXPECT_EQ(node_.Ask("PUT", "/presets/a", R"({"value":{"per_page":5}})").status, 500);
  EXPECT_TRUE(node_.HasLine({"level=error event=writes_refused store=settings", "restart"}));
}

TEST_F(FaultyDiskTest, WritesThatFindNoRoom) {
  control_.Arm(FaultPlan::kWrite, kStoreFile, ENOSPC);
  EXPECT_EQ(Write("full-1").status, 507);
  EXPECT_TRUE(node_.HasLine({"level=error event=write_refused", "status=507", "request_id=full-1",
                             "make room on the disk"}));
  EXPECT_EQ(Write("full-2").status, 507);
  EXPECT_EQ(node_.CountLines("event=write_refused"), 1) << "one line for all that say the same";
  control_.Disarm();
  EXPECT_TRUE(node_.HasLine({"event=failures_ended requests=2"}));
}

TEST_F(FaultyDiskTest, HealthThatIsLostAndComesBack) {
  control_.Arm(FaultPlan::kWrite, "/stores/native/generation-1/text-", ENOSPC);
  EXPECT_EQ(Write("text-1").status / 100, 5);
  EXPECT_TRUE(node_.HasLine({"level=error event=health healthy=false", "cannot be written"}));
  control_.Disarm();
  EXPECT_TRUE(node_.HasLine({"level=info event=health healthy=true"}));
  EXPECT_TRUE(
      Eventually([&] { return node_.CountLines("level=info event=readiness ready=true") == 2; }));
}

TEST(LogTest, JsonLines) {
  const TempDirectory directory;
  const auto config = directory.path() / "node.toml";
  std::ofstream(config) << "[node]\nstop_delay_ms = 0\n[log]\nformat = \"json\"\n";
  NodeProcess node(CACHEINDEX_BINARY, {"serve", "--config", config.string(), "--data-dir",
                                       (directory.path() / "data").string(), "--listen",
                                       "127.0.0.1:0", "--api-key", OperatedNode::kKey});
  ASSERT_TRUE(Eventually(
      [&] { return node.output().find(R"("event":"readiness")") != std::string::npos; }));
  node.Signal(SIGTERM);
  EXPECT_EQ(node.Wait(), 0);
  std::vector<std::string> events;
  for (const std::string& line : LinesOf(node.output())) {
    const Json parsed = Json::parse(line, nullptr, /*allow_exceptions=*/false);
    ASSERT_TRUE(parsed.is_object()) << line;
    EXPECT_TRUE(parsed.contains("time")) << line;
    EXPECT_TRUE(parsed.contains("level")) << line;
    events.push_back(parsed.value("event", ""));
    if (events.back() == "listening") {
      EXPECT_TRUE(parsed.at("port").is_number()) << line;
    }
  }
  EXPECT_THAT(events, testing::IsSupersetOf(
                          {"new_data_directory", "listening", "readiness", "stopping", "stopped"}));
}

}  // namespace
}  // namespace cacheindex::test
