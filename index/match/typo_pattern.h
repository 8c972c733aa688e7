#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <unordered_map>

#include "index/words/code_points.h"

namespace cacheindex::index {

/// Characters of a word that is compared, at most; longer ones are found as they are written only.
inline constexpr std::size_t kTypoCharactersMax = 64;

/// How far a word is from a pattern.
struct TypoDistance {
  /// Edits that make the whole word of the pattern.
  std::uint32_t whole = 0;
  /// Edits that make a start of the word of the pattern, the cheapest one.
  std::uint32_t start = 0;
};

/// Compares one word with many. An edit is a character too few, one too many, another one, or two
/// neighbours in the wrong order; what was swapped is not edited again (optimal string alignment).
///
/// All rows of the distance table for one character of the other word are one machine word (Hyyro,
/// 2003): a comparison costs about 2 ns for each of its characters.
/// Threads: immutable.
class TypoPattern {
 public:
  /// Requires 1 to kTypoCharactersMax characters.
  explicit TypoPattern(std::span<const CodePoint> pattern);

  TypoDistance Compare(std::span<const CodePoint> word) const;

 private:
  std::uint64_t PlacesOf(CodePoint character) const;

  std::uint32_t size_ = 0;
  /// Bit i: the pattern has the character at place i.
  std::array<std::uint64_t, 128> ascii_{};
  std::unordered_map<CodePoint, std::uint64_t> others_;
};

}  // namespace cacheindex::index
