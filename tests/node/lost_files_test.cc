// A data directory that lost something while its node was stopped: the node does not begin anew in
// its place, `verify` names it, and what is derived is made again.

#include <gmock/gmock.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "tests/support/eventually.h"
#include "tests/support/http_client.h"
#include "tests/support/node_process.h"
#include "tests/support/temp_directory.h"

namespace cacheindex::test {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

constexpr const char* kKey = "lost-key";
constexpr const char* kSearch = "/collections/things/documents/search?q=word&query_by=title";

class LostFilesTest : public testing::Test {
 protected:
  LostFilesTest() : data_(directory_.path() / "data") {}

  void SetUp() override {
    Start();
    ASSERT_EQ(client_
                  ->Ask("POST", "/collections",
                        R"({"name":"things","fields":[{"name":"title","type":"string"}]})")
                  .status,
              201);
    ASSERT_EQ(client_->Ask("POST", "/collections/things/documents", R"({"id":"1","title":"word"})")
                  .status,
              201);
    Stop();
  }

  void Start() {
    node_.emplace(CACHEINDEX_BINARY,
                  std::vector<std::string>{"serve", "--data-dir", data_, "--listen", "127.0.0.1:0",
                                           "--api-key", kKey});
    const auto port = node_->WaitForPort(std::chrono::seconds(60));
    ASSERT_TRUE(port) << node_->output();
    client_.emplace(*port, kKey);
  }
  void Stop() {
    node_->Signal(SIGTERM);
    ASSERT_EQ(node_->Wait(), 0) << node_->output();
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
  Run Serve() const {
    return RunCommand({"serve", "--data-dir", data_, "--listen", "127.0.0.1:0", "--api-key", kKey});
  }
  Run Verify() const { return RunCommand({"verify", "--data-dir", data_}); }

  fs::path Generation() const { return data_ / "stores" / "native" / "generation-1"; }
  fs::path TextIndex() const { return Generation() / "text-1-1"; }

  void ExpectServing() {
    Start();
    EXPECT_TRUE(Eventually([&] { return client_->Ask("GET", "/readyz").status == 200; }));
    const HttpReply reply = client_->Ask("GET", kSearch);
    EXPECT_EQ(reply.status, 200) << reply.body;
    EXPECT_THAT(reply.body, HasSubstr(R"("found":1)"));
    Stop();
  }

  TempDirectory directory_;
  fs::path data_;
  std::optional<NodeProcess> node_;
  std::optional<HttpClient> client_;
};

TEST_F(LostFilesTest, WhatIsLostIsRefusedByNameAndNeverMadeAnew) {
  const fs::path good = directory_.path() / "good";
  fs::copy(data_, good, fs::copy_options::recursive);
  const fs::path settings = data_ / "settings" / "data.mdb";
  const fs::path store = Generation() / "data.mdb";
  const fs::path current = data_ / "stores" / "native" / "CURRENT";
  struct Loss {
    std::string what;
    std::function<void()> happen;
    fs::path named;
  };
  const std::vector<Loss> losses = {
      {"documents", [&] { fs::remove(store); }, store},
      {"empty documents", [&] { fs::resize_file(store, 0); }, store},
      {"cut documents", [&] { fs::resize_file(store, 5000); }, store},
      {"zeroed documents",
       [&] { std::ofstream(store, std::ios::trunc) << std::string(40'960, '\0'); }, Generation()},
      {"folder for documents",
       [&] {
         fs::remove(store);
         fs::create_directory(store);
       },
       store},
      {"a generation", [&] { fs::remove_all(Generation()); }, Generation()},
      {"all in a generation",
       [&] {
         fs::remove_all(Generation());
         fs::create_directory(Generation());
       },
       store},
      {"CURRENT", [&] { fs::remove(current); }, current.parent_path()},
      {"empty CURRENT", [&] { fs::resize_file(current, 0); }, current},
      {"the native store", [&] { fs::remove_all(current.parent_path()); }, current.parent_path()},
      {"all stores", [&] { fs::remove_all(data_ / "stores"); }, current.parent_path()},
      {"settings, before there were names",
       [&] {
         fs::remove(data_ / "NODE");
         fs::remove_all(settings.parent_path());
       },
       settings},
      {"settings", [&] { fs::remove(settings); }, settings},
      {"all settings", [&] { fs::remove_all(settings.parent_path()); }, settings},
      {"empty settings", [&] { fs::resize_file(settings, 0); }, settings},
      {"folder for settings",
       [&] {
         fs::remove(settings);
         fs::create_directory(settings);
       },
       settings},
      {"settings and stores",
       [&] {
         fs::remove_all(settings.parent_path());
         fs::remove_all(data_ / "stores");
       },
       settings},
  };
  for (const Loss& loss : losses) {
    SCOPED_TRACE(loss.what);
    fs::remove_all(data_);
    fs::copy(good, data_, fs::copy_options::recursive);
    loss.happen();
    const Run run = Serve();
    EXPECT_EQ(run.code, 1);
    EXPECT_THAT(run.output, AllOf(HasSubstr(loss.named.string()), HasSubstr("restore a backup"),
                                  HasSubstr("event=not_started"), Not(HasSubstr("listening"))));
    const Run verified = Verify();
    EXPECT_EQ(verified.code, 1);
    EXPECT_THAT(verified.output,
                AllOf(HasSubstr(loss.named.string()), HasSubstr("restore a backup")));
  }
  const fs::path copy = directory_.path() / "copy";
  EXPECT_EQ(RunCommand({"backup", "--data-dir", data_, "--to", copy}).code, 1);
  EXPECT_FALSE(fs::exists(copy));
}

TEST_F(LostFilesTest, SettingsThatWereUsedShowThatStoresWereLost) {
  Start();
  ASSERT_EQ(client_->Ask("PUT", "/aliases/all", R"({"collection_name":"things"})").status, 200);
  Stop();
  // As an earlier version left it.
  fs::remove(data_ / "NODE");
  ExpectServing();
  EXPECT_TRUE(fs::exists(data_ / "NODE"));
  fs::remove(data_ / "NODE");
  fs::remove_all(data_ / "stores");
  const Run run = Serve();
  EXPECT_EQ(run.code, 1);
  EXPECT_THAT(run.output, AllOf(HasSubstr("native is missing"), HasSubstr("restore a backup")));
  EXPECT_FALSE(fs::exists(data_ / "stores" / "native"));
}

TEST_F(LostFilesTest, LocksAndSpoolAreMadeAgain) {
  fs::remove(data_ / "LOCK");
  fs::remove(Generation() / "lock.mdb");
  fs::remove(data_ / "settings" / "lock.mdb");
  fs::remove_all(data_ / "spool");
  ExpectServing();
}

TEST_F(LostFilesTest, ATextIndexIsBuiltAgainAndSaidToBe) {
  ASSERT_TRUE(fs::exists(TextIndex()));
  const std::vector<std::function<void()>> losses = {
      [&] { fs::remove_all(TextIndex()); },
      [&] { fs::remove(TextIndex() / "postlist.glass"); },
      [&] {
        for (const auto& entry : fs::directory_iterator(Generation())) {
          if (entry.path().filename().string().starts_with("text-")) {
            for (const auto& file : fs::directory_iterator(entry.path())) {
              fs::resize_file(file.path(), 0);
            }
          }
        }
      },
  };
  int number = 0;
  for (const auto& happen : losses) {
    SCOPED_TRACE(number++);
    if (number > 1) {
      fs::remove_all(data_);
      SetUp();
    }
    happen();
    // What verifies has the time to build a small one.
    const fs::path copy = directory_.path() / "copy";
    fs::remove_all(copy);
    fs::copy(data_, copy, fs::copy_options::recursive);
    const Run verified = RunCommand({"verify", "--data-dir", copy});
    EXPECT_EQ(verified.code, 1);
    EXPECT_THAT(verified.output,
                AllOf(HasSubstr("the next start builds"), HasSubstr(copy / "stores" / "native"),
                      Not(HasSubstr("restore a backup"))));
    ExpectServing();
    EXPECT_THAT(node_->output(), HasSubstr("event=text_index_rebuild"));
    const Run again = Verify();
    EXPECT_EQ(again.code, 0) << again.output;
  }
}

// A first start that is killed at any file leaves nothing that a second one refuses.
TEST(FirstStartTest, AnInterruptedOneIsFinished) {
  const std::vector<std::function<void(const fs::path&)>> states = {
      [](const fs::path& data) { fs::create_directories(data / "spool"); },
      [](const fs::path& data) { fs::create_directories(data / "settings" / "creating"); },
      [](const fs::path& data) {
        fs::create_directories(data / "stores" / "native.new" / "generation-1" / "creating");
      },
      [](const fs::path& data) {
        const fs::path generation = data / "stores" / "native.new" / "generation-1";
        fs::create_directories(generation);
        std::ofstream(generation / "data.mdb") << "half";
        std::ofstream(generation.parent_path() / "CURRENT") << "generation-1\n";
      },
      // As an earlier version left it.
      [](const fs::path& data) {
        fs::create_directories(data / "stores" / "native" / "generation-1");
        std::ofstream(data / "stores" / "native" / "CURRENT.new") << "gener";
      },
  };
  for (std::size_t i = 0; i < states.size(); ++i) {
    SCOPED_TRACE(i);
    const TempDirectory directory;
    const fs::path data = directory.path() / "data";
    states[i](data);
    NodeProcess node(CACHEINDEX_BINARY,
                     {"serve", "--data-dir", data, "--listen", "127.0.0.1:0", "--api-key", kKey});
    EXPECT_TRUE(node.WaitForPort(std::chrono::seconds(60))) << node.output();
    EXPECT_THAT(node.output(), HasSubstr("event=new_data_directory"));
    EXPECT_FALSE(fs::exists(data / "stores" / "native.new"));
  }
}

}  // namespace
}  // namespace cacheindex::test
