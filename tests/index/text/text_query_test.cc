#include "index/match/text_query.h"

#include <gmock/gmock.h>

#include <random>
#include <string>
#include <string_view>
#include <vector>

namespace cacheindex::index {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::string Show(const std::vector<QueryUnit>& units) {
  std::string shown;
  for (const QueryUnit& unit : units) {
    shown += shown.empty() ? "" : " | ";
    for (std::size_t i = 0; i < unit.words.size(); ++i) {
      shown += (i > 0 ? " " : "") + unit.words[i];
    }
    for (std::size_t i = 0; i < unit.joined.size(); ++i) {
      shown += (i > 0 ? " " : " / ") + unit.joined[i];
    }
    shown += unit.is_prefix ? "*" : "";
  }
  return shown;
}

std::string Units(std::string_view text) { return Show(ParseTextQuery(text)->units); }
std::string Excluded(std::string_view text) { return Show(ParseTextQuery(text)->excluded); }

TEST(TextQueryTest, StarAndNothingMatchEverything) {
  for (const char* text : {"*", "", "  ", " * "}) {
    EXPECT_TRUE(ParseTextQuery(text)->is_match_all) << text;
  }
  EXPECT_FALSE(ParseTextQuery("* red")->is_match_all);
}

TEST(TextQueryTest, WithoutWordsItsSignsAreUnits) {
  EXPECT_EQ(Units("★★★★★"), "★ ★ ★ ★ ★");
  EXPECT_EQ(Units("++ -"), "+ + | -");
  EXPECT_EQ(Units("\u2764\ufe0f \"!\""), "\u2764 | !");
  EXPECT_EQ(Units("c ★"), "c*") << "beside words they are none";
  for (const char* text : {"\"\"", "\"", "\ufe0f", "\xff"}) {
    const auto query = ParseTextQuery(text);
    EXPECT_FALSE(query->is_match_all) << text;
    EXPECT_THAT(query->units, IsEmpty()) << text;
    EXPECT_THAT(query->excluded, IsEmpty()) << text;
  }
  EXPECT_EQ(ParseTextQuery(std::string(1'000, '+'))->units.front().words.size(), kQueryWordsMax);
}

TEST(TextQueryTest, NumbersAreReadWithWhatStandsAroundThem) {
  EXPECT_EQ(Units("elbow 1 1/2"), "elbow | 1 1 2*");
  EXPECT_EQ(Units("elbow 1½ brass"), "elbow | 1 1 2 | brass*");
  EXPECT_EQ(Units("3/8 in elbow"), "3 8 | inch | elbow*");
  EXPECT_EQ(Units("½\" elbow"), "1 2 inch | elbow*");
  EXPECT_EQ(Units("2 in 1"), "2 | in | 1*");
  EXPECT_EQ(Units("10×15"), "10 x 15*");
  EXPECT_EQ(Units("U.S.A."), "u s a / usa*");
  EXPECT_EQ(Excluded("-3/8\""), "3 8 inch");
}

TEST(TextQueryTest, WhatIsStillTypedIsAlsoWhatItWasWrittenAs) {
  EXPECT_EQ(Units("monitor 24 in"), "monitor | 24 | inch / in*");
  EXPECT_EQ(Units("24in"), "24 inch / 24 in*");
  EXPECT_EQ(Units("1,0"), "1.0 / 1,0*");
  EXPECT_EQ(Units("5 kg flour"), "5 | kilogram | flour*");
}

TEST(TextQueryTest, OnlyTheLastWordMayBeAPrefix) {
  EXPECT_EQ(Units("Red SHOES"), "red | shoes*");
  EXPECT_EQ(Units("red \"running shoes\""), "red | running shoes");
  EXPECT_EQ(Units("red shoes -blue"), "red | shoes");
}

TEST(TextQueryTest, QuotesThatCloseNothingAndInchesAreNoPhrases) {
  EXPECT_EQ(Units("red \"running sho"), "red | running | sho*");
  EXPECT_EQ(Units("red \""), "red*");
  EXPECT_EQ(Units("24\" monitor 1920 x 10"), "24 inch | monitor | 1920 | x | 10*");
  EXPECT_EQ(Units("11.7\" x 16.5\""), "11.7 inch | x | 16.5 inch");
  EXPECT_EQ(Units("\"24\" monitor"), "24 | monitor*");
}

TEST(TextQueryTest, ModelNumbersAreUnitsOfTheirAdjacentParts) {
  EXPECT_EQ(Units("KC-2500"), "kc 2500*");
  EXPECT_EQ(Units("kc2500 speaker"), "kc 2500 | speaker*");
  EXPECT_EQ(Units("KC 2500"), "kc | 2500*");
  EXPECT_EQ(Units("4件套 1.5m"), "4 | 件 | 套 | 1.5 meter / 1.5 m*");
}

TEST(TextQueryTest, StopwordsAreLeftOut) {
  const Stopwords stopwords = {"the", "of", "t shirt", "wi", "fi"};
  const auto units = [&](std::string_view text) {
    return Show(ParseTextQuery(text, {.stopwords = &stopwords})->units);
  };
  EXPECT_EQ(units("The best OF red"), "best | red*");
  EXPECT_EQ(units("red the"), "red");
  EXPECT_EQ(units("T-shirt red"), "red*");
  EXPECT_EQ(units("wi-fi router wi-gig"), "router | wi gig / wigig*");
  EXPECT_EQ(units("the"), "");
  EXPECT_FALSE(ParseTextQuery("the of", {.stopwords = &stopwords})->is_match_all);
  EXPECT_EQ(units("red \"the\""), "red | the");
}

TEST(TextQueryTest, HyphenatedWordsAreReadBothWays) {
  EXPECT_EQ(Units("T-shirt red"), "t shirt / tshirt | red*");
  EXPECT_EQ(Units("noise-cancelling"), "noise | cancelling*");
  EXPECT_EQ(Units("\"wi-fi router\""), "wi fi router / wifi router");
  EXPECT_EQ(Excluded("-wi-fi"), "wi fi / wifi");
}

TEST(TextQueryTest, QuotedWordsStandTogether) {
  EXPECT_EQ(Units("\"red shoes\""), "red shoes");
  EXPECT_EQ(Units("\"red\""), "red");
  EXPECT_EQ(Units("a\"b c\"d"), "a | b c | d*");
  EXPECT_EQ(Units("\"never closed"), "never | closed*");
}

TEST(TextQueryTest, HyphenAtTheStartOfAPieceExcludes) {
  EXPECT_EQ(Units("shoes -red"), "shoes");
  EXPECT_EQ(Excluded("shoes -red"), "red");
  EXPECT_EQ(Excluded("-\"on sale\" -KC-2500"), "on sale | kc 2500");
  EXPECT_EQ(Units("red - blue"), "red | blue*");
  EXPECT_EQ(Excluded("red-blue"), "");
}

TEST(TextQueryTest, HanWordsAreUnitsOfAdjacentCharacters) {
  EXPECT_EQ(Units("无线蓝牙耳机"), "无 线 | 蓝 牙 | 耳 机");
  EXPECT_EQ(Units("红"), "红");
  EXPECT_EQ(Units("Sony耳机 pro"), "sony | 耳 机 | pro*");
  EXPECT_EQ(Excluded("-耳机"), "耳 机");
}

TEST(TextQueryTest, LongQueriesAreCutAtTheRight) {
  std::string text;
  for (int i = 0; i < 100; ++i) {
    text += "w ";
  }
  const auto query = ParseTextQuery(text);
  ASSERT_EQ(query->units.size(), kQueryWordsMax);
  EXPECT_EQ(query->units.front().words, std::vector<std::string>{"w"});
  EXPECT_THAT(ParseTextQuery("\"" + text + "\"")->units,
              ElementsAre(testing::Field(&QueryUnit::words, testing::SizeIs(kQueryWordsMax))));
  EXPECT_EQ(ParseTextQuery(std::string(1'000'000, 'x'))->units.size(), 1U);
}

TEST(TextQueryTest, AnyBytesAreAQueryWithinTheLimits) {
  const auto seed = std::random_device()();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random(seed);
  static constexpr std::string_view kBytes = "ab -\"\"*\xe6\x89\x8b\xff'.1 ";
  for (int i = 0; i < 20'000; ++i) {
    std::string text;
    for (std::size_t length = random() % 40; length > 0; --length) {
      text.push_back(kBytes[random() % kBytes.size()]);
    }
    const auto query = ParseTextQuery(text);
    ASSERT_TRUE(query.has_value());
    std::size_t words = 0;
    for (const auto* units : {&query->units, &query->excluded}) {
      for (const QueryUnit& unit : *units) {
        ASSERT_FALSE(unit.words.empty()) << text;
        ASSERT_TRUE(!unit.is_prefix || &unit == &query->units.back()) << text;
        words += unit.words.size();
      }
    }
    ASSERT_LE(words, kQueryWordsMax);
  }
}

}  // namespace
}  // namespace cacheindex::index
