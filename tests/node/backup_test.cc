// Backups that are not what they were: `restore` and `verify` name the file, and nothing is
// touched.

#include <gmock/gmock.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <functional>
#include <string>
#include <vector>

#include "tests/support/http_client.h"
#include "tests/support/node_process.h"
#include "tests/support/temp_directory.h"

namespace cacheindex::test {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

constexpr const char* kKey = "backup-key";

class BackupTest : public testing::Test {
 protected:
  void SetUp() override {
    NodeProcess node(CACHEINDEX_BINARY, {"serve", "--data-dir", data_.string() + "/", "--listen",
                                         "127.0.0.1:0", "--api-key", kKey});
    const auto port = node.WaitForPort(std::chrono::seconds(60));
    ASSERT_TRUE(port) << node.output();
    HttpClient client(*port, kKey);
    ASSERT_EQ(client
                  .Ask("POST", "/collections",
                       R"({"name":"things","fields":[{"name":"title","type":"string"}]})")
                  .status,
              201);
    ASSERT_EQ(
        client.Ask("POST", "/collections/things/documents", R"({"id":"1","title":"word"})").status,
        201);
    node.Signal(SIGTERM);
    ASSERT_EQ(node.Wait(), 0) << node.output();
    const Run backup =
        RunCommand({"backup", "--data-dir", data_.string() + "/", "--to", good_.string() + "/"});
    ASSERT_EQ(backup.code, 0) << backup.output;
  }

  struct Run {
    int code = 0;
    std::string output;
  };
  static Run RunCommand(const std::vector<std::string>& arguments) {
    NodeProcess process(CACHEINDEX_BINARY, arguments);
    const int code = process.Wait();
    return {code, process.output()};
  }

  static void FlipBit(const fs::path& path, std::streamoff place) {
    std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
    file.seekg(place);
    const int byte = file.get();
    file.seekp(place);
    file.put(static_cast<char>(byte ^ 1));
  }

  TempDirectory directory_;
  const fs::path data_ = directory_.path() / "data";
  const fs::path good_ = directory_.path() / "good";
  const fs::path copy_ = directory_.path() / "copy";
  const fs::path restored_ = directory_.path() / "restored";
};

TEST_F(BackupTest, WhatDiffersIsNamedAndNothingIsRestored) {
  const fs::path generation = fs::path("stores") / "native" / "generation-1";
  const fs::path store = generation / "data.mdb";
  const fs::path text = generation / "text-1-1" / "postlist.glass";
  ASSERT_TRUE(fs::exists(good_ / text));
  struct Damage {
    std::function<void()> happen;
    std::string named;
  };
  const std::vector<Damage> damages = {
      {[&] { fs::remove(copy_ / store); }, store.string() + " is missing"},
      {[&] { fs::resize_file(copy_ / store, 0); }, store.string() + " has 0 of "},
      {[&] { fs::resize_file(copy_ / store, fs::file_size(copy_ / store) - 1); }, store},
      // A page that nobody would read before a search does.
      {[&] { FlipBit(copy_ / store, 4096 * 3 + 4000); },
       store.string() + " is not what was written"},
      {[&] { FlipBit(copy_ / text, 100); }, text.string() + " is not what was written"},
      {[&] { fs::remove_all(copy_ / text.parent_path()); }, text.string() + " is missing"},
      {[&] { fs::remove_all(copy_ / "settings"); }, "settings/data.mdb is missing"},
      {[&] { fs::remove_all(copy_ / "stores"); }, store.string() + " is missing"},
      {[&] { fs::remove(copy_ / "stores" / "native" / "CURRENT"); }, "CURRENT is missing"},
      {[&] { std::ofstream(copy_ / generation / "more"); }, "more does not belong to it"},
      {[&] { FlipBit(copy_ / "MANIFEST", 30); }, "MANIFEST is damaged or cut off"},
      {[&] { fs::resize_file(copy_ / "MANIFEST", 40); }, "MANIFEST is damaged or cut off"},
      {[&] { fs::resize_file(copy_ / "MANIFEST", 0); }, "MANIFEST is damaged or cut off"},
  };
  for (const Damage& damage : damages) {
    SCOPED_TRACE(damage.named);
    fs::remove_all(copy_);
    fs::copy(good_, copy_, fs::copy_options::recursive);
    damage.happen();
    const Run restored = RunCommand({"restore", "--from", copy_, "--data-dir", restored_});
    EXPECT_EQ(restored.code, 1);
    EXPECT_THAT(restored.output, AllOf(HasSubstr(damage.named), HasSubstr("another backup")));
    EXPECT_FALSE(fs::exists(restored_) || fs::exists(restored_.string() + ".partial"));
    const Run verified = RunCommand({"verify", "--data-dir", copy_});
    EXPECT_EQ(verified.code, 1);
    EXPECT_THAT(verified.output, HasSubstr(damage.named));
    EXPECT_FALSE(fs::exists(copy_ / "LOCK")) << "a backup is only read";
  }
}

TEST_F(BackupTest, AGoodOneIsSaidToBeGoodAndStaysSo) {
  for (int i = 0; i < 2; ++i) {
    const Run verified = RunCommand({"verify", "--data-dir", good_});
    EXPECT_EQ(verified.code, 0) << verified.output;
    EXPECT_THAT(verified.output, HasSubstr("files are as they were made"));
  }
  // What a restore left that was cut off is not in the way.
  fs::create_directories(restored_.string() + ".partial/stores/native");
  const Run restored = RunCommand(
      {"restore", "--from", good_.string() + "/", "--data-dir", restored_.string() + "/"});
  EXPECT_EQ(restored.code, 0) << restored.output;
  EXPECT_FALSE(fs::exists(restored_ / "MANIFEST") || fs::exists(restored_.string() + ".partial"));
  const Run verified = RunCommand({"verify", "--data-dir", restored_});
  EXPECT_EQ(verified.code, 0) << verified.output;
  EXPECT_THAT(verified.output, HasSubstr("verified 1 documents"));
  // And one more takes its place.
  const Run backup = RunCommand({"backup", "--data-dir", restored_, "--to", good_});
  EXPECT_EQ(backup.code, 0) << backup.output;
}

TEST_F(BackupTest, ANodeThatIsStartedOnOneMakesItADataDirectory) {
  fs::copy(good_, copy_, fs::copy_options::recursive);
  fs::remove(copy_ / "settings" / "data.mdb");
  const std::vector<std::string> serve = {"serve",       "--data-dir", copy_, "--listen",
                                          "127.0.0.1:0", "--api-key",  kKey};
  const Run refused = RunCommand(serve);
  EXPECT_EQ(refused.code, 1);
  EXPECT_THAT(refused.output, HasSubstr("settings/data.mdb is missing"));
  fs::copy(good_ / "settings" / "data.mdb", copy_ / "settings" / "data.mdb");
  {
    NodeProcess node(CACHEINDEX_BINARY, serve);
    EXPECT_TRUE(node.WaitForPort(std::chrono::seconds(60))) << node.output();
  }
  EXPECT_FALSE(fs::exists(copy_ / "MANIFEST"));
  const Run backup = RunCommand({"backup", "--data-dir", data_, "--to", copy_});
  EXPECT_EQ(backup.code, 1);
  EXPECT_THAT(backup.output, HasSubstr("exists and is not empty"));
}

TEST_F(BackupTest, OneOfAnEarlierVersionHasNoManifestAndIsRestored) {
  fs::remove(good_ / "MANIFEST");
  const Run restored = RunCommand({"restore", "--from", good_, "--data-dir", restored_});
  EXPECT_EQ(restored.code, 0) << restored.output;
  EXPECT_THAT(restored.output, HasSubstr("has no MANIFEST"));
  fs::remove_all(restored_);
  fs::remove(good_ / "settings" / "data.mdb");
  const Run refused = RunCommand({"restore", "--from", good_, "--data-dir", restored_});
  EXPECT_EQ(refused.code, 1);
  EXPECT_THAT(refused.output, HasSubstr("settings/data.mdb is missing"));
  EXPECT_FALSE(fs::exists(restored_));
}

}  // namespace
}  // namespace cacheindex::test
