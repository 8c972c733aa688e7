#pragma once

#include <cstddef>
#include <string>

#include "index/words/token_sink.h"

namespace cacheindex::index {

enum class WordKind { kLetters, kNumber, kSymbol };

/// Characters of a word beside a hyphen, at least, for both words to be units of their own.
inline constexpr std::size_t kLongWordCharacters = 4;

/// Puts words that were written as one into one group, and links what a hyphen joins. Places are
/// any ascending numbers in which one word ends where the next one begins.
///
/// Threads: one. Lifetime: of one text.
class WordJoiner {
 public:
  explicit WordJoiner(TokenSink& sink) : sink_(&sink) {}

  /// Adds an empty token for the word that begins at `place`, where its hyphen begins if
  /// `follows_hyphen`. Call End when it is filled and before the next one.
  Token& Begin(std::size_t place, bool follows_hyphen, WordKind kind) {
    const bool touches = has_last_ && place == end_;
    const bool is_hyphenated =
        touches && follows_hyphen && kind == kind_ && kind != WordKind::kSymbol;
    // Whether both are long is known at the end of this one.
    may_part_ = is_hyphenated && kind == WordKind::kLetters && is_long_;
    kind_ = kind;
    token_ = touches ? &sink_->AddToGroup(0, 0) : &sink_->Add(0, 0);
    token_->is_hyphenated = is_hyphenated;
    return *token_;
  }

  /// Ends the word at `place`.
  void End(std::size_t place) {
    is_long_ = Characters(token_->word) >= kLongWordCharacters;
    if (may_part_ && is_long_) {
      sink_->PartLast();
    }
    has_last_ = true;
    end_ = place;
  }

 private:
  static std::size_t Characters(const std::string& word) {
    std::size_t characters = 0;
    for (const char byte : word) {
      characters += (static_cast<unsigned char>(byte) & 0xC0U) != 0x80U ? 1 : 0;
    }
    return characters;
  }

  TokenSink* sink_;
  Token* token_ = nullptr;
  WordKind kind_ = WordKind::kLetters;
  std::size_t end_ = 0;
  bool has_last_ = false;
  bool is_long_ = false;
  bool may_part_ = false;
};

}  // namespace cacheindex::index
