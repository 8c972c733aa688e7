#pragma once

#include <algorithm>
#include <cstdint>
#include <string_view>

namespace cacheindex::index {

// How much a word says about the element of a field that it stands in:
//
//   impact = 18 * occurrences * (1.3 when it is a head) / (0.3 + 0.07 * words of the element)
//
// from 1 to 255, of a document the largest over the field's elements. So a word of a short title
// says more than one of a long description. A head is the last word or one that a number follows:
// in "Replacement Lamp 200 W" the lamp is sold, in "lamp replacement kit" the kit. That holds in
// the languages that shops are written in most, and costs the others nothing.
//
// The text index stores it with each word (as Xapian's wdf), so that matching reads it for free.

inline constexpr std::uint32_t kImpactMax = 255;
/// Occurrences in one element that count, at most.
inline constexpr std::uint32_t kImpactOccurrencesMax = 4;

/// Whether `word`, normalised and not empty, is a number.
constexpr bool IsNumber(std::string_view word) {
  return word.front() >= '0' && word.front() <= '9';
}

constexpr std::uint32_t WordImpact(std::uint32_t occurrences, std::uint32_t element_words,
                                   bool is_head) {
  constexpr std::uint32_t kWordsMax = 1'000'000;
  const std::uint32_t impact = std::min(occurrences, kImpactOccurrencesMax) *
                               (is_head ? 2'340U : 1'800U) /
                               (30 + 7 * std::min(element_words, kWordsMax));
  return std::clamp(impact, 1U, kImpactMax);
}

}  // namespace cacheindex::index
