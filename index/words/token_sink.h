#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "index/words/tokenizer.h"

namespace cacheindex::index {

/// Fills a vector of tokens in place, so that a reused vector keeps the memory of its words too.
///
/// Threads: one. Lifetime: within that of the vector, which is complete after Finish.
class TokenSink {
 public:
  explicit TokenSink(std::vector<Token>& tokens) : tokens_(&tokens) {}

  /// Appends a token with an empty word in a group of its own.
  Token& Add(std::uint32_t begin, std::uint32_t end) {
    ++group_;
    return AddToGroup(begin, end);
  }
  /// Appends a token with an empty word to the group of the token before.
  Token& AddToGroup(std::uint32_t begin, std::uint32_t end) {
    if (count_ == tokens_->size()) {
      tokens_->emplace_back();
    }
    Token& token = (*tokens_)[count_++];
    token.word.clear();
    token.begin = begin;
    token.end = end;
    token.group = group_ - 1;
    token.is_character = false;
    token.is_hyphenated = false;
    token.is_sign = false;
    token.written.clear();
    return token;
  }
  /// Moves the token added last from the group it shares into one of its own.
  void PartLast() { (*tokens_)[count_ - 1].group = group_++; }
  void Finish() { tokens_->resize(count_); }

 private:
  std::vector<Token>* tokens_;
  std::size_t count_ = 0;
  std::uint32_t group_ = 0;
};

/// Cuts a word off at kWordBytesMax, at a character boundary; a decimal point is no end of a word.
inline void LimitWord(std::string& word) {
  if (word.size() <= kWordBytesMax) {
    return;
  }
  std::size_t size = kWordBytesMax;
  while (size > 0 && (static_cast<unsigned char>(word[size]) & 0xC0U) == 0x80U) {
    --size;
  }
  while (size > 0 && (word[size - 1] == '.' || word[size - 1] == ',')) {
    --size;
  }
  word.resize(size);
}

}  // namespace cacheindex::index
