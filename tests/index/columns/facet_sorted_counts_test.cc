#include "index/facet/facet_sorted_counts.h"

#include <gmock/gmock.h>

#include <cstdint>
#include <iostream>
#include <limits>
#include <map>
#include <random>
#include <vector>

namespace cacheindex::index {
namespace {

// Batches that are compared, that are sorted by digits, and that have to be merged.
TEST(SortedCountsTest, AgreesWithAMap) {
  const std::uint64_t seed = std::random_device()();
  std::cout << "seed " << seed << '\n';
  std::mt19937_64 random(seed);
  const std::vector<ValueRange> spans = {
      {-5, 5},
      {1'000'000'000'000, 1'000'005'000'000},
      {std::numeric_limits<std::int64_t>::min(), std::numeric_limits<std::int64_t>::max()}};
  for (const ValueRange& span : spans) {
    for (const std::size_t batch : {100U, 10'000U, 1'000'000U}) {
      SortedCounts counts(span, batch);
      std::map<std::int64_t, std::uint64_t> expected;
      std::uniform_int_distribution<std::int64_t> any(span.low, span.high);
      std::int64_t value = span.low;
      for (int i = 0; i < 25'000; ++i) {
        // Some values repeat, also across batches.
        value = random() % 3 == 0 ? span.high : random() % 3 == 0 ? value : any(random);
        counts.Add(value);
        ++expected[value];
      }
      const auto tallies = counts.Finish();
      ASSERT_EQ(tallies.size(), expected.size());
      auto wanted = expected.begin();
      for (const FacetTally& tally : tallies) {
        ASSERT_EQ(tally.value, wanted->first);
        ASSERT_EQ(tally.count, wanted->second);
        ++wanted;
      }
    }
  }
}

TEST(SortedCountsTest, WithoutValuesThereAreNoTallies) {
  EXPECT_TRUE(SortedCounts({0, 10}).Finish().empty());
}

}  // namespace
}  // namespace cacheindex::index
