#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "index/words/tokenizer.h"

namespace cacheindex::index::test {

// What tests ask about the tokens of a text.

/// Their words.
inline std::vector<std::string> Words(std::string_view text) {
  std::vector<Token> tokens;
  Tokenizer::OfThread().Tokenize(text, tokens);
  std::vector<std::string> words;
  for (const Token& token : tokens) {
    words.push_back(token.word);
  }
  return words;
}

/// The bytes that each was made of.
inline std::vector<std::string> Sources(std::string_view text) {
  std::vector<Token> tokens;
  Tokenizer::OfThread().Tokenize(text, tokens);
  std::vector<std::string> sources;
  for (const Token& token : tokens) {
    sources.emplace_back(text.substr(token.begin, token.end - token.begin));
  }
  return sources;
}

inline std::vector<std::uint32_t> Groups(std::string_view text) {
  std::vector<Token> tokens;
  Tokenizer::OfThread().Tokenize(text, tokens);
  std::vector<std::uint32_t> groups;
  for (const Token& token : tokens) {
    groups.push_back(token.group);
  }
  return groups;
}

}  // namespace cacheindex::index::test
