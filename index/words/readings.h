#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "index/words/tokenizer.h"

namespace cacheindex::index {

/// Begins the words that only infix matches look at; no other word begins with it.
inline constexpr char kInfixMark = '\x01';

/// Signs of one text that can be looked for, at most.
inline constexpr std::size_t kSignsMax = 1'000;

/// Returns the signs of `text` (★, +, an emoji), one token each, those between two words or spaces
/// in one group. `tokens` are the words of the text. Punctuation is no sign, nor is what marks a
/// brand, unless the text has no words at all.
std::vector<Token> Signs(std::string_view text, std::span<const Token> tokens);

/// Returns what was written as one (a model number, a hyphenated word), joined and behind
/// kInfixMark, as tokens.
std::vector<Token> InfixWords(std::span<const Token> tokens);

using Reading = std::vector<std::string>;

/// Appends the other ways to find a text that has `tokens`, besides their words: with hyphens that
/// join, the words as they were written where equal spellings stand for them, its signs, each group
/// apart, and for a field with an infix index its InfixWords.
void AddReadings(std::string_view text, std::span<const Token> tokens, bool has_infix,
                 std::vector<Reading>& readings);

}  // namespace cacheindex::index
