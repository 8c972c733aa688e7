#include <gmock/gmock.h>

#include "index/highlight/text_marker.h"
#include "index/words/readings.h"
#include "index/words/tokenizer.h"
#include "tests/fuzz/fuzz_run.h"

namespace cacheindex::test {
namespace {

using index::Token;

const std::vector<std::string> kTexts = {
    "Red, red SHOES! The KC-2500 (kc2500) for men's T-shirts, 1.5m",
    "无线藍牙耳机 4件套 日式 160*230 １．５ｍ", "ﾗｰﾒﾝ ラーメン らーめん ノートパソコン Wi-Fi",
    "Cafe\u0301bar Stra\u00dfe \u0130stanbul हिन्दी สวัสดี 한국어 \U0001F469\u200d\U0001F4BB "
    "red\u200dhat"};
const std::vector<std::string> kPieces = {" ",
                                          "-",
                                          ".",
                                          ",",
                                          "'",
                                          "_",
                                          "a",
                                          "9",
                                          "Z",
                                          "\u0301",
                                          "\u3099",
                                          "\u200d",
                                          "\ufe0f",
                                          "\u00ad",
                                          "\u2019",
                                          "\u2122",
                                          "\U000E0100",
                                          "ー",
                                          "カ",
                                          "壳",
                                          "機",
                                          "四",
                                          "한",
                                          "\u1100",
                                          "\u1161",
                                          "\ufdfa",
                                          "\u0661",
                                          "\xFF",
                                          "\xE4\xB8",
                                          "\xC3",
                                          "\xED\xA0\x80",
                                          "\xF4\x90\x80\x80",
                                          "\n",
                                          "\x01",
                                          "+",
                                          "€",
                                          "n",
                                          "in",
                                          " ft",
                                          "/",
                                          "1/2",
                                          "\"",
                                          "″",
                                          "×",
                                          "½",
                                          "⁶",
                                          "①",
                                          "Ⅳ",
                                          "Ω",
                                          "°",
                                          "★",
                                          "1,000",
                                          "〜",
                                          "\u200c",
                                          "\u0643",
                                          "\u0928\u094d"};

bool IsBoundary(const std::string& text, std::size_t at) {
  return at == text.size() || (static_cast<unsigned char>(text[at]) & 0xC0U) != 0x80U;
}

void ExpectGoodTokens(const std::string& text, const std::vector<Token>& tokens) {
  std::uint32_t begin = 0;
  for (const Token& token : tokens) {
    EXPECT_FALSE(token.word.empty());
    EXPECT_LE(token.word.size(), index::kWordBytesMax);
    EXPECT_TRUE(IsUtf8(token.word));
    EXPECT_GE(token.begin, begin);
    EXPECT_LT(token.begin, token.end);
    EXPECT_LE(token.end, text.size());
    begin = token.begin;
  }
}

// The marked-up value without its tags is the value; marks are whole characters of valid text.
void ExpectGoodMarks(const std::string& text, const std::string& marked) {
  std::string plain;
  bool is_open = false;
  for (const char byte : marked) {
    if (byte == '\x02' || byte == '\x03') {
      EXPECT_EQ(is_open, byte == '\x03');
      is_open = byte == '\x02';
      EXPECT_TRUE(IsBoundary(text, plain.size()) || !IsUtf8(text));
    } else {
      plain.push_back(byte);
    }
  }
  EXPECT_FALSE(is_open);
  EXPECT_EQ(plain, text);
  EXPECT_TRUE(IsUtf8(marked) || !IsUtf8(text));
}

void ExpectGoodFragment(const std::string& text, const HighlightFragment& fragment) {
  ASSERT_TRUE(fragment.value.has_value());
  ExpectGoodMarks(text, *fragment.value);
  EXPECT_FALSE(fragment.matched_tokens.empty());
  if (IsUtf8(text)) {
    EXPECT_TRUE(IsUtf8(fragment.snippet)) << fragment.snippet;
    for (const std::string& matched : fragment.matched_tokens) {
      EXPECT_TRUE(IsUtf8(matched)) << matched;
    }
  }
}

TEST(TextFuzzTest, EveryTextIsSplitAndMarkedWithoutHarm) {
  const auto rules = index::TextRules::Read(
      Json::parse(R"({"symbols_to_index":["+","€"],"token_separators":["-","."]})"),
      Json::object());
  ASSERT_TRUE(rules.has_value());
  std::vector<Token> tokens;
  std::vector<Token> reference;
  std::vector<Token> joined;
  RunFuzz(kTexts, kPieces, [&](const std::string& input, Mutator& mutator) {
    const index::TextRules& used = mutator.Below(4) == 0 ? **rules : index::TextRules::Default();
    index::Tokenizer::OfThread().Tokenize(input, tokens, used);
    ExpectGoodTokens(input, tokens);
    if (index::JoinHyphens(tokens, joined)) {
      ExpectGoodTokens(input, joined);
    }
    ExpectGoodTokens(input, index::Signs(input, tokens));
    ExpectGoodTokens(input, index::InfixWords(tokens));
    index::Tokenizer::OfThread().TokenizeByReference(input, reference, used);
    EXPECT_EQ(tokens.size(), reference.size());
    SearchRequest request;
    request.highlight_start_tag = "\x02";
    request.highlight_end_tag = "\x03";
    request.snippet_threshold = static_cast<std::uint32_t>(mutator.Below(8));
    request.highlight_affix_num_tokens = static_cast<std::uint32_t>(mutator.Below(4));
    const std::string asked =
        mutator.Below(2) == 0 ? mutator.Next()
                              : input.substr(mutator.Below(input.size() + 1), mutator.Below(12));
    const auto query = index::ParseTextQuery(asked, {.rules = &used, .stopwords = nullptr});
    ASSERT_TRUE(query.has_value());
    index::TextMarker marker(*query, request);
    // The text must not have what stands for the tags.
    std::string text = input;
    std::erase_if(text, [](char byte) { return byte == '\x02' || byte == '\x03'; });
    const auto fragment =
        marker.Mark(text, {.is_prefix = mutator.Below(2) == 0, .is_full = true, .rules = &used});
    if (fragment) {
      ExpectGoodFragment(text, *fragment);
    }
  });
}

}  // namespace
}  // namespace cacheindex::test
