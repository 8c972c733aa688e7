#include "index/words/readings.h"

#include <unicode/uchar.h>

#include <algorithm>
#include <set>
#include <utility>

#include "index/words/character_forms.h"
#include "index/words/code_points.h"
#include "index/words/token_sink.h"

namespace cacheindex::index {
namespace {

constexpr std::uint32_t kSignMask = U_GC_SM_MASK | U_GC_SC_MASK | U_GC_SK_MASK | U_GC_SO_MASK;

bool IsSpace(CodePoint code_point) {
  return code_point == kIllFormed || code_point <= ' ' || u_isUWhiteSpace(code_point) != 0;
}

bool IsSign(CodePoint code_point) {
  if (code_point < 0x80) {
    constexpr std::string_view kSigns = "#$%&*+<=>@^|~";
    return kSigns.find(static_cast<char>(code_point)) != std::string_view::npos;
  }
  constexpr CodePoint kCopyright = 0xA9;
  constexpr CodePoint kRegistered = 0xAE;
  constexpr CodePoint kServiceMark = 0x2120;
  constexpr CodePoint kTradeMark = 0x2122;
  const bool marks_brand = code_point == kCopyright || code_point == kRegistered ||
                           code_point == kServiceMark || code_point == kTradeMark;
  return (U_GET_GC_MASK(code_point) & kSignMask) != 0 && !marks_brand;
}

// Wide forms of ASCII are ASCII.
CodePoint Narrow(CodePoint code_point) {
  constexpr CodePoint kFirstWide = 0xFF01;
  constexpr CodePoint kLastWide = 0xFF5E;
  return code_point >= kFirstWide && code_point <= kLastWide ? code_point - kFirstWide + '!'
                                                             : code_point;
}

// Adds the signs of the text from `begin` to `end`.
void AddSigns(std::string_view text, std::size_t begin, std::size_t end, bool is_wordless,
              TokenSink& sink, std::size_t& count) {
  bool continues = false;
  for (std::size_t i = begin; i < end && count < kSignsMax;) {
    const std::size_t first = i;
    const CodePoint code_point = Narrow(NextOfUtf8(text, i));
    if (IsSpace(code_point)) {
      continues = false;
      continue;
    }
    const bool is_seen = !Extends(code_point) &&
                         u_hasBinaryProperty(code_point, UCHAR_DEFAULT_IGNORABLE_CODE_POINT) == 0;
    if (!is_seen || !(is_wordless || IsSign(code_point))) {
      continue;
    }
    const auto from = static_cast<std::uint32_t>(first);
    const auto to = static_cast<std::uint32_t>(i);
    Token& token = continues ? sink.AddToGroup(from, to) : sink.Add(from, to);
    AppendUtf8(code_point, token.word);
    token.is_sign = true;
    continues = true;
    ++count;
  }
}

}  // namespace

std::vector<Token> Signs(std::string_view text, std::span<const Token> tokens) {
  std::vector<Token> signs;
  TokenSink sink(signs);
  std::size_t count = 0;
  std::size_t begin = 0;
  for (const Token& token : tokens) {
    // What a sign of a unit became is a word, and still a sign.
    if (!token.is_sign) {
      if (begin < token.begin) {
        AddSigns(text, begin, token.begin, false, sink, count);
      }
      begin = std::max<std::size_t>(begin, token.end);
    }
  }
  AddSigns(text, begin, text.size(), tokens.empty(), sink, count);
  sink.Finish();
  return signs;
}

std::vector<Token> InfixWords(std::span<const Token> tokens) {
  std::vector<Token> words;
  TokenSink sink(words);
  Token* last = nullptr;
  std::uint32_t group = 0;
  for (const Token& token : tokens) {
    if (token.is_character) {
      last = nullptr;
      continue;
    }
    if (last == nullptr || token.group != group) {
      last = &sink.Add(token.begin, token.end);
      last->word = kInfixMark;
    }
    last->word += token.word;
    LimitWord(last->word);
    last->end = token.end;
    group = token.group;
  }
  sink.Finish();
  return words;
}

void AddReadings(std::string_view text, std::span<const Token> tokens, bool has_infix,
                 std::vector<Reading>& readings) {
  std::vector<Token> joined;
  if (JoinHyphens(tokens, joined)) {
    Reading& reading = readings.emplace_back();
    for (Token& token : joined) {
      reading.push_back(std::move(token.word));
    }
  }
  std::set<std::string_view> written;
  for (const Token& token : tokens) {
    if (!token.written.empty()) {
      written.insert(token.written);
    }
  }
  if (!written.empty()) {
    readings.emplace_back(written.begin(), written.end());
  }
  const std::vector<Token> signs = Signs(text, tokens);
  for (std::size_t i = 0; i < signs.size(); ++i) {
    if (i == 0 || signs[i].group != signs[i - 1].group) {
      readings.emplace_back();
    }
    readings.back().push_back(signs[i].word);
  }
  std::vector<Token> infix = has_infix ? InfixWords(tokens) : std::vector<Token>();
  if (!infix.empty()) {
    Reading& reading = readings.emplace_back();
    for (Token& token : infix) {
      reading.push_back(std::move(token.word));
    }
  }
}

}  // namespace cacheindex::index
