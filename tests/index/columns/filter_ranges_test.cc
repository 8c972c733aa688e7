#include "index/columns/filter_ranges.h"

#include <gmock/gmock.h>

#include <limits>
#include <vector>

namespace cacheindex::index {
namespace {

constexpr std::int64_t kLowest = std::numeric_limits<std::int64_t>::min();
constexpr std::int64_t kHighest = std::numeric_limits<std::int64_t>::max();

TEST(RangeSetTest, JoinsRangesThatOverlapOrTouch) {
  const RangeSet set({{5, 7}, {1, 2}, {3, 3}, {10, 9}, {7, 8}});
  ASSERT_EQ(set.ranges().size(), 2U);
  EXPECT_EQ(set.ranges()[0].low, 1);
  EXPECT_EQ(set.ranges()[0].high, 3);
  EXPECT_EQ(set.ranges()[1].low, 5);
  EXPECT_EQ(set.ranges()[1].high, 8);
}

TEST(RangeSetTest, HoldsTheEndsOfTheNumberRange) {
  const RangeSet set({{kHighest, kHighest}, {kLowest, kLowest}, {kHighest - 3, kHighest}});
  EXPECT_TRUE(set.Contains(kLowest));
  EXPECT_TRUE(set.Contains(kHighest));
  EXPECT_TRUE(set.Contains(kHighest - 3));
  EXPECT_FALSE(set.Contains(kLowest + 1));
  EXPECT_FALSE(set.Contains(0));
}

// The same membership whether few ranges are compared, many looked up in a bitmap, or searched.
TEST(RangeSetTest, AgreesWithComparingEveryRange) {
  for (const std::int64_t step : {3, 50'000'000}) {
    for (const std::int64_t count : {1, 3, 40}) {
      std::vector<ValueRange> ranges;
      for (std::int64_t i = 0; i < count; ++i) {
        ranges.push_back({i * step - 10, i * step - 9});
      }
      const RangeSet set(ranges);
      for (std::int64_t i = -1; i <= count; ++i) {
        for (std::int64_t value = i * step - 12; value < i * step - 6; ++value) {
          bool expected = false;
          for (const ValueRange& range : ranges) {
            expected = expected || (value >= range.low && value <= range.high);
          }
          EXPECT_EQ(set.Contains(value), expected) << step << ' ' << count << ' ' << value;
          EXPECT_EQ(set.Covers(value, value), expected);
          EXPECT_EQ(set.Touches(value, value), expected);
        }
      }
    }
  }
}

TEST(RangeSetTest, CoversOnlyWhatOneRangeHolds) {
  const RangeSet set({{1, 4}, {6, 9}});
  EXPECT_TRUE(set.Covers(1, 4));
  EXPECT_TRUE(set.Covers(7, 9));
  EXPECT_FALSE(set.Covers(4, 6));
  EXPECT_TRUE(set.Touches(4, 6));
  EXPECT_TRUE(set.Touches(0, 100));
  EXPECT_FALSE(set.Touches(5, 5));
  EXPECT_FALSE(set.Touches(10, 20));
}

TEST(RangeSetTest, WithoutRangesHoldsNothing) {
  const RangeSet set;
  EXPECT_TRUE(set.IsEmpty());
  EXPECT_FALSE(set.Contains(0));
  EXPECT_FALSE(set.Covers(0, 0));
  EXPECT_FALSE(set.Touches(kLowest, kHighest));
}

}  // namespace
}  // namespace cacheindex::index
