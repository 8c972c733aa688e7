#include "node/stores/managed_generations.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <memory>
#include <string>

#include "tests/support/eventually.h"
#include "tests/support/result_matchers.h"
#include "tests/support/temp_directory.h"

namespace cacheindex::test {
namespace {

using node::ManagedGenerations;

class ManagedGenerationsTest : public testing::Test {
 protected:
  std::filesystem::path Generation(int number) const {
    return directory_.path() / "shop" / ("generation-" + std::to_string(number));
  }

  static bool IsRemoved(const std::filesystem::path& path) {
    return Eventually([&] { return !std::filesystem::exists(path); });
  }

  TempDirectory directory_;
  node::Config config_;
  std::unique_ptr<ManagedGenerations> generations_ =
      std::make_unique<ManagedGenerations>(directory_.path() / "shop", config_);
};

TEST_F(ManagedGenerationsTest, AReaderKeepsTheGenerationThatItReads) {
  ASSERT_THAT(generations_->OpenLive(), Succeeds());
  auto reading = generations_->live();
  ASSERT_THAT(generations_->OpenNext(), Succeeds());
  EXPECT_EQ(generations_->live(), reading);
  ASSERT_THAT(generations_->PublishNext(), Succeeds());
  EXPECT_EQ(generations_->live()->number(), 2U);
  EXPECT_TRUE(std::filesystem::exists(Generation(1)));
  EXPECT_THAT(reading->served().store().OpenSnapshot(), Succeeds());
  reading.reset();
  EXPECT_TRUE(IsRemoved(Generation(1)));
}

TEST_F(ManagedGenerationsTest, WhatWasLiveIsLiveAfterARestartAndAnUnfinishedOneGoesOn) {
  ASSERT_THAT(generations_->OpenLive(), Succeeds());
  ASSERT_THAT(generations_->OpenNext(), Succeeds());
  ASSERT_THAT(generations_->PublishNext(), Succeeds());
  ASSERT_THAT(generations_->OpenNext(), Succeeds());
  generations_.reset();
  generations_ = std::make_unique<ManagedGenerations>(directory_.path() / "shop", config_);
  ASSERT_THAT(generations_->OpenLive(), Succeeds());
  EXPECT_EQ(generations_->live()->number(), 2U);
  ASSERT_THAT(generations_->OpenNext(), Succeeds());
  ASSERT_THAT(generations_->PublishNext(), Succeeds());
  EXPECT_EQ(generations_->live()->number(), 3U);
}

TEST_F(ManagedGenerationsTest, AReplacedGenerationThatAReaderKeptGoesAtTheNextStart) {
  ASSERT_THAT(generations_->OpenLive(), Succeeds());
  ASSERT_THAT(generations_->OpenNext(), Succeeds());
  ASSERT_THAT(generations_->PublishNext(), Succeeds());
  generations_.reset();
  std::filesystem::create_directories(Generation(1));  // As if the process had been killed.
  generations_ = std::make_unique<ManagedGenerations>(directory_.path() / "shop", config_);
  ASSERT_THAT(generations_->OpenLive(), Succeeds());
  EXPECT_FALSE(std::filesystem::exists(Generation(1)));
}

TEST_F(ManagedGenerationsTest, ADiscardedOneIsNeverUsedAgain) {
  ASSERT_THAT(generations_->OpenLive(), Succeeds());
  ASSERT_THAT(generations_->OpenNext(), Succeeds());
  ASSERT_THAT(generations_->DiscardNext(), Succeeds());
  ASSERT_THAT(generations_->OpenNext(), Succeeds());
  ASSERT_THAT(generations_->PublishNext(), Succeeds());
  EXPECT_EQ(generations_->live()->number(), 3U);
  EXPECT_TRUE(IsRemoved(Generation(2)));
}

TEST_F(ManagedGenerationsTest, ARebuildIsRememberedUntilItIsDone) {
  ASSERT_THAT(generations_->OpenLive(), Succeeds());
  ASSERT_THAT(generations_->RememberRebuild(), Succeeds());
  generations_.reset();
  generations_ = std::make_unique<ManagedGenerations>(directory_.path() / "shop", config_);
  EXPECT_TRUE(generations_->IsRebuildRemembered());
  ASSERT_THAT(generations_->OpenLive(), Succeeds());
  ASSERT_THAT(generations_->OpenNext(), Succeeds());
  ASSERT_THAT(generations_->PublishNext(), Succeeds());
  EXPECT_FALSE(generations_->IsRebuildRemembered());
}

TEST_F(ManagedGenerationsTest, ALostOneIsMadeAnewOnlyWhenAnOperatorSaysSo) {
  ASSERT_THAT(generations_->OpenLive(), Succeeds());
  generations_.reset();
  std::filesystem::remove(Generation(1) / "data.mdb");
  generations_ = std::make_unique<ManagedGenerations>(directory_.path() / "shop", config_);
  EXPECT_THAT(generations_->OpenLive(), FailsWith(ErrorCode::kCorruption));
  EXPECT_FALSE(std::filesystem::exists(Generation(1) / "data.mdb"));
  ASSERT_THAT(node::ReplaceLiveGeneration(directory_.path() / "shop"), Succeeds());
  EXPECT_TRUE(std::filesystem::exists(Generation(1)));
  ASSERT_THAT(generations_->OpenLive(), Succeeds());
  EXPECT_EQ(generations_->live()->number(), 2U);
  EXPECT_FALSE(std::filesystem::exists(Generation(1)));
}

}  // namespace
}  // namespace cacheindex::test
