#include "node/config/config_changes.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>
#include <string>

#include "tests/support/lines.h"
#include "tests/support/result_matchers.h"
#include "tests/support/temp_directory.h"

namespace cacheindex::node {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

// "http.listen" of each line that sets something, except those of sources.
std::set<std::string> KeysOfExample() {
  std::ifstream file(CACHEINDEX_EXAMPLE_FILE);
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  std::set<std::string> keys;
  std::string section;
  for (const std::string& line : test::LinesOf(text)) {
    if (line.starts_with('[')) {
      section = line.substr(1, line.find(']') - 1);
    } else if (const auto equals = line.find(" = ");
               equals != std::string::npos && line.front() != '#' && line.front() != ' ' &&
               !section.starts_with("source") && !section.starts_with("[source")) {
      keys.insert(section + "." + line.substr(0, equals));
    }
  }
  return keys;
}

TEST(ConfigChangesTest, KnowsEveryKeyOfTheExample) {
  const auto names = SettingNames();
  EXPECT_EQ(std::set<std::string>(names.begin(), names.end()), KeysOfExample());
}

TEST(ConfigChangesTest, NamesWhatDiffersAndNothingElse) {
  const auto example = LoadConfig(CACHEINDEX_EXAMPLE_FILE);
  ASSERT_TRUE(example);
  EXPECT_THAT(ChangedSettings(*example, *example), IsEmpty());
  // The example shows the defaults; the port of a Config is any free one.
  EXPECT_THAT(ChangedSettings(Config(), *example),
              ElementsAre("node.data_directory", "http.listen", "source.shop"));
  Config changed = *example;
  changed.http.limits.body_bytes_max = 5'000;
  changed.operations = api::OperationsServer::Options();
  changed.sources.clear();
  EXPECT_THAT(ChangedSettings(*example, changed),
              ElementsAre("http.body_bytes_max", "operations.listen", "source.shop"));
}

TEST(ConfigChangesTest, APortAloneIsOneOfThisMachine) {
  const test::TempDirectory directory;
  const auto file = directory.path() / "node.toml";
  const auto listen = [&](const std::string& value) {
    std::ofstream(file, std::ios::trunc) << "[operations]\nlisten = \"" << value << "\"\n";
    return LoadConfig(file);
  };
  EXPECT_FALSE(listen("")->operations);
  EXPECT_EQ(listen("8109")->operations->listen_address, "127.0.0.1");
  EXPECT_EQ(listen("8109")->operations->port, 8109);
  EXPECT_EQ(listen("[::1]:8109")->operations->listen_address, "::1");
  EXPECT_THAT(listen("nowhere"), test::FailsWith(ErrorCode::kInvalidArgument));
}

}  // namespace
}  // namespace cacheindex::node
