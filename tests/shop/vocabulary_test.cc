#include "benchmarks/shop/vocabulary.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <set>
#include <string>
#include <vector>

namespace cacheindex::shop {
namespace {

using ::testing::ElementsAre;

std::set<std::string> Distinct(const std::vector<std::string>& words) {
  return {words.begin(), words.end()};
}

TEST(VocabularyTest, IsLargeAndDistinct) {
  const Vocabulary vocabulary;
  EXPECT_GE(vocabulary.english().size(), 50'000U);
  EXPECT_GE(vocabulary.chinese().size(), 3'000U);
  EXPECT_EQ(Distinct(vocabulary.english()).size(), vocabulary.english().size());
  EXPECT_EQ(Distinct(vocabulary.chinese()).size(), vocabulary.chinese().size());
}

TEST(VocabularyTest, RealWordsAreTheFrequentOnes) {
  const Vocabulary vocabulary;
  EXPECT_EQ(vocabulary.english().front(), "the");
  EXPECT_EQ(vocabulary.chinese().front(), "质量");
}

TEST(VocabularyTest, SplitsBilingualEntries) {
  const Bilingual entry = ParseBilingual(" soap dish 肥皂盒 ");
  EXPECT_EQ(entry.english, "soap dish");
  EXPECT_EQ(entry.chinese, "肥皂盒");
}

TEST(VocabularyTest, IndentedLinesContinueTheOneBefore) {
  EXPECT_THAT(LogicalLines("\na = b,\n  c\nd\n"), ElementsAre("a = b, c", "d"));
}

// Under Zipf's law with exponent 1, rank r is drawn 1/r times as often as rank 1.
TEST(ZipfSamplerTest, FrequenciesFollowTheLaw) {
  constexpr std::uint32_t kSize = 10'000;
  constexpr int kDraws = 2'000'000;
  const ZipfSampler sampler({.size = kSize, .exponent = 1.0});
  Random random(7, Stream::kQuery, 0);
  std::vector<int> counts(kSize);
  for (int i = 0; i < kDraws; ++i) {
    ++counts.at(sampler.Draw(random));
  }
  double harmonic = 0;
  for (std::uint32_t rank = 1; rank <= kSize; ++rank) {
    harmonic += 1.0 / rank;
  }
  for (const std::uint32_t rank : {1U, 2U, 10U, 100U}) {
    const double expected = kDraws / harmonic / rank;
    EXPECT_NEAR(counts[rank - 1], expected, expected * 0.1) << "rank " << rank;
  }
  int tail = 0;
  for (std::uint32_t rank = kSize / 2; rank < kSize; ++rank) {
    tail += counts[rank];
  }
  EXPECT_NEAR(tail, kDraws * 0.0708, kDraws * 0.005);  // ln(2) / harmonic
}

TEST(ZipfSamplerTest, OneRankIsAlwaysDrawn) {
  const ZipfSampler sampler({.size = 1});
  Random random(7, Stream::kQuery, 0);
  EXPECT_EQ(sampler.Draw(random), 0U);
}

TEST(RandomTest, SequencesOfDifferentThingsDiffer) {
  std::set<std::uint64_t> first;
  for (std::uint64_t seed = 0; seed < 10; ++seed) {
    for (std::uint64_t number = 0; number < 100; ++number) {
      first.insert(Random(seed, Stream::kProduct, number).Next());
      first.insert(Random(seed, Stream::kSku, number).Next());
    }
  }
  EXPECT_EQ(first.size(), 2000U);
}

}  // namespace
}  // namespace cacheindex::shop
