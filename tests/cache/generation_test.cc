#include "cache/generation.h"

#include <gtest/gtest.h>

#include <fstream>

#include "tests/support/result_matchers.h"
#include "tests/support/temp_directory.h"

namespace cacheindex::cache {
namespace {

using test::FailsWith;
using test::Succeeds;

TEST(GenerationTest, FirstStartCreatesAGenerationAndLaterOnesFindIt) {
  const test::TempDirectory directory;
  const auto store = directory.path() / "store";
  const auto created = OpenCurrentGeneration(store);
  ASSERT_THAT(created, Succeeds());
  EXPECT_TRUE(std::filesystem::is_directory(*created));
  EXPECT_EQ(*OpenCurrentGeneration(store), *created);
}

TEST(GenerationTest, SwitchMakesAnotherGenerationLive) {
  const test::TempDirectory directory;
  const auto first = *OpenCurrentGeneration(directory.path());
  EXPECT_THAT(SwitchGeneration(directory.path(), "generation-2"), FailsWith(ErrorCode::kNotFound));
  EXPECT_EQ(*OpenCurrentGeneration(directory.path()), first);
  std::filesystem::create_directory(directory.path() / "generation-2");
  EXPECT_THAT(SwitchGeneration(directory.path(), "generation-2"), FailsWith(ErrorCode::kNotFound))
      << "nothing is in it";
  ASSERT_THAT(CreateGeneration(directory.path() / "generation-2"), Succeeds());
  EXPECT_THAT(CreateGeneration(directory.path() / "generation-2"), FailsWith(ErrorCode::kConflict));
  ASSERT_THAT(SwitchGeneration(directory.path(), "generation-2"), Succeeds());
  EXPECT_EQ(*OpenCurrentGeneration(directory.path()), directory.path() / "generation-2");
  EXPECT_TRUE(std::filesystem::is_directory(first));
}

TEST(GenerationTest, LostCurrentIsForAnOperatorAndNothingIsTouched) {
  const test::TempDirectory directory;
  const auto generation = *OpenCurrentGeneration(directory.path());
  std::ofstream(generation / "data.mdb") << "documents";
  std::filesystem::remove(directory.path() / "CURRENT");
  EXPECT_THAT(OpenCurrentGeneration(directory.path()), FailsWith(ErrorCode::kCorruption));
  EXPECT_TRUE(std::filesystem::exists(generation / "data.mdb"));
  EXPECT_FALSE(std::filesystem::exists(directory.path() / "CURRENT"));
}

TEST(GenerationTest, CurrentMustNameAGenerationOfThisStore) {
  const test::TempDirectory directory;
  ASSERT_THAT(OpenCurrentGeneration(directory.path()), Succeeds());
  for (const char* name : {"", "generation-7\n", "../other", "/", ".", "CURRENT\n"}) {
    std::ofstream(directory.path() / "CURRENT") << name;
    EXPECT_THAT(OpenCurrentGeneration(directory.path()), FailsWith(ErrorCode::kCorruption)) << name;
  }
  EXPECT_THAT(SwitchGeneration(directory.path(), "../x"), FailsWith(ErrorCode::kInvalidArgument));
}

TEST(GenerationTest, InterruptedFirstStartIsFinished) {
  const test::TempDirectory directory;
  std::filesystem::create_directory(directory.path() / "generation-1");
  std::ofstream(directory.path() / "CURRENT.new") << "gen";
  EXPECT_THAT(OpenCurrentGeneration(directory.path()), Succeeds());
}

}  // namespace
}  // namespace cacheindex::cache
