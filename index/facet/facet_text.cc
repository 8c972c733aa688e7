#include "index/facet/facet_text.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <iterator>
#include <utility>

#include "index/documents/column_value.h"
#include "index/text/code_points.h"

namespace cacheindex::index {
namespace {

std::string FloatText(double number) {
  // Fixed notation where people use it; the shortest of both would make 100000 "1e+05".
  constexpr double kFixedMin = 1e-6;
  constexpr double kFixedMax = 1e15;
  const double magnitude = std::fabs(number);
  const bool is_fixed = magnitude == 0 || (magnitude >= kFixedMin && magnitude < kFixedMax);
  std::array<char, 64> buffer{};
  const auto [end, status] =
      std::to_chars(buffer.data(), buffer.data() + buffer.size(), number,
                    is_fixed ? std::chars_format::fixed : std::chars_format::scientific);
  return {buffer.data(), end};
}

std::vector<Token> Tokens(std::string_view value, const TextRules& rules) {
  std::vector<Token> tokens;
  Tokenizer::OfThread().Tokenize(value, tokens, rules);
  return tokens;
}

std::vector<CodePoint> CodePointsOf(std::string_view text) {
  std::vector<CodePoint> code_points;
  for (std::size_t i = 0; i < text.size();) {
    code_points.push_back(NextOfUtf8(text, i));
  }
  return code_points;
}

// Returns the end of the part of a token that normalises to something beginning with `prefix`.
std::size_t PrefixEnd(std::string_view value, const Token& token, std::string_view prefix) {
  for (std::size_t end = token.begin + 1; end < token.end; ++end) {
    const bool is_boundary = (static_cast<unsigned char>(value[end]) & 0xC0U) != 0x80U;
    if (is_boundary &&
        NormalForm(value.substr(token.begin, end - token.begin)).starts_with(prefix)) {
      return end;
    }
  }
  return token.end;
}

}  // namespace

std::string FacetText(FieldType type, std::int64_t column_value) {
  if (type == FieldType::kBool) {
    return column_value != 0 ? "true" : "false";
  }
  if (type == FieldType::kFloat) {
    return FloatText(DecodeFloat(column_value));
  }
  return std::to_string(column_value);
}

std::vector<std::vector<std::string>> ReadFacetQuery(std::string_view text,
                                                     const TextRules& rules) {
  std::vector<std::vector<std::string>> readings;
  const auto add = [&readings](const std::vector<Token>& tokens) {
    auto& words = readings.emplace_back();
    std::transform(tokens.begin(), tokens.end(), std::back_inserter(words),
                   [](const Token& token) { return token.word; });
  };
  const auto tokens = Tokens(text, rules);
  if (!tokens.empty()) {
    add(tokens);
  }
  std::vector<Token> joined;
  if (JoinHyphens(tokens, joined)) {
    add(joined);
  }
  return readings;
}

FacetMatcher::FacetMatcher(std::span<const std::vector<std::string>> readings,
                           std::uint32_t typos_max, const TextRules& rules)
    : rules_(&rules) {
  for (const std::vector<std::string>& texts : readings) {
    Reading& reading = readings_.emplace_back();
    for (const std::string& text : texts) {
      reading.push_back(MakeWord(text, &text == &texts.back(), typos_max));
    }
  }
}

FacetMatcher::Word FacetMatcher::MakeWord(const std::string& text, bool may_go_on,
                                          std::uint32_t typos_max) {
  // As `min_len_1typo` and `min_len_2typo` are for queries that do not say.
  constexpr std::size_t kOneTypoCharactersMin = 4;
  constexpr std::size_t kTwoTyposCharactersMin = 7;
  Word word{.text = text, .may_go_on = may_go_on, .typos_max = 0, .pattern = std::nullopt};
  const auto characters = CodePointsOf(text);
  const std::uint32_t allowed = characters.size() < kOneTypoCharactersMin    ? 0
                                : characters.size() < kTwoTyposCharactersMin ? 1
                                                                             : 2;
  word.typos_max = std::min(typos_max, allowed);
  if (word.typos_max > 0 && characters.size() <= kTypoCharactersMax) {
    word.pattern.emplace(characters);
  }
  return word;
}

FacetMatcher::Match FacetMatcher::Compare(const Word& word, const Token& token) {
  if (token.word == word.text) {
    return Match::kWhole;
  }
  if (word.may_go_on && token.word.starts_with(word.text)) {
    return Match::kStart;
  }
  if (!word.pattern || token.is_character) {
    return Match::kNone;
  }
  const TypoDistance distance = word.pattern->Compare(CodePointsOf(token.word));
  const bool is_near =
      distance.whole <= word.typos_max || (word.may_go_on && distance.start <= word.typos_max);
  return is_near ? Match::kWhole : Match::kNone;
}

bool FacetMatcher::HasAll(const Reading& reading, const std::vector<Token>& tokens) {
  return std::all_of(reading.begin(), reading.end(), [&](const Word& word) {
    return std::any_of(tokens.begin(), tokens.end(),
                       [&](const Token& token) { return Compare(word, token) != Match::kNone; });
  });
}

const FacetMatcher::Reading* FacetMatcher::FindReading(const std::vector<Token>& tokens) const {
  const auto found =
      std::find_if(readings_.begin(), readings_.end(),
                   [&tokens](const Reading& reading) { return HasAll(reading, tokens); });
  return found == readings_.end() ? nullptr : &*found;
}

bool FacetMatcher::Matches(std::string_view value) const {
  const auto tokens = Tokens(value, *rules_);
  std::vector<Token> joined;
  return FindReading(tokens) != nullptr ||
         (JoinHyphens(tokens, joined) && FindReading(joined) != nullptr);
}

std::string FacetMatcher::Highlight(std::string_view value, std::string_view start_tag,
                                    std::string_view end_tag) const {
  if (readings_.empty()) {
    return std::string(value);
  }
  auto tokens = Tokens(value, *rules_);
  const Reading* reading = FindReading(tokens);
  std::vector<Token> joined;
  if (reading == nullptr && JoinHyphens(tokens, joined)) {
    tokens = std::move(joined);
    reading = FindReading(tokens);
  }
  if (reading == nullptr) {
    return std::string(value);
  }
  std::string highlighted;
  std::size_t copied = 0;
  for (const Token& token : tokens) {
    Match best = Match::kNone;
    for (const Word& word : *reading) {
      best = std::max(best, Compare(word, token));
    }
    if (best == Match::kNone) {
      continue;
    }
    const std::size_t end =
        best == Match::kWhole ? token.end : PrefixEnd(value, token, reading->back().text);
    highlighted += value.substr(copied, token.begin - copied);
    highlighted += start_tag;
    highlighted += value.substr(token.begin, end - token.begin);
    highlighted += end_tag;
    copied = end;
  }
  highlighted += value.substr(copied);
  return highlighted;
}

}  // namespace cacheindex::index
