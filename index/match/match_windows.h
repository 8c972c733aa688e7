#pragma once

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <span>
#include <vector>

#include "node/core/search.h"

namespace cacheindex::index {

/// The units of a query that are kept when others are dropped, ascending.
using KeptUnits = std::vector<std::size_t>;

/// Units of a query that may be dropped from both sides, at most: the number of windows grows with
/// the square.
inline constexpr std::size_t kBothSidesUnitsMax = 10;

/// Units of a query of which every choice of two or more is tried by rarity, at most: so documents
/// that have as many words come together, whichever these are. Of longer queries, and when one word
/// is left, the rarest are kept: they leave least to read.
inline constexpr std::size_t kAnyUnitsMax = 5;

/// Returns how words are dropped from a query of that many units.
inline SearchRequest::DropTokens EffectiveMode(SearchRequest::DropTokens mode,
                                               std::size_t unit_count, std::uint32_t words_max) {
  const bool is_too_long = unit_count > words_max || unit_count > kBothSidesUnitsMax;
  return mode == SearchRequest::DropTokens::kBothSides && is_too_long
             ? SearchRequest::DropTokens::kRightToLeft
             : mode;
}

/// Returns every choice of `size` of `count` units.
inline std::vector<KeptUnits> AllOfSize(std::size_t count, std::size_t size) {
  std::vector<KeptUnits> choices;
  for (std::uint32_t bits = 0; bits < std::uint32_t{1} << count; ++bits) {
    if (static_cast<std::size_t>(std::popcount(bits)) == size) {
      KeptUnits& kept = choices.emplace_back();
      for (std::size_t i = 0; i < count; ++i) {
        if ((bits >> i & 1U) != 0) {
          kept.push_back(i);
        }
      }
    }
  }
  return choices;
}

/// Returns the choices of `size` units of a query whose units have `frequencies` (0: found
/// nowhere), in the order in which they are tried. Requires 0 < size <= frequencies.size().
inline std::vector<KeptUnits> ChoicesOfSize(SearchRequest::DropTokens mode,
                                            std::span<const std::uint32_t> frequencies,
                                            std::size_t size) {
  const std::size_t count = frequencies.size();
  const auto window = [size](std::size_t begin) {
    KeptUnits kept(size);
    std::iota(kept.begin(), kept.end(), begin);
    return kept;
  };
  switch (mode) {
    case SearchRequest::DropTokens::kRightToLeft:
      return {window(0)};
    case SearchRequest::DropTokens::kLeftToRight:
      return {window(count - size)};
    case SearchRequest::DropTokens::kBothSides: {
      std::vector<KeptUnits> windows;
      for (std::size_t begin = 0; begin + size <= count; ++begin) {
        windows.push_back(window(begin));
      }
      return windows;
    }
    case SearchRequest::DropTokens::kByRarity:
      if (size > 1 && count <= kAnyUnitsMax) {
        return AllOfSize(count, size);
      }
      break;
  }
  KeptUnits kept(count);
  std::iota(kept.begin(), kept.end(), 0U);
  // The rarest first; words that nobody has would leave nothing. The earlier one among equals.
  std::stable_sort(kept.begin(), kept.end(), [&](std::size_t left, std::size_t right) {
    return frequencies[left] - 1 < frequencies[right] - 1;
  });
  kept.resize(size);
  std::sort(kept.begin(), kept.end());
  return {kept};
}

}  // namespace cacheindex::index
