#include "index/facet_text.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <vector>

#include "index/column_value.h"
#include "index/tokenizer.h"

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

std::vector<Token> Tokens(std::string_view value) {
  std::vector<Token> tokens;
  Tokenizer::OfThread().Tokenize(value, tokens);
  return tokens;
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

bool MatchesFacetQuery(std::string_view value, std::span<const std::string> query_words) {
  const auto tokens = Tokens(value);
  for (std::size_t i = 0; i < query_words.size(); ++i) {
    const bool may_go_on = i + 1 == query_words.size();
    const bool found = std::any_of(tokens.begin(), tokens.end(), [&](const Token& token) {
      return may_go_on ? token.word.starts_with(query_words[i]) : token.word == query_words[i];
    });
    if (!found) {
      return false;
    }
  }
  return true;
}

std::string HighlightFacet(std::string_view value, std::span<const std::string> query_words,
                           std::string_view start_tag, std::string_view end_tag) {
  if (query_words.empty()) {
    return std::string(value);
  }
  std::string highlighted;
  std::size_t copied = 0;
  for (const Token& token : Tokens(value)) {
    const bool is_word =
        std::find(query_words.begin(), query_words.end(), token.word) != query_words.end();
    if (!is_word && !token.word.starts_with(query_words.back())) {
      continue;
    }
    const std::size_t end = is_word ? token.end : PrefixEnd(value, token, query_words.back());
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
