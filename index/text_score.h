#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>

namespace cacheindex::index {

// How well a document matches a query. The one place to change it:
//
//   score  = units << kUnitsShift | sum over the query's kept units of value(unit) * rarity(unit)
//   value  = maximum over the fields in which the unit occurs of
//              FieldWeight(field) * (4 when the whole unit occurs, 3 when only a longer word does)
//   rarity = 1 + floor(16 * log2((N + 1) / (df + 1)))
//
// `units` is how many units the kept part of the query has: all of them, or fewer when words were
// dropped. So a document that matches more of the query always comes first. N is the number of
// documents in the text index; df is the document frequency of the unit's rarest word, where a
// word's is the largest of its frequencies in the fields. When a prefix occurs nowhere as a whole
// word, it is the largest frequency of one of its longer words in one of the fields with prefixes.
//
// Bits: value <= 255 * 4 < 2^10, rarity <= 1 + 16 * 32 < 2^10, at most 64 units: sum < 2^26, score
// < 2^39, far below the 2^53 that JavaScript counts exactly.

inline constexpr int kUnitsShift = 32;
inline constexpr std::uint32_t kFieldWeightMax = 255;
inline constexpr std::uint32_t kWholeWordFactor = 4;
inline constexpr std::uint32_t kPrefixFactor = 3;

/// Returns a weight of 1 to 255: `weight` scaled so that the query's largest becomes 255.
constexpr std::uint32_t FieldWeight(std::uint32_t weight, std::uint32_t weight_max) {
  return weight_max == 0 ? 1
                         : std::max(1U, static_cast<std::uint32_t>(std::uint64_t{weight} *
                                                                   kFieldWeightMax / weight_max));
}

inline std::int64_t Rarity(std::uint32_t documents, std::uint32_t frequency) {
  // A frequency of another revision may exceed the count.
  const double ratio = (static_cast<double>(documents) + 1) / (static_cast<double>(frequency) + 1);
  return 1 + static_cast<std::int64_t>(std::floor(16 * std::log2(std::max(1.0, ratio))));
}

constexpr std::int64_t TextScore(std::size_t units, std::int64_t sum) {
  return static_cast<std::int64_t>(units) << kUnitsShift | sum;
}

constexpr std::size_t UnitsOfScore(std::int64_t score) {
  return static_cast<std::size_t>(score >> kUnitsShift);
}

}  // namespace cacheindex::index
