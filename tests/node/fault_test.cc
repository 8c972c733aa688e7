// The real binary on a disk that fails: which answers clients get meanwhile, and what is there
// after it. The faults come from a preloaded library (tests/support/fault_shim.cc).

#include <gmock/gmock.h>

#include <cerrno>
#include <chrono>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <random>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include "node/core/json.h"
#include "tests/support/eventually.h"
#include "tests/support/fault_plan.h"
#include "tests/support/http_client.h"
#include "tests/support/node_process.h"
#include "tests/support/temp_directory.h"

namespace cacheindex::test {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr const char* kKey = "fault-key";
constexpr const char* kStoreFile = "/stores/native/generation-1/data.mdb";
constexpr const char* kTextFiles = "/stores/native/generation-1/text-";
constexpr const char* kAnyFile = "/stores/native/";
constexpr const char* kImport = "/collections/things/documents/import?action=upsert";

std::string LineOf(std::uint64_t id, std::uint64_t version) {
  return DumpJson(Json{{"id", std::to_string(id)},
                       {"title", "word" + std::to_string(version) + " shoes"},
                       {"version", version}});
}

class FaultTest : public testing::Test {
 protected:
  FaultTest() : control_(directory_.path()) {}

  void Start() {
    node_.emplace(CACHEINDEX_BINARY,
                  std::vector<std::string>{"serve", "--data-dir", DataDirectory(), "--api-key",
                                           kKey, "--listen", "127.0.0.1:0"},
                  std::vector<std::string>{
                      std::string("LD_PRELOAD=") + CACHEINDEX_FAULT_SHIM,
                      "CACHEINDEX_FAULT_PLAN=" + control_.path().string(),
                      // The sanitizer's library need not be the first: the shim only passes on.
                      "ASAN_OPTIONS=verify_asan_link_order=0"});
    const auto port = node_->WaitForPort(std::chrono::seconds(60));
    ASSERT_TRUE(port.has_value()) << node_->output();
    client_.emplace(*port, kKey);
  }

  void StartWithCollection() {
    Start();
    const HttpReply created =
        client_->Ask("POST", "/collections",
                     R"({"name":"things","fields":[{"name":"title","type":"string"},
           {"name":"version","type":"int64"}]})");
    ASSERT_EQ(created.status, 201) << created.body;
    ASSERT_EQ(Write(1), 1U);
  }

  void Kill() {
    node_->Signal(SIGKILL);
    node_->Wait();
  }

  // Imports documents 1 to `count` anew and returns how many were acknowledged; notes which version
  // each must have at least from now on.
  std::size_t Write(std::uint64_t count) {
    ++version_;
    std::string body;
    for (std::uint64_t id = 1; id <= count; ++id) {
      body += LineOf(id, version_) + "\n";
    }
    last_reply_ = client_->Ask("POST", kImport, body);
    std::istringstream lines(last_reply_.body);
    std::uint64_t id = 0;
    std::size_t acknowledged = 0;
    for (std::string line; std::getline(lines, line);) {
      ++id;
      if (line == R"({"success":true})") {
        acknowledged_[id] = version_;
        ++acknowledged;
      }
    }
    return acknowledged;
  }

  // As a client does that was told to try again later.
  void WriteUntilAcknowledged(std::uint64_t count) {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(30);
    while (Write(count) < count) {
      ASSERT_LT(std::chrono::steady_clock::now(), deadline) << last_reply_.body;
    }
  }

  std::uint64_t Found(std::uint64_t version) {
    const HttpReply reply = client_->Ask(
        "GET", "/collections/things/documents/search?prefix=false&query_by=title&q=word" +
                   std::to_string(version));
    EXPECT_EQ(reply.status, 200) << reply.body;
    return Json::parse(reply.body).at("found").get<std::uint64_t>();
  }

  void ExpectReadable(std::uint64_t id, std::uint64_t version) {
    const HttpReply reply =
        client_->Ask("GET", "/collections/things/documents/" + std::to_string(id));
    EXPECT_EQ(reply.status, 200) << reply.body;
    EXPECT_EQ(reply.body, LineOf(id, version));
  }

  void ExpectEverythingAcknowledged() {
    for (const auto& [id, version] : acknowledged_) {
      const HttpReply reply =
          client_->Ask("GET", "/collections/things/documents/" + std::to_string(id));
      ASSERT_EQ(reply.status, 200) << id << ": " << reply.body;
      const auto stored = Json::parse(reply.body).at("version").get<std::uint64_t>();
      EXPECT_GE(stored, version) << id << " was acknowledged and is lost";
    }
  }

  void Verify() const {
    NodeProcess verify(CACHEINDEX_BINARY, {"verify", "--data-dir", DataDirectory()});
    const int code = verify.Wait();
    EXPECT_EQ(code, 0) << verify.output();
    EXPECT_THAT(verify.output(), HasSubstr(": 0 findings"));
  }

  std::string DataDirectory() const { return directory_.path() / "data"; }

  TempDirectory directory_;
  FaultControl control_;
  std::optional<NodeProcess> node_;
  std::optional<HttpClient> client_;
  HttpReply last_reply_;
  std::uint64_t version_ = 0;
  std::map<std::uint64_t, std::uint64_t> acknowledged_;
};

TEST_F(FaultTest, AfterAFailedSyncTheStoreTakesNoMoreWritesAndGoesOnReading) {
  StartWithCollection();
  control_.Arm(FaultPlan::kSync, kStoreFile, EIO);
  EXPECT_EQ(Write(5), 0U);
  EXPECT_GT(control_.failures(), 0);
  EXPECT_THAT(last_reply_.body, HasSubstr("restart and verify"));
  control_.Disarm();
  // A later sync would succeed and say nothing of the pages that were lost.
  EXPECT_EQ(Write(5), 0U);
  EXPECT_THAT(last_reply_.body, HasSubstr("restart and verify"));
  ExpectReadable(1, 1);
  EXPECT_EQ(Found(1), 1U);
  const HttpReply readiness = client_->Ask("GET", "/readyz");
  EXPECT_EQ(readiness.status, 503) << readiness.body;
  EXPECT_THAT(readiness.body, HasSubstr("restart and verify"));
  Kill();
  Start();
  ExpectEverythingAcknowledged();
  EXPECT_EQ(Write(5), 5U);
  Kill();
  Verify();
}

TEST_F(FaultTest, WhenACommitCannotBeNamedReadsGoOnAndReadinessSaysWhatToDo) {
  StartWithCollection();
  ASSERT_EQ(Write(5), 5U);
  const std::uint64_t before = version_;
  control_.Arm(FaultPlan::kShortWrite, kStoreFile, EIO);
  EXPECT_EQ(Write(5), 0U);
  EXPECT_GT(control_.failures(), 0);
  control_.Disarm();
  EXPECT_EQ(Write(5), 0U);
  EXPECT_THAT(last_reply_.body, HasSubstr("restart and verify"));
  // More than there were snapshots before.
  for (std::uint64_t id = 1; id <= 5; ++id) {
    ExpectReadable(id, before);
  }
  EXPECT_EQ(Found(before), 5U);
  const HttpReply readiness = client_->Ask("GET", "/readyz");
  EXPECT_EQ(readiness.status, 503) << readiness.body;
  EXPECT_THAT(readiness.body, HasSubstr("restart and verify"));
  const std::string copy = directory_.path() / "copy";
  EXPECT_EQ(client_->Ask("POST", "/operations/snapshot?snapshot_path=" + copy).status, 201);
  Kill();
  Start();
  ExpectEverythingAcknowledged();
  EXPECT_EQ(Write(5), 5U);
  Kill();
  Verify();
}

TEST_F(FaultTest, WhenASettingCannotBeWrittenReadsGoOnAndReadinessSaysWhatToDo) {
  for (const FaultPlan::Operation operation : {FaultPlan::kShortWrite, FaultPlan::kSync}) {
    SCOPED_TRACE(operation);
    if (acknowledged_.empty()) {
      StartWithCollection();
    } else {
      Start();
    }
    const auto put = [&](const std::string& name) {
      return client_->Ask("PUT", "/aliases/" + name, R"({"collection_name":"things"})");
    };
    ASSERT_EQ(put("kept").status, 200);
    control_.Arm(operation, "/settings/data.mdb", EIO);
    EXPECT_GE(put("lost").status, 500);
    EXPECT_GT(control_.failures(), 0);
    control_.Disarm();
    // Another sync would succeed and say nothing of what was lost.
    const HttpReply refused = put("later");
    EXPECT_GE(refused.status, 500);
    EXPECT_THAT(refused.body, HasSubstr("restart and verify"));
    EXPECT_EQ(client_->Ask("GET", "/collections/kept/documents/1").status, 200);
    EXPECT_EQ(client_->Ask("GET", "/aliases/kept").status, 200);
    EXPECT_EQ(client_->Ask("GET", "/keys").status, 200);
    EXPECT_EQ(Found(version_), 1U);
    const HttpReply readiness = client_->Ask("GET", "/readyz");
    EXPECT_EQ(readiness.status, 503) << readiness.body;
    EXPECT_THAT(readiness.body, HasSubstr("restart and verify"));
    Kill();
    Start();
    EXPECT_EQ(put("later").status, 200);
    EXPECT_EQ(client_->Ask("GET", "/readyz").status, 200);
    Kill();
  }
}

TEST_F(FaultTest, AFullDiskRefusesWritesUntilThereIsRoomAgain) {
  StartWithCollection();
  control_.Arm(FaultPlan::kWrite, kStoreFile, ENOSPC);
  EXPECT_EQ(Write(5), 0U);
  EXPECT_GT(control_.failures(), 0);
  EXPECT_EQ(last_reply_.status, 507);
  ExpectReadable(1, 1);
  EXPECT_EQ(Found(1), 1U);
  const HttpReply readiness = client_->Ask("GET", "/readyz");
  EXPECT_EQ(readiness.status, 503) << readiness.body;
  EXPECT_THAT(readiness.body, HasSubstr("make room"));
  control_.Disarm();
  EXPECT_EQ(client_->Ask("GET", "/readyz").status, 200);
  EXPECT_EQ(Write(5), 5U);
  EXPECT_EQ(Found(version_), 5U);
  Kill();
  Verify();
}

TEST_F(FaultTest, WhatIsNotSearchableIsNotAcknowledgedAndTheTextIndexRecoversByItself) {
  StartWithCollection();
  // The sixth is never written again.
  ASSERT_EQ(Write(6), 6U);
  const std::uint64_t untouched = version_;
  for (const auto& [operation, error] :
       {std::pair(FaultPlan::kWrite, ENOSPC), std::pair(FaultPlan::kSync, EIO)}) {
    SCOPED_TRACE(error);
    control_.Arm(operation, kTextFiles, error);
    EXPECT_EQ(Write(5), 0U);
    EXPECT_GT(control_.failures(), 0);
    EXPECT_THAT(last_reply_.body, HasSubstr("not searchable yet"));
    const HttpReply readiness = client_->Ask("GET", "/readyz");
    EXPECT_EQ(readiness.status, 503) << readiness.body;
    // What was searchable stays so.
    EXPECT_GE(Found(untouched), 1U);
    control_.Disarm();
    WriteUntilAcknowledged(5);
    EXPECT_EQ(Found(version_), 5U);
    EXPECT_EQ(client_->Ask("GET", "/readyz").status, 200);
    // The commit before the fault is where it went on: nothing was built again.
    EXPECT_THAT(node_->output(), Not(HasSubstr("text_index_rebuild")));
  }
  Kill();
  Verify();
}

// After the sync of the directory, which is the last of a commit, the files are those of the new
// revision already: they are not synchronized again, but built anew beside.
TEST_F(FaultTest, ATextIndexWhoseDirectoryCouldNotBeSynchronizedIsBuiltAgain) {
  constexpr std::int64_t kCallsMax = 20;
  StartWithCollection();
  bool has_failed = true;
  for (std::int64_t calls = 0; calls < kCallsMax && has_failed; ++calls) {
    SCOPED_TRACE(calls);
    control_.Arm(FaultPlan::kSync, kTextFiles, EIO, calls);
    Write(5);
    has_failed = control_.failures() > 0;
    control_.Disarm();
    WriteUntilAcknowledged(5);
    EXPECT_EQ(Found(version_), 5U);
  }
  EXPECT_FALSE(has_failed) << "a commit makes more calls than were tried";
  EXPECT_TRUE(Eventually(
      [&] { return node_->output().find("event=text_index_rebuilt") != std::string::npos; }));
  Kill();
  Verify();
}

// Every write and every sync of an import fails once, wherever it stands.
TEST_F(FaultTest, AFaultAtAnyCallLosesNothingThatWasAcknowledged) {
  constexpr std::int64_t kCallsMax = 40;
  constexpr std::uint64_t kDocuments = 40;
  for (const FaultPlan::Operation operation : {FaultPlan::kWrite, FaultPlan::kSync}) {
    bool has_failed = true;
    for (std::int64_t calls = 0; calls < kCallsMax && has_failed && !HasFailure(); ++calls) {
      SCOPED_TRACE((operation == FaultPlan::kWrite ? "write " : "sync ") + std::to_string(calls));
      if (acknowledged_.empty()) {
        StartWithCollection();
      } else {
        Start();
      }
      control_.Arm(operation, kAnyFile, EIO, calls);
      Write(kDocuments);
      Write(kDocuments);
      has_failed = control_.failures() > 0;
      Kill();
      control_.Disarm();
      Start();
      ExpectEverythingAcknowledged();
      EXPECT_EQ(Write(kDocuments), kDocuments) << last_reply_.body;
      EXPECT_EQ(Found(version_), kDocuments);
      Kill();
    }
    EXPECT_FALSE(has_failed) << "the import makes more calls than were tried";
  }
  Verify();
}

TEST(DescriptorTest, HoweverManyConnectTheStoreCanOpenItsFiles) {
  const TempDirectory directory;
  NodeProcess node(
      "/bin/sh", {"-c", R"(ulimit -n 64; exec "$0" "$@")", CACHEINDEX_BINARY, "serve", "--data-dir",
                  directory.path() / "data", "--api-key", kKey, "--listen", "127.0.0.1:0"});
  const auto port = node.WaitForPort(std::chrono::seconds(60));
  ASSERT_TRUE(port.has_value()) << node.output();
  HttpClient first(*port, kKey);
  ASSERT_EQ(first.Ask("GET", "/health").status, 200);
  std::deque<HttpClient> others;
  int refused = 0;
  for (int i = 0; i < 100; ++i) {
    refused += others.emplace_back(*port, kKey).Ask("GET", "/health").status == 503 ? 1 : 0;
  }
  EXPECT_GE(refused, 68) << "half of 64 descriptors are not for connections";
  for (const std::string name : {"a", "b", "c"}) {
    const Json schema = {{"name", name}, {"fields", {{{"name", "title"}, {"type", "string"}}}}};
    ASSERT_EQ(first.Ask("POST", "/collections", DumpJson(schema)).status, 201);
    const HttpReply written =
        first.Ask("POST", "/collections/" + name + "/documents", R"({"id":"1","title":"word"})");
    EXPECT_EQ(written.status, 201) << written.body;
  }
}

}  // namespace
}  // namespace cacheindex::test
