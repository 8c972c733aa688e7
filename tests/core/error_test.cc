#include "node/core/error.h"

#include <gtest/gtest.h>

#include <set>
#include <string>
#include <utility>

namespace cacheindex {
namespace {

TEST(ErrorTest, EveryCodeHasItsOwnName) {
  constexpr ErrorCode kAll[] = {
      ErrorCode::kInvalidArgument, ErrorCode::kUnauthorized, ErrorCode::kNotFound,
      ErrorCode::kTimeout,         ErrorCode::kConflict,     ErrorCode::kTooLarge,
      ErrorCode::kUnprocessable,   ErrorCode::kUnavailable,  ErrorCode::kExhausted,
      ErrorCode::kCorruption,      ErrorCode::kIo,
  };
  std::set<std::string> names;
  for (const ErrorCode code : kAll) {
    names.emplace(Name(code));
  }
  EXPECT_EQ(names.size(), std::size(kAll));
  EXPECT_FALSE(names.contains("unknown"));
}

TEST(ErrorTest, ContextGoesInFrontAndKeepsTheCode) {
  const Error inner(ErrorCode::kExhausted, "map size too small");
  const Error outer = Error(inner).WithContext("write").WithContext("open store");
  EXPECT_EQ(outer.code(), ErrorCode::kExhausted);
  EXPECT_EQ(outer.message(), "open store: write: map size too small");
}

}  // namespace
}  // namespace cacheindex
