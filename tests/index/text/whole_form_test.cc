#include "index/words/whole_form.h"

#include <gmock/gmock.h>

#include <array>
#include <string>
#include <vector>

namespace cacheindex::index::test {
namespace {

TEST(WholeFormTest, WhatReadersTakeForTheSameIsTheSame) {
  const std::vector<std::vector<std::string>> same = {
      {"Red Shoe", "RED shoe", "  red\t\nshoe ", "red\u00a0shoe", "ｒｅｄ　ｓｈｏｅ"},
      {"Café", "CAFE", "cafe\u0301", "cafe"},
      {"Straße", "STRASSE", "strasse"},
      {"Łódź", "lodz"},
      {"C++", "ｃ＋＋"},
      {"ｱｲｳ", "アイウ"},
      {"t-shirt", "T\u2010Shirt", "t\u2011shirt"},
      {"-2.5", "\u22122.5"},
      {"men's", "Men\u2019s"},
      {"❤", "❤\ufe0f"},
      {"co\u00adoperate", "cooperate"},
      {"٢٥", "25"},
      {"", " ", "\u3000", "\u200b"}};
  for (const auto& values : same) {
    for (const std::string& value : values) {
      EXPECT_EQ(WholeForm(value), WholeForm(values.front())) << value;
    }
  }
}

TEST(WholeFormTest, EverythingElseIsDifferent) {
  const std::vector<std::vector<std::string>> different = {
      {"12", "1-2", "1 2", "1.2", "1,2", "1/2", "½"},
      {"A", "A+", "A+++", "A-", "+A", "(A)", "A."},
      {"C", "C++", "C#", "C*"},
      {"2.50", "-2.50", "+2.50", "2,50", "$2.50", "€2.50", "2.50%"},
      {"1½", "11/2", "1 1/2", "1 ½"},
      {"10²", "102", "10₂", "①02"},
      {"m²", "m2"},
      {"Core", "Core™", "Core®", "Coretm"},
      {"★★", "★★★", "☆☆", "★ ★"},
      {"👍", "👎", "👍🏽", "?", ""},
      {"黑", "黒"},
      {"東京", "京東", "東 京"},
      {"かな", "カナ"},
      {"5 m", "5m", "5 M²"},
      {"10x15", "10×15"},
      {"rock'n'roll", "rocknroll", "rock n roll"},
      {"kc2500", "KC-2500", "kc 2500"}};
  for (const auto& values : different) {
    for (const std::string& one : values) {
      for (const std::string& other : values) {
        EXPECT_TRUE(&one == &other || WholeForm(one) != WholeForm(other)) << one << " " << other;
      }
    }
  }
}

TEST(WholeFormTest, TheBeginningOfAValueIsTheBeginningOfItsForm) {
  for (const std::string value : {"Ünïcode – Straße", "A+++ 10²", "ｱｲｳ 店舗!", "rock’n’roll"}) {
    const std::string form = WholeForm(value);
    for (std::size_t end = 0; end < value.size(); ++end) {
      if ((static_cast<unsigned char>(value[end]) & 0xC0U) != 0x80U) {
        EXPECT_TRUE(form.starts_with(WholeForm(value.substr(0, end)))) << value.substr(0, end);
      }
    }
  }
}

TEST(WholeFormTest, AnyBytesHaveAFormWithoutZeroBytes) {
  using std::string_literals::operator""s;
  EXPECT_EQ(WholeForm("a\0b"s), "a b");
  EXPECT_EQ(WholeForm("\xff"), "\xff");
  EXPECT_EQ(WholeForm("A\xc3"), "a\xc3");
  EXPECT_NE(WholeForm("\xff"), WholeForm("\xfe"));
}

TEST(WholeFormTest, WordsAreLettersDigitsAndSymbolsThatCount) {
  const TextRules& usual = TextRules::Default();
  for (const char* text : {"a", "-1", "½", "★ x", "字", "ñ"}) {
    EXPECT_TRUE(HasWords(text, usual)) << text;
  }
  for (const char* text : {"", " ", "+", "★★", "👍", "—", "\xff"}) {
    EXPECT_FALSE(HasWords(text, usual)) << text;
  }
  const std::array<std::string, 1> plus = {"+"};
  EXPECT_TRUE(HasWords("++", usual.With(plus)));
}

}  // namespace
}  // namespace cacheindex::index::test
