#include "index/words/tokenizer.h"

#include <gmock/gmock.h>

#include <cstdint>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "tests/index/text/tokens.h"

namespace cacheindex::index {
namespace {

using test::Groups;
using test::Sources;
using test::Words;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST(TokenizerTest, PunctuationAndSpaceSeparateWords) {
  EXPECT_THAT(Words("Red, (blue) & green!"), ElementsAre("red", "blue", "green"));
  EXPECT_THAT(Words(""), IsEmpty());
  EXPECT_THAT(Words(" -- ... !? "), IsEmpty());
}

TEST(TokenizerTest, WordsSplitAtHyphensUnderscoresAndSlashes) {
  EXPECT_THAT(Words("usb_c a/b mail@shop.example x:y"),
              ElementsAre("usb", "c", "a", "b", "mail", "shop", "example", "x", "y"));
}

TEST(TokenizerTest, AllSpellingsOfAModelNumberAreTheSameWords) {
  for (const char* text :
       {"KC-2500", "kc2500", "KC 2500", "KC\u20132500", "\uff2b\uff23\u2011２５００"}) {
    EXPECT_THAT(Words(text), ElementsAre("kc", "2500")) << text;
  }
  EXPECT_THAT(Words("WH-1000XM4"), ElementsAre("wh", "1000", "xm", "4"));
  EXPECT_THAT(Words("1.5m"), ElementsAre("1.5", "meter"));
}

TEST(TokenizerTest, WhatWasWrittenAsOneIsOneGroup) {
  EXPECT_THAT(Groups("WH-1000XM4 kc 2500"), ElementsAre(0, 0, 0, 0, 1, 2));
  EXPECT_THAT(Groups("T-shirt, wi-fi; all-in-one"), ElementsAre(0, 0, 1, 1, 2, 2, 2));
  EXPECT_THAT(Groups("noise-cancelling usb-c-cable"), ElementsAre(0, 1, 2, 2, 2));
  EXPECT_THAT(Groups("a/b c_d ee.ff g - h"), ElementsAre(0, 1, 2, 3, 4, 5, 6, 7));
}

TEST(TokenizerTest, HyphensCanJoinWordsOrNumbers) {
  const auto joined = [](std::string_view text) {
    std::vector<Token> tokens;
    std::vector<Token> joined_tokens;
    std::vector<std::string> shown;
    Tokenizer::OfThread().Tokenize(text, tokens);
    if (JoinHyphens(tokens, joined_tokens)) {
      for (const Token& token : joined_tokens) {
        shown.push_back(token.word + " from " +
                        std::string(text.substr(token.begin, token.end - token.begin)));
      }
    }
    return shown;
  };
  EXPECT_THAT(joined("my Wi-Fi"), ElementsAre("my from my", "wifi from Wi-Fi"));
  EXPECT_THAT(joined("978-3-16"), ElementsAre("978316 from 978-3-16"));
  EXPECT_THAT(joined("noise-cancelling"), ElementsAre("noisecancelling from noise-cancelling"));
  for (const char* text : {"KC-2500", "wi fi", "-a", "a-", "a--b", "手-机", ""}) {
    EXPECT_THAT(joined(text), IsEmpty()) << text;
  }
}

TEST(TokenizerTest, DecimalNumbersStayWhole) {
  EXPECT_THAT(Words("1.5 x, 802.11ac and 1,5 end 2."),
              ElementsAre("1.5", "x", "802.11", "ac", "and", "1.5", "end", "2"));
  EXPECT_THAT(Words("1..5 1;2"), ElementsAre("1", "5", "1", "2"));
}

TEST(TokenizerTest, ApostrophesInsideWordsVanish) {
  EXPECT_THAT(Words("men's L\u2019Or\u00e9al 'quoted'"), ElementsAre("mens", "loreal", "quoted"));
  EXPECT_THAT(Sources("men's L\u2019Or\u00e9al"), ElementsAre("men's", "L\u2019Or\u00e9al"));
}

TEST(TokenizerTest, AccentsAndCaseAreFolded) {
  EXPECT_THAT(Words("Caf\u00e9 cafe\u0301 CRE\u0300ME \u0130stanbul Stra\u00dfe \u00d8rsted"),
              ElementsAre("cafe", "cafe", "creme", "istanbul", "strasse", "orsted"));
  EXPECT_THAT(Words("\u0391\u03b8\u03ae\u03bd\u03b1 \u0401\u043b\u043a\u0430"),
              ElementsAre("\u03b1\u03b8\u03b7\u03bd\u03b1", "\u0435\u043b\u043a\u0430"));
}

TEST(TokenizerTest, WidthAndCompatibilityFormsAreFolded) {
  EXPECT_THAT(
      Words("\uff2b\uff23\uff0d\uff12\uff15\uff10\uff10 \uff11\uff0e\uff15 \ufb01ne 10\u338f"),
      ElementsAre("kc", "2500", "1.5", "fine", "10", "kilogram"));
  EXPECT_EQ(Words("\uff76\uff9e\uff97\uff7d"), Words("\u30ac\u30e9\u30b9"));
  EXPECT_THAT(Words("Core\u2122 i5"), ElementsAre("core", "i", "5"));
  EXPECT_THAT(Words("\u0661\u0662\u0663"), ElementsAre("123"));
}

TEST(TokenizerTest, HanCharactersAreTokensGroupedByDictionaryWords) {
  const std::string_view text = "无线蓝牙耳机";
  EXPECT_THAT(Words(text), ElementsAre("无", "线", "蓝", "牙", "耳", "机"));
  EXPECT_THAT(Sources(text), ElementsAre("无", "线", "蓝", "牙", "耳", "机"));
  EXPECT_THAT(Groups(text), ElementsAre(0, 0, 1, 1, 2, 2));
}

TEST(TokenizerTest, MixedScriptsGetGroupsOfTheirOwn) {
  const std::string_view text = "Apple手机16GB 黑色";
  EXPECT_THAT(Words(text), ElementsAre("apple", "手", "机", "16", "gigabyte", "黑", "色"));
  EXPECT_THAT(Groups(text), ElementsAre(0, 1, 1, 2, 2, 3, 3));
}

TEST(TokenizerTest, TraditionalCharactersBecomeSimplified) {
  EXPECT_EQ(Words("無線藍牙耳機 純棉四件套"), Words("无线蓝牙耳机 纯棉四件套"));
  EXPECT_THAT(Sources("耳機"), ElementsAre("耳", "機"));
}

TEST(TokenizerTest, ChineseNumeralsOfOneDigitAreDigits) {
  EXPECT_EQ(Words("四件套 两把"), Words("4件套 2把"));
  EXPECT_EQ(Words("兩把"), Words("2把"));
  EXPECT_THAT(Words("十四"), ElementsAre("十", "4"));
}

TEST(TokenizerTest, SymbolsAreWordsWhereTheRulesSaySo) {
  const auto rules =
      TextRules::Read(Json::parse(R"({"symbols_to_index":["+","#","€"]})"), Json::object());
  ASSERT_TRUE(rules.has_value());
  std::vector<Token> tokens;
  const auto words = [&](std::string_view text) {
    std::vector<std::string> shown;
    Tokenizer::OfThread().Tokenize(text, tokens, **rules);
    for (const Token& token : tokens) {
      shown.push_back(token.word + "/" + std::to_string(token.group));
    }
    return shown;
  };
  EXPECT_THAT(words("C++ C# C"), ElementsAre("c/0", "+/0", "+/0", "c/1", "#/1", "c/2"));
  EXPECT_THAT(words("5€ + a&b"), ElementsAre("5/0", "€/0", "+/1", "a/2", "b/3"));
}

TEST(TokenizerTest, SeparatorsSeparateWhateverTheyAre) {
  const auto rules =
      TextRules::Read(Json::parse(R"({"token_separators":["-"]})"),
                      Json::parse(R"({"token_separators":["x"],"symbols_to_index":[]})"));
  ASSERT_TRUE(rules.has_value());
  std::vector<Token> tokens;
  std::vector<Token> joined;
  Tokenizer::OfThread().Tokenize("wi-fi men's", tokens, **rules);
  EXPECT_EQ(tokens.size(), 3U);
  EXPECT_NE(tokens[0].group, tokens[1].group);
  EXPECT_FALSE(JoinHyphens(tokens, joined));
  for (const char* bad : {R"({"token_separators":["ab"]})", R"({"token_separators":["a"]})",
                          R"({"symbols_to_index":[" "]})", R"({"symbols_to_index":[1]})",
                          R"({"symbols_to_index":"+"})"}) {
    const auto refused = TextRules::Read(Json::parse(bad), Json::object());
    EXPECT_EQ(refused.error().code(), ErrorCode::kInvalidArgument) << bad;
  }
}

TEST(TokenizerTest, KanaAreCharactersAndKatakanaBecomesHiragana) {
  EXPECT_THAT(Words("ラーメン"), ElementsAre("ら", "ー", "め", "ん"));
  EXPECT_EQ(Words("らーめん"), Words("ラーメン"));
  EXPECT_THAT(Groups("ラーメン・すし"), ElementsAre(0, 0, 0, 0, 1, 1));
}

TEST(TokenizerTest, JoinersAndSelectorsBelongToTheCharacterBefore) {
  EXPECT_THAT(Sources("red\u200d hat\ufe0f. 葛\U000E0100城"),
              ElementsAre("red\u200d", "hat\ufe0f", "葛\U000E0100", "城"));
}

TEST(TokenizerTest, OtherScriptsAreSplitIntoTheirWords) {
  EXPECT_THAT(Words("\ud55c\uad6d\uc5b4 \ub178\ud2b8\ubd81"),
              ElementsAre("\ud55c", "\uad6d", "\uc5b4", "\ub178", "\ud2b8", "\ubd81"));
  EXPECT_THAT(Words("สวัสดีครับ").size(), 2U);
  // Indic vowel signs and the marks of kana spell words; vowel points of Arabic do not.
  EXPECT_THAT(Words("\u0939\u093f\u0928\u094d\u0926\u0940"),
              ElementsAre("\u0939\u093f\u0902\u0926\u0940"));
  EXPECT_NE(Words("\u304c"), Words("\u304b"));
  EXPECT_EQ(Words("\u0643\u064e\u062a\u064e\u0628"), Words("\u0643\u062a\u0628"));
}

TEST(TokenizerTest, EmojiAreNoWords) {
  EXPECT_THAT(Words("\U0001F600 shoes\U0001F45F\U0001F3FD red\u2764\ufe0fhat"),
              ElementsAre("shoes", "red", "hat"));
}

TEST(TokenizerTest, IllFormedBytesSeparateWords) {
  EXPECT_THAT(Words("ab\xff"
                    "cd \xc3 ef\xe4\xb8"),
              ElementsAre("ab", "cd", "ef"));
  EXPECT_THAT(Words("\xed\xa0\x80x"), ElementsAre("x"));
}

TEST(TokenizerTest, LongWordsAreCutAtACharacterBoundary) {
  EXPECT_THAT(Words(std::string(1000, 'X')), ElementsAre(std::string(kWordBytesMax, 'x')));
  std::string greek = "a";
  for (int i = 0; i < 100; ++i) {
    greek += "\u03b2";
  }
  const auto words = Words(greek);
  ASSERT_EQ(words.size(), 1U);
  EXPECT_EQ(words[0].size(), kWordBytesMax - 1);
  EXPECT_THAT(Sources(greek), ElementsAre(greek));
  EXPECT_THAT(Words(std::string(kWordBytesMax - 1, '1') + ".5"),
              ElementsAre(std::string(kWordBytesMax - 1, '1')));
}

TEST(TokenizerTest, ManyCombiningMarksTakeLinearTime) {
  std::string text = "a";
  for (int i = 0; i < 200'000; ++i) {
    text += i % 2 == 0 ? "\u0301" : "\u0323";
  }
  EXPECT_THAT(Words(text + "b"), ElementsAre("ab"));
}

TEST(TokenizerTest, NormalFormIsTheWordsWithOneSpaceBetween) {
  EXPECT_EQ(NormalForm("  The KC-2500,\tBLACK "), "the kc 2500 black");
  EXPECT_EQ(NormalForm("黑色"), "黑 色");
  EXPECT_EQ(NormalForm("!"), "");
}

// Pieces that meet in unusual ways when strung together at random.
const std::vector<std::string> kPieces = {"a",        "Z",
                                          "7",        "42",
                                          " ",        "  ",
                                          ".",        ",",
                                          "'",        "-",
                                          "_",        ":",
                                          ";",        "@",
                                          "\"",       "\t",
                                          "\n",       "\x7f",
                                          "word",     "\u00e9",
                                          "e\u0301",  "\u0301",
                                          "\u00df",   "\u2019",
                                          "\u2122",   "\u200b",
                                          "\u200d",   "\u00ad",
                                          "\u00bd",   "\u00b2",
                                          "手机",     "壳",
                                          "の",       "カタ",
                                          "\u3099",   "ー",
                                          "한국",     "สวัสดี",
                                          "\u0661",   "\u05e9\u05b8",
                                          "\uff21",   "\uff0e",
                                          "\uff11",   "\U0001F600",
                                          "\ufe0f",   "\xff",
                                          "\xe4\xb8", "\u0939\u093f",
                                          "\u1100",   "\u1161",
                                          "\ufdfa",   "\u2764",
                                          "n",        "in",
                                          "ft",       "by",
                                          "/",        "1/2",
                                          "×",        "*",
                                          "°",        "º",
                                          "%",        "″",
                                          "“",        "”",
                                          "①",        "⁶",
                                          "Ⅳ",        "⅟",
                                          "⁄",        "µ",
                                          "Ω",        "х",
                                          "〜",       "\u0643",
                                          "\u200c",   "\u0928\u094d",
                                          "ク",       "1,000",
                                          ".5",       "kg",
                                          "´",        "´n´"};

std::string RandomText(std::mt19937& random, bool ascii_only) {
  std::string text;
  const std::size_t pieces = random() % 24;
  for (std::size_t i = 0; i < pieces; ++i) {
    if (ascii_only) {
      static constexpr std::string_view kBytes = "abnZ0129.,,''..-_ :;@\t#/()&\"*%xkgin";
      text.push_back(random() % 4 == 0 ? static_cast<char>(random() % 128)
                                       : kBytes[random() % kBytes.size()]);
    } else {
      text += kPieces[random() % kPieces.size()];
    }
  }
  return text;
}

void ExpectSameAsReference(const std::string& text) {
  std::vector<Token> tokens;
  std::vector<Token> reference;
  Tokenizer::OfThread().Tokenize(text, tokens);
  Tokenizer::OfThread().TokenizeByReference(text, reference);
  ASSERT_EQ(tokens.size(), reference.size()) << '"' << text << '"';
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    ASSERT_EQ(tokens[i].word, reference[i].word) << '"' << text << '"';
    ASSERT_EQ(tokens[i].begin, reference[i].begin) << '"' << text << '"';
    ASSERT_EQ(tokens[i].end, reference[i].end) << '"' << text << '"';
    ASSERT_EQ(tokens[i].group, reference[i].group) << '"' << text << '"';
    ASSERT_EQ(tokens[i].is_hyphenated, reference[i].is_hyphenated) << '"' << text << '"';
    ASSERT_EQ(tokens[i].is_sign, reference[i].is_sign) << '"' << text << '"';
    ASSERT_EQ(tokens[i].written, reference[i].written) << '"' << text << '"';
  }
}

bool IsCharacterBoundary(const std::string& text, std::size_t at) {
  return at == text.size() || (static_cast<unsigned char>(text[at]) & 0xC0U) != 0x80U;
}

class TokenizerPropertyTest : public testing::TestWithParam<bool> {};

TEST_P(TokenizerPropertyTest, ShortcutsGiveTheSameTokensAsIcu) {
  const auto seed = std::random_device()();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random(seed);
  for (int i = 0; i < 10'000; ++i) {
    ASSERT_NO_FATAL_FAILURE(ExpectSameAsReference(RandomText(random, GetParam())));
  }
}

TEST_P(TokenizerPropertyTest, TokensAreInOrderAtCharacterBoundariesAndNormalized) {
  const auto seed = std::random_device()();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random(seed);
  for (int i = 0; i < 5'000; ++i) {
    const std::string text = RandomText(random, GetParam());
    std::vector<Token> tokens;
    Tokenizer::OfThread().Tokenize(text, tokens);
    std::uint32_t begin = 0;
    std::uint32_t group = 0;
    for (const Token& token : tokens) {
      ASSERT_FALSE(token.word.empty()) << text;
      ASSERT_LE(token.word.size(), kWordBytesMax) << text;
      ASSERT_GE(token.begin, begin) << text;
      ASSERT_LT(token.begin, token.end) << text;
      ASSERT_LE(token.end, text.size()) << text;
      ASSERT_TRUE(IsCharacterBoundary(text, token.begin)) << text;
      ASSERT_GE(token.group, group) << text;
      ASSERT_LE(token.group, group + 1) << text;
      begin = token.begin;
      group = token.group;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Texts, TokenizerPropertyTest, testing::Bool(),
                         [](const auto& parameter) { return parameter.param ? "Ascii" : "Mixed"; });

}  // namespace
}  // namespace cacheindex::index
