#include <fcntl.h>
#include <gmock/gmock.h>
#include <sys/file.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "tests/node/running_node.h"

namespace cacheindex::test {
namespace {

namespace fs = std::filesystem;

class SnapshotTest : public testing::Test {
 protected:
  SnapshotTest() {
    node_.Get("POST", "/collections",
              R"({"name":"shop","fields":[{"name":"title","type":"string"}]})");
    Write("1");
  }

  void Write(const std::string& id) {
    node_.Get("POST", "/collections/shop/documents", R"({"id":")" + id + R"(","title":"shoe"})");
  }
  HttpReply Take(const std::string& path) {
    return node_.Ask("POST", "/operations/snapshot?snapshot_path=" + PercentEncoded(path));
  }
  // Opens the copy as a node of its own; returns how many documents it finds.
  static Json Found(const fs::path& copy) {
    node::Config config;
    config.data_directory = copy;
    config.http.api_key = RunningNode::kKey;
    config.log.level = "warn";
    auto started = node::Node::Start(config);
    if (!started) {
      return started.error().message();
    }
    HttpClient client((*started)->port(), RunningNode::kKey);
    const HttpReply reply =
        client.Ask("GET", "/collections/shop/documents/search?q=shoe&query_by=title");
    return Json::parse(reply.body)["found"];
  }
  fs::path path(const std::string& name) const { return node_.directory().path() / name; }

  RunningNode node_;
};

TEST_F(SnapshotTest, TheSecondTakesThePlaceOfTheFirst) {
  EXPECT_EQ(Take(path("copy")).status, 201);
  Write("2");
  EXPECT_EQ(Take(path("copy")).status, 201);
  Write("3");
  EXPECT_EQ(Take(path("copy").string() + "/").status, 201);
  EXPECT_FALSE(fs::exists(path("copy.partial")));
  EXPECT_EQ(Found(path("copy")), 3);
}

TEST_F(SnapshotTest, WithoutAPathItLiesInTheDataDirectory) {
  for (int i = 0; i < 2; ++i) {
    EXPECT_EQ(node_.Get("POST", "/operations/snapshot"), Json::parse(R"({"success":true})"));
  }
  EXPECT_EQ(Found(path("data") / "snapshot"), 1);
}

TEST_F(SnapshotTest, WhatIsNoSnapshotIsNotReplaced) {
  fs::create_directory(path("mine"));
  std::ofstream(path("mine") / "letter") << "dear";
  EXPECT_EQ(Take(path("mine")).status, 409);
  EXPECT_TRUE(fs::exists(path("mine") / "letter"));
  EXPECT_EQ(Take("copy").status, 400) << "a path must be absolute";

  EXPECT_EQ(Take(path("used")).status, 201);
  EXPECT_EQ(Found(path("used")), 1);
  Write("2");
  EXPECT_EQ(Take(path("used")).status, 409) << "a node has lived there since";
  EXPECT_EQ(Found(path("used")), 1);
  EXPECT_EQ(node_.Search("shop", {{"q", "shoe"}, {"query_by", "title"}})["found"], 2);
}

TEST_F(SnapshotTest, OneThatWasCutOffIsNotInTheWayOfTheNext) {
  EXPECT_EQ(Take(path("copy")).status, 201);
  fs::create_directories(path("copy.partial") / "stores" / "native" / "generation-1");
  std::ofstream(path("copy.partial") / "stores" / "native" / "generation-1" / "data.mdb") << "half";
  Write("2");
  EXPECT_EQ(Take(path("copy")).status, 201);
  EXPECT_FALSE(fs::exists(path("copy.partial")));
  EXPECT_EQ(Found(path("copy")), 2);
}

TEST_F(SnapshotTest, WhatOnlyHasTheNameOfAHalfOneIsLeftAlone) {
  fs::create_directory(path("copy.partial"));
  std::ofstream(path("copy.partial") / "letter") << "dear";
  const HttpReply refused = Take(path("copy"));
  EXPECT_EQ(refused.status, 409);
  EXPECT_THAT(refused.body, testing::HasSubstr("copy.partial"));
  EXPECT_TRUE(fs::exists(path("copy.partial") / "letter"));
}

TEST_F(SnapshotTest, WhileOneIsWrittenAnotherToTheSamePlaceIsRefused) {
  fs::create_directory(path("copy.partial"));
  const int other = ::open(path("copy.partial").c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  ASSERT_EQ(::flock(other, LOCK_EX | LOCK_NB), 0);
  const HttpReply refused = Take(path("copy"));
  EXPECT_EQ(refused.status, 409);
  EXPECT_THAT(refused.body, testing::HasSubstr("another copy"));
  ::close(other);
  EXPECT_EQ(Take(path("copy")).status, 201);
}

TEST_F(SnapshotTest, ItIsNotWrittenIntoTheDataDirectory) {
  fs::create_symlink(path("data"), path("link"));
  for (const fs::path& inside : {path("data"), path("data") / "backup", path("data") / "stores",
                                 path("data") / "stores" / "b", path("data") / "snapshot" / "b",
                                 path("link") / "b", path("x") / ".." / "data" / "b"}) {
    const HttpReply refused = Take(inside);
    EXPECT_EQ(refused.status, 400) << inside;
    EXPECT_THAT(refused.body, testing::HasSubstr("in the data directory itself"));
  }
  EXPECT_EQ(Take(path("data") / "snapshot").status, 201);
  EXPECT_EQ(Take(path("database")).status, 201);
}

TEST_F(SnapshotTest, OnlyItsOwnerCanReadIt) {
  EXPECT_EQ(Take(path("copy")).status, 201);
  EXPECT_EQ(fs::status(path("copy")).permissions(), fs::perms::owner_all);
  for (const auto& entry : fs::recursive_directory_iterator(path("copy"))) {
    EXPECT_EQ(entry.status().permissions(), entry.is_directory()
                                                ? fs::perms::owner_all
                                                : fs::perms::owner_read | fs::perms::owner_write)
        << entry.path();
  }
}

}  // namespace
}  // namespace cacheindex::test
