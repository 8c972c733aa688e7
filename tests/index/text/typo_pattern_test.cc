#include "index/match/typo_pattern.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <random>
#include <string>
#include <string_view>
#include <vector>

namespace cacheindex::index {
namespace {

std::vector<CodePoint> Characters(std::string_view word) {
  std::vector<CodePoint> characters;
  for (std::size_t i = 0; i < word.size();) {
    characters.push_back(NextOfUtf8(word, i));
  }
  return characters;
}

TypoDistance Distance(std::string_view pattern, std::string_view word) {
  return TypoPattern(Characters(pattern)).Compare(Characters(word));
}

// The textbook's table of optimal string alignment.
TypoDistance TableDistance(const std::vector<CodePoint>& pattern,
                           const std::vector<CodePoint>& word) {
  const std::size_t rows = pattern.size() + 1;
  std::vector<std::vector<std::uint32_t>> table(word.size() + 1, std::vector<std::uint32_t>(rows));
  TypoDistance distance{.whole = 0, .start = static_cast<std::uint32_t>(pattern.size())};
  for (std::size_t j = 0; j <= word.size(); ++j) {
    for (std::size_t i = 0; i < rows; ++i) {
      auto& cell = table[j][i];
      if (i == 0 || j == 0) {
        cell = static_cast<std::uint32_t>(i + j);
        continue;
      }
      cell = std::min({table[j - 1][i] + 1, table[j][i - 1] + 1,
                       table[j - 1][i - 1] + (pattern[i - 1] == word[j - 1] ? 0U : 1U)});
      if (i > 1 && j > 1 && pattern[i - 1] == word[j - 2] && pattern[i - 2] == word[j - 1]) {
        cell = std::min(cell, table[j - 2][i - 2] + 1);
      }
    }
    distance.start = std::min(distance.start, table[j].back());
  }
  distance.whole = table.back().back();
  return distance;
}

TEST(TypoPatternTest, CountsEachKindOfEditOnce) {
  EXPECT_EQ(Distance("camera", "camera").whole, 0U);
  EXPECT_EQ(Distance("camra", "camera").whole, 1U) << "a character too few";
  EXPECT_EQ(Distance("cammera", "camera").whole, 1U) << "one too many";
  EXPECT_EQ(Distance("canera", "camera").whole, 1U) << "another one";
  EXPECT_EQ(Distance("acmera", "camera").whole, 1U) << "two in the wrong order";
  EXPECT_EQ(Distance("acmear", "camera").whole, 2U);
  EXPECT_EQ(Distance("наушнки", "наушники").whole, 1U) << "characters, not bytes";
}

TEST(TypoPatternTest, FindsTheNearestStart) {
  EXPECT_EQ(Distance("headph", "headphones").start, 0U);
  EXPECT_EQ(Distance("haedph", "headphones").start, 1U);
  EXPECT_EQ(Distance("headphones", "head").start, 6U);
}

TEST(TypoPatternTest, AgreesWithTheTable) {
  const auto seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random(seed);
  const auto draw = [&random](std::size_t size_min, std::size_t size_max) {
    // Few letters, so that many are equal; one of them beyond ASCII.
    static constexpr std::array<CodePoint, 4> kLetters = {'a', 'b', 'c', 0x444};
    std::vector<CodePoint> word(
        std::uniform_int_distribution<std::size_t>(size_min, size_max)(random));
    for (CodePoint& character : word) {
      character = kLetters[std::uniform_int_distribution<std::size_t>(0, 3)(random)];
    }
    return word;
  };
  for (int i = 0; i < 20'000; ++i) {
    const auto pattern = draw(1, i % 100 == 0 ? kTypoCharactersMax : 9);
    const auto word = draw(0, i % 100 == 0 ? kTypoCharactersMax : 9);
    const TypoDistance distance = TypoPattern(pattern).Compare(word);
    const TypoDistance expected = TableDistance(pattern, word);
    ASSERT_EQ(distance.whole, expected.whole);
    ASSERT_EQ(distance.start, expected.start);
  }
}

}  // namespace
}  // namespace cacheindex::index
