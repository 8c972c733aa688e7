#include "cache/settings.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/result_matchers.h"
#include "tests/support/temp_directory.h"

namespace cacheindex::cache {
namespace {

using test::FailsWith;
using test::Succeeds;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;

class SettingsTest : public testing::Test {
 protected:
  SettingsTest() { Open(); }

  void Open() {
    settings_.reset();
    auto opened = Settings::Open(directory_.path() / "settings");
    ASSERT_THAT(opened, Succeeds());
    settings_ = *std::move(opened);
  }

  test::TempDirectory directory_;
  std::unique_ptr<Settings> settings_;
};

TEST_F(SettingsTest, ValuesAreKeptByKindAndName) {
  ASSERT_THAT(settings_->Put("alias", "shop", "products"), Succeeds());
  ASSERT_THAT(settings_->Put("preset", "shop", "other"), Succeeds());
  ASSERT_THAT(settings_->Put("alias", "blog", std::string("a\0b", 3)), Succeeds());
  Open();
  EXPECT_EQ(*settings_->Find("alias", "shop"), "products");
  EXPECT_EQ(*settings_->Find("preset", "shop"), "other");
  EXPECT_EQ(*settings_->Find("alias", "none"), std::nullopt);
  EXPECT_THAT(*settings_->List("alias"),
              ElementsAre(Pair("blog", std::string("a\0b", 3)), Pair("shop", "products")));
}

TEST_F(SettingsTest, KindsThatStartAlikeAreApart) {
  ASSERT_THAT(settings_->Put("key", "a", "1"), Succeeds());
  ASSERT_THAT(settings_->Put("keys", "a", "2"), Succeeds());
  EXPECT_THAT(*settings_->List("key"), ElementsAre(Pair("a", "1")));
  EXPECT_THAT(*settings_->List("ke"), IsEmpty());
}

TEST_F(SettingsTest, DeletingTellsWhetherThereWasSomething) {
  ASSERT_THAT(settings_->Put("alias", "shop", "products"), Succeeds());
  EXPECT_EQ(*settings_->Delete("alias", "shop"), true);
  EXPECT_EQ(*settings_->Delete("alias", "shop"), false);
  EXPECT_EQ(*settings_->Find("alias", "shop"), std::nullopt);
}

TEST_F(SettingsTest, TooLongNamesAreRefused) {
  const std::string longest(Settings::kNameBytesMax, 'n');
  ASSERT_THAT(settings_->Put("alias", longest, "x"), Succeeds());
  EXPECT_EQ(*settings_->Find("alias", longest), "x");
  EXPECT_THAT(settings_->Put("alias", longest + "n", "x"), FailsWith(ErrorCode::kInvalidArgument));
  EXPECT_THAT(settings_->Put("", "name", "x"), FailsWith(ErrorCode::kInvalidArgument));
  EXPECT_EQ(*settings_->Find("alias", longest + "n"), std::nullopt);
}

TEST_F(SettingsTest, CopyHoldsTheSame) {
  ASSERT_THAT(settings_->Put("alias", "shop", "products"), Succeeds());
  ASSERT_THAT(settings_->CopyTo(directory_.path() / "copy"), Succeeds());
  const auto copy = Settings::Open(directory_.path() / "copy");
  ASSERT_THAT(copy, Succeeds());
  EXPECT_EQ(*(*copy)->Find("alias", "shop"), "products");
}

}  // namespace
}  // namespace cacheindex::cache
