#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "node/core/search.h"

namespace cacheindex::index {

/// The units of a query that are kept when others are dropped: consecutive ones.
struct MatchWindow {
  std::size_t begin = 0;
  std::size_t size = 0;
};

/// Units of a query that may be dropped from both sides, at most: the number of windows grows with
/// the square.
inline constexpr std::size_t kBothSidesUnitsMax = 10;

/// Returns how words are dropped from a query of that many units.
inline SearchRequest::DropTokens EffectiveMode(SearchRequest::DropTokens mode,
                                               std::size_t unit_count, std::uint32_t words_max) {
  const bool is_too_long = unit_count > words_max || unit_count > kBothSidesUnitsMax;
  return mode == SearchRequest::DropTokens::kBothSides && is_too_long
             ? SearchRequest::DropTokens::kRightToLeft
             : mode;
}

/// Returns the windows of `size` of `unit_count` units, in the order in which they are tried; a
/// document belongs to the first that it matches. Requires 0 < size <= unit_count.
inline std::vector<MatchWindow> WindowsOfSize(SearchRequest::DropTokens mode,
                                              std::size_t unit_count, std::size_t size) {
  switch (mode) {
    case SearchRequest::DropTokens::kRightToLeft:
      return {{0, size}};
    case SearchRequest::DropTokens::kLeftToRight:
      return {{unit_count - size, size}};
    case SearchRequest::DropTokens::kBothSides:
      break;
  }
  std::vector<MatchWindow> windows;
  for (std::size_t begin = 0; begin + size <= unit_count; ++begin) {
    windows.push_back({begin, size});
  }
  return windows;
}

}  // namespace cacheindex::index
