// The commands for a stopped node, on stores whose pages were damaged. CACHEINDEX_DAMAGE_ROUNDS
// says how many, CACHEINDEX_DAMAGE_SEED repeats a run.

#include <gmock/gmock.h>

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <random>
#include <string>
#include <vector>

#include "node/scrub/separate_process.h"
#include "tests/support/http_client.h"
#include "tests/support/node_process.h"
#include "tests/support/result_matchers.h"
#include "tests/support/temp_directory.h"

namespace cacheindex::test {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::AnyOf;
using testing::HasSubstr;
using testing::Not;

constexpr std::streamoff kPageBytes = 4096;
// The first two say where the others are.
constexpr std::streamoff kMetaPages = 2;

std::uint64_t NumberFromEnvironment(const char* name, std::uint64_t otherwise) {
  // NOLINTNEXTLINE(concurrency-mt-unsafe): no thread changes the environment.
  const char* text = std::getenv(name);
  return text == nullptr ? otherwise : std::stoull(text);
}

class DamageTest : public testing::Test {
 protected:
  void SetUp() override {
    const char* const key = "damage-key";
    NodeProcess node(CACHEINDEX_BINARY,
                     {"serve", "--data-dir", good_, "--listen", "127.0.0.1:0", "--api-key", key});
    const auto port = node.WaitForPort(std::chrono::seconds(20));
    ASSERT_TRUE(port) << node.output();
    HttpClient client(*port, key);
    ASSERT_EQ(client
                  .Ask("POST", "/collections",
                       R"({"name":"things","fields":[{"name":"title","type":"string"},
                           {"name":"color","type":"string","facet":true},
                           {"name":"area","type":"geopolygon"}]})")
                  .status,
              201);
    std::string lines;
    for (int i = 0; i < 1500; ++i) {
      const std::string number = std::to_string(i);
      lines += R"({"id":")" + number + R"(","title":"thing )" + number + R"( of many","color":"c)" +
               std::to_string(i % 40) + R"(","area":[0,0,1,0,)" + std::to_string(i % 90) + ",1]}\n";
    }
    ASSERT_EQ(client.Ask("POST", "/collections/things/documents/import", lines).status, 200);
    node.Signal(SIGTERM);
    ASSERT_EQ(node.Wait(), 0) << node.output();
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
  Run Verify() { return RunCommand({"verify", "--data-dir", data_}); }

  // Replaces what was damaged before.
  void Renew() {
    fs::remove_all(data_);
    fs::copy(good_, data_, fs::copy_options::recursive);
  }
  fs::path StoreFile() const { return generation_ / "data.mdb"; }
  std::streamoff Pages() const {
    return static_cast<std::streamoff>(fs::file_size(StoreFile())) / kPageBytes;
  }
  void Overwrite(std::streamoff place, const std::string& bytes) {
    std::fstream file(StoreFile(), std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(place);
    file.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    ASSERT_TRUE(file.flush());
  }

  TempDirectory directory_;
  const fs::path good_ = directory_.path() / "good";
  const fs::path data_ = directory_.path() / "data";
  const fs::path generation_ = data_ / "stores" / "native" / "generation-1";
};

TEST_F(DamageTest, DamagedPagesAreReportedAndNeverEndTheCommand) {
  const std::uint64_t seed =
      NumberFromEnvironment("CACHEINDEX_DAMAGE_SEED", std::random_device()());
  std::cout << "CACHEINDEX_DAMAGE_SEED=" << seed << '\n';
  std::mt19937_64 random(seed);
  const std::uint64_t rounds = NumberFromEnvironment("CACHEINDEX_DAMAGE_ROUNDS", 12);
  int reported = 0;
  for (std::uint64_t round = 0; round < rounds; ++round) {
    Renew();
    const auto pages = static_cast<std::uint64_t>(Pages() - kMetaPages);
    const std::streamoff page = kMetaPages + static_cast<std::streamoff>(random() % pages);
    // Half of them lose a whole page, the others have the head of one changed.
    const bool is_zeroed = random() % 2 == 0;
    std::string bytes(is_zeroed ? kPageBytes : 4, '\0');
    const std::streamoff place = is_zeroed ? 0 : static_cast<std::streamoff>(random() % 28);
    for (char& byte : bytes) {
      byte = is_zeroed ? '\0' : static_cast<char>(random());
    }
    Overwrite(page * kPageBytes + place, bytes);
    const Run run = Verify();
    ASSERT_THAT(run.code, AnyOf(0, 1)) << "round " << round << ": " << run.output;
    if (run.code == 1) {
      ++reported;
      EXPECT_THAT(run.output,
                  AllOf(HasSubstr(generation_.string()), HasSubstr("restore a backup")));
    }
  }
  std::cout << reported << " of " << rounds << " rounds hit a page in use\n";
}

TEST_F(DamageTest, WhatIsDamagedIsNeitherBackedUpNorRestoredSilently) {
  Renew();
  const fs::path copy = directory_.path() / "copy";
  const Run good = RunCommand({"backup", "--data-dir", data_, "--to", copy});
  EXPECT_EQ(good.code, 0) << good.output;

  for (std::streamoff page = kMetaPages; page < Pages(); ++page) {
    Overwrite(page * kPageBytes, std::string(kPageBytes, '\0'));
  }
  const Run verified = Verify();
  EXPECT_EQ(verified.code, 1);
  EXPECT_THAT(verified.output,
              AllOf(HasSubstr(generation_.string()), HasSubstr("restore a backup")));
  const fs::path other = directory_.path() / "other";
  const Run backup = RunCommand({"backup", "--data-dir", data_, "--to", other});
  EXPECT_EQ(backup.code, 1);
  EXPECT_THAT(backup.output, HasSubstr("nothing was backed up"));
  EXPECT_FALSE(fs::exists(other) || fs::exists(other.string() + ".partial"));

  const fs::path restored = directory_.path() / "restored";
  const Run from_damaged = RunCommand({"restore", "--from", data_, "--data-dir", restored});
  EXPECT_EQ(from_damaged.code, 1);
  EXPECT_THAT(from_damaged.output, HasSubstr("as damaged as the backup"));
  fs::remove_all(restored);
  const Run from_good = RunCommand({"restore", "--from", copy, "--data-dir", restored});
  EXPECT_EQ(from_good.code, 0) << from_good.output;
  const Run again = RunCommand({"verify", "--data-dir", restored});
  EXPECT_EQ(again.code, 0) << again.output;
  EXPECT_THAT(again.output,
              AllOf(HasSubstr("verified 1500 documents"), Not(HasSubstr("restore a backup"))));
}

TEST(CommandTest, ItSaysItsVersion) {
  NodeProcess process(CACHEINDEX_BINARY, {"--version"});
  EXPECT_EQ(process.Wait(), 0);
  EXPECT_THAT(process.output(), testing::MatchesRegex("cacheindex [0-9]+\\.[0-9]+\\.[0-9]+\n"));
}

TEST(SeparateProcessTest, ItsEndIsToldAndNotShared) {
  EXPECT_THAT(node::RunSeparately([] { return 7; }), Succeeds());
  EXPECT_EQ(*node::RunSeparately([] { return 7; }), 7);
  EXPECT_EQ(*node::RunSeparately([]() -> int {
    std::raise(SIGKILL);
    return 0;
  }),
            -SIGKILL);
}

}  // namespace
}  // namespace cacheindex::test
