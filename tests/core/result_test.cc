#include "node/core/result.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "tests/support/result_matchers.h"

namespace cacheindex {
namespace {

using test::FailsWith;
using test::Succeeds;
using ::testing::Not;

Result<std::string> Echo(const std::string& text) {
  if (text.empty()) {
    return Error(ErrorCode::kInvalidArgument, "empty");
  }
  return text;
}

Result<void> Check(bool is_good) {
  if (!is_good) {
    return Error(ErrorCode::kConflict, "not good");
  }
  return {};
}

TEST(ResultTest, HoldsTheValueThatWasReturned) {
  const Result<std::string> result = Echo("abc");
  ASSERT_THAT(result, Succeeds());
  EXPECT_EQ(*result, "abc");
  EXPECT_EQ(result->size(), 3U);
}

TEST(ResultTest, HoldsTheErrorThatWasReturned) {
  const Result<std::string> result = Echo("");
  ASSERT_THAT(result, FailsWith(ErrorCode::kInvalidArgument));
  EXPECT_FALSE(result);
  EXPECT_EQ(result.error().message(), "empty");
}

TEST(ResultTest, SuccessWithoutValueIsNotAnError) {
  EXPECT_THAT(Check(true), Succeeds());
  EXPECT_THAT(Check(false), FailsWith(ErrorCode::kConflict));
}

TEST(ResultTest, AbsenceIsAValue) {
  const Result<std::optional<int>> result = std::optional<int>();
  ASSERT_THAT(result, Succeeds());
  EXPECT_FALSE(result->has_value());
}

TEST(ResultTest, AValueThatCannotBeCopiedMovesOut) {
  Result<std::unique_ptr<int>> result = std::make_unique<int>(7);
  ASSERT_THAT(result, Succeeds());
  const std::unique_ptr<int> taken = *std::move(result);
  EXPECT_EQ(*taken, 7);
}

TEST(ResultTest, AnErrorMovesOutWithItsMessage) {
  Result<std::string> result = Echo("");
  const Error outer = std::move(result).error().WithContext("echo");
  EXPECT_EQ(outer.message(), "echo: empty");
}

TEST(ResultTest, TheMatchersTellTheTwoApart) {
  EXPECT_THAT(Echo(""), Not(Succeeds()));
  EXPECT_THAT(Echo("a"), Not(FailsWith(ErrorCode::kInvalidArgument)));
  EXPECT_THAT(Echo(""), Not(FailsWith(ErrorCode::kIo)));
}

}  // namespace
}  // namespace cacheindex
