// How numbers, units, signs and letters that are written in several ways are split into words.

#include <gmock/gmock.h>

#include "tests/index/text/tokens.h"

namespace cacheindex::index {
namespace {

using test::Groups;
using test::Sources;
using test::Words;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST(EqualSpellingsTest, NumbersAreTheSameWhoeverWroteThem) {
  EXPECT_THAT(Words("1,000 1.000.000 1,000.50 1.000,50 1,00,000"),
              ElementsAre("1000", "1000000", "1000.50", "1000.50", "100000"));
  EXPECT_THAT(Words("1,5 0,125 12,50 1.125"), ElementsAre("1.5", "0.125", "12.50", "1.125"));
  EXPECT_THAT(Words(".5m (.75) -.25 rev.5 3..5"),
              ElementsAre("0.5", "meter", "0.75", "0.25", "rev", "5", "3", "5"));
  EXPECT_THAT(Words("1,2,3 1.2.3 12.05.2020 0,500,5 1,0000"),
              ElementsAre("1,2,3", "1.2.3", "12.05.2020", "0,500,5", "1.0000"))
      << "lists, versions and dates are no such numbers";
  EXPECT_THAT(Words("1'000 10’000'000.50 5'10 1'0000"),
              ElementsAre("1000", "10000000.50", "5", "feet", "10", "1", "feet", "0000"));
  EXPECT_THAT(Sources("CHF 1'000.-"), ElementsAre("CHF", "1'000"));
  EXPECT_THAT(Groups("CHF 1'000'000 x kc1'000"), ElementsAre(0, 1, 2, 3, 3));
  EXPECT_EQ(Words("١٬٠٠٠ ١٫٥ １，０００"), Words("1,000 1.5 1000"));
  EXPECT_THAT(Sources("1,000 .5"), ElementsAre("1,000", ".5"));
}

TEST(EqualSpellingsTest, FractionsAndOtherSignsForNumbersAreNotGluedToDigits) {
  const std::vector<std::string> one_half = {"elbow", "1", "1", "2"};
  for (const char* text : {"elbow 1 1/2", "elbow 1½", "elbow 1 ½", "elbow 1-1/2",
                           "elbow 1\u20441/2", "elbow 1 1\u20442", "elbow 1\u00a0½"}) {
    EXPECT_EQ(Words(text), one_half) << text;
  }
  for (const char* text : {"1 1/2", "1½", "1 ½", "1-1/2"}) {
    EXPECT_THAT(Groups(text), ElementsAre(0, 0, 0)) << text;
    std::vector<Token> tokens;
    std::vector<Token> joined;
    Tokenizer::OfThread().Tokenize(text, tokens);
    EXPECT_FALSE(JoinHyphens(tokens, joined)) << text;
  }
  EXPECT_THAT(Words("11/2"), ElementsAre("11", "2"));
  EXPECT_THAT(Words("10¼ ¾ 2⅛ ⅟8 ⅓½"),
              ElementsAre("10", "1", "4", "3", "4", "2", "1", "8", "1", "8", "1", "3", "1", "2"));
  EXPECT_THAT(Groups("¾ 3/4 4 3/8 1 1/2 1/4 36/38 3/8/2020"),
              ElementsAre(0, 0, 1, 1, 2, 2, 2, 3, 3, 3, 4, 4, 5, 5, 6, 6, 6));
  EXPECT_THAT(Words("m² CO₂ 10⁶ 10¹² x₁₀"),
              ElementsAre("m", "2", "co", "2", "10", "6", "10", "12", "x", "10"));
  EXPECT_EQ(Words("10⁶ m³"), Words("10^6 m3"));
  EXPECT_THAT(Words("1① ①② ⑩5 3⒈5 ⑴2"),
              ElementsAre("1", "1", "1", "2", "10", "5", "3", "1", "5", "1", "2"));
  EXPECT_THAT(Words("Rocky Ⅳ HenryⅣ ⅩⅣ"), ElementsAre("rocky", "iv", "henry", "iv", "xiv"));
  EXPECT_THAT(Sources("1½ ⑩5"), ElementsAre("1", "½", "½", "⑩", "5"));
}

TEST(EqualSpellingsTest, UnitsAndTheirSignsAreSpelledAlike) {
  for (const char* text : {"3/8\"", "3/8 inch", "3/8 in", "3/8in", "3/8-inch", "3/8″", "3/8”",
                           "3/8''", "3/8 Inches", "3/8’’", "⅜\"", "⅜ in"}) {
    EXPECT_THAT(Words(text), ElementsAre("3", "8", "inch")) << text;
  }
  EXPECT_THAT(Words("2,5\" 6' 5'10\" 6 ft 6′ 10 foot"),
              ElementsAre("2.5", "inch", "6", "feet", "5", "feet", "10", "inch", "6", "feet", "6",
                          "feet", "10", "feet"));
  EXPECT_THAT(Words("10Ω 10 ohm 10Ω 4.7kΩ 4.7 kohm"),
              ElementsAre("10", "ohm", "10", "ohm", "10", "ohm", "4.7", "kohm", "4.7", "kohm"));
  EXPECT_THAT(Words("10uF 10µF 10μF 5 µm"),
              ElementsAre("10", "uf", "10", "uf", "10", "uf", "5", "um"));
  EXPECT_THAT(Words("90° 90 degrees 90º 45 ° 20°C 20 °C 20℃"),
              ElementsAre("90", "degree", "90", "degree", "90", "degree", "45", "degree", "20", "c",
                          "20", "c", "20", "c"));
  EXPECT_THAT(Words("50% 50 % 50 percent 5㎏ 5 kg 5kg 5  kilograms"),
              ElementsAre("50", "percent", "50", "percent", "50", "percent", "5", "kilogram", "5",
                          "kilogram", "5", "kilogram", "5", "kilogram"));
}

TEST(EqualSpellingsTest, WhatOnlyLooksLikeAUnitIsNone) {
  EXPECT_THAT(
      Words("2 in 1, 3-in-one, 2in1 in KC2500L"),
      ElementsAre("2", "in", "1", "3", "in", "one", "2", "in", "1", "in", "kc", "2500", "l"));
  EXPECT_THAT(
      Words("the \"KC 2500\" and “Top 5” and \"5\" of '5' ‘5’ 1990's"),
      ElementsAre("the", "kc", "2500", "and", "top", "5", "and", "5", "of", "5", "5", "1990", "s"));
  EXPECT_THAT(Words("24\" x 36\" \"quoted\" 12\""),
              ElementsAre("24", "inch", "x", "36", "inch", "quoted", "12", "inch"));
}

TEST(EqualSpellingsTest, WhatWasWrittenIsKeptBesideAnEqualSpelling) {
  std::vector<Token> tokens;
  Tokenizer::OfThread().Tokenize("24 in red 1,000 5 kg 6\" .5", tokens);
  std::vector<std::string> written;
  for (const Token& token : tokens) {
    written.push_back(token.written);
  }
  EXPECT_THAT(written, ElementsAre("", "in", "", "1,000", "", "kg", "", "", ""));
}

TEST(EqualSpellingsTest, TimesIsWrittenInManyWays) {
  for (const char* text : {"10x15", "10×15", "10*15", "10 x 15", "10 × 15", "10 * 15", "10х15",
                           "10 х 15", "10 by 15", "10X15"}) {
    EXPECT_THAT(Words(text), ElementsAre("10", "x", "15")) << text;
  }
  EXPECT_THAT(
      Words("10cmx15cm 5'x7' 5\"x7\" 10✕15 8mmX2"),
      ElementsAre("10", "centimeter", "x", "15", "centimeter", "5", "feet", "x", "7", "feet", "5",
                  "inch", "x", "7", "inch", "10", "x", "15", "8", "millimeter", "x", "2"));
  EXPECT_THAT(Words("×"), IsEmpty()) << "a text of signs has no words";
  EXPECT_THAT(Sources("10cmx15"), ElementsAre("10", "cm", "x", "15"));
  EXPECT_THAT(Groups("10cmx15cm 5'x7'"), ElementsAre(0, 0, 0, 0, 0, 1, 1, 2, 2, 2));
  EXPECT_THAT(Groups("10×15 10*15 10х15"), ElementsAre(0, 0, 0, 1, 1, 1, 2, 2, 2));
  EXPECT_THAT(Words("Nike × Off, 2× HDMI, stand by 2, a*b"),
              ElementsAre("nike", "x", "off", "2", "x", "hdmi", "stand", "by", "2", "a", "b"));
}

TEST(EqualSpellingsTest, AbbreviationsAndLoneLettersAreReadBothWays) {
  const auto joined = [](std::string_view text) {
    std::vector<Token> tokens;
    std::vector<Token> joined_tokens;
    std::vector<std::string> words;
    Tokenizer::OfThread().Tokenize(text, tokens);
    if (JoinHyphens(tokens, joined_tokens)) {
      for (const Token& token : joined_tokens) {
        words.push_back(token.word);
      }
    }
    return words;
  };
  EXPECT_THAT(Words("U.S.A. С.С.С.Р"), ElementsAre("u", "s", "a", "с", "с", "с", "р"));
  EXPECT_THAT(joined("U.S.A. u.s.a"), ElementsAre("usa", "usa"));
  EXPECT_THAT(joined("С.С.С.Р"), ElementsAre("ссср"));
  EXPECT_THAT(joined("a. b mail.shop.a"), IsEmpty());
  for (const char* text :
       {"rock'n'roll", "rock’n’roll", "rock n roll", "rock 'n' roll", "Rock 'N Roll", "rock'n roll",
        "rock´n´roll", "rock n' roll", "rock`n`roll", "rockʼnʼroll", "rock′n′roll"}) {
    EXPECT_THAT(Words(text), ElementsAre("rock", "n", "roll")) << text;
  }
  EXPECT_THAT(joined("rock'n'roll rock’n’roll"), ElementsAre("rocknroll", "rocknroll"));
  EXPECT_THAT(Words("couldn't n'est o'neill"), ElementsAre("couldnt", "nest", "oneill"));
}

TEST(EqualSpellingsTest, LettersThatALanguageWritesTwoWaysAreOne) {
  // Persian and Arabic kaf and yeh, hamza, teh marbuta, tatweel, points.
  EXPECT_EQ(Words("کتاب يک علی مکتبة أحمد آلة ٱسم كـتـاب كَتَبَ"),
            Words("كتاب یك علي مكتبه احمد اله اسم كتاب كتب"));
  // Zero width non-joiner: apart, and as one in the other reading.
  EXPECT_EQ(Words("می\u200cخواهم"), Words("می خواهم"));
  std::vector<Token> tokens;
  std::vector<Token> joined;
  Tokenizer::OfThread().Tokenize("می\u200cخواهم", tokens);
  ASSERT_TRUE(JoinHyphens(tokens, joined));
  EXPECT_EQ(joined.front().word, Words("میخواهم").front());
  // Hindi nukta, nasals, chandrabindu; Bengali keeps its letters.
  EXPECT_EQ(Words("क़मीज़ हिन्दी हाँ चम्पा"), Words("कमीज हिंदी हां चंपा"));
  EXPECT_NE(Words("ড়"), Words("ড"));
  EXPECT_NE(Words("जन्म"), Words("जंम"));
  // Ukrainian ґ, Russian ё, Hebrew points and geresh.
  EXPECT_EQ(Words("ґанок Ґудзик ёлка שָׁלוֹם צ׳יפס"), Words("ганок гудзик елка שלום צ'יפס"));
}

TEST(EqualSpellingsTest, JapaneseLongMarksAreWrittenInManyWaysOrLeftOut) {
  for (const char* text :
       {"コンピューター", "コンピュータ", "ｺﾝﾋﾟｭｰﾀｰ", "こんぴゅーたー", "コンピュ〜ター",
        "コンピュ～タ", "コンピュ－タ", "コンピュ―タ", "コンピュ—ター"}) {
    EXPECT_EQ(Words(text), Words("コンピュータ")) << text;
  }
  EXPECT_NE(Words("ビール"), Words("ビル"));
  EXPECT_NE(Words("コピー"), Words("コピ")) << "too short to be left out";
  EXPECT_THAT(Sources("サーバー!").back(), "バー") << "the mark belongs to what is left";
}

}  // namespace
}  // namespace cacheindex::index
