#include "replication/rows/log_position.h"

#include <gmock/gmock.h>

#include "tests/support/result_matchers.h"

namespace cacheindex::replication {
namespace {

using test::FailsWith;
using test::Succeeds;

TEST(LogPositionTest, IsSpelledAsPostgresqlDoes) {
  EXPECT_EQ(ToString(LogPosition{0}), "0/0");
  EXPECT_EQ(ToString(LogPosition{0x16B374D848}), "16/B374D848");
  EXPECT_EQ(ToString(LogPosition{0x1200000001}), "12/1");
}

TEST(LogPositionTest, ReadsWhatItWrites) {
  for (const std::uint64_t bits : {0ULL, 1ULL, 0xFFFFFFFFULL, 0x100000000ULL, ~0ULL}) {
    EXPECT_THAT(ParseLogPosition(ToString(LogPosition{bits})), Succeeds());
    EXPECT_EQ(*ParseLogPosition(ToString(LogPosition{bits})), LogPosition{bits});
  }
}

TEST(LogPositionTest, RefusesOtherSpellings) {
  for (const char* text :
       {"", "/", "1", "1/", "/1", "1/2/3", "-1/0", "g/0", "1/123456789", " 1/2"}) {
    EXPECT_THAT(ParseLogPosition(text), FailsWith(ErrorCode::kInvalidArgument)) << text;
  }
}

}  // namespace
}  // namespace cacheindex::replication
