#pragma once

#include <string_view>

namespace cacheindex::index {

/// How the units of measure behind numbers are written. Of each unit one word stands for all of its
/// spellings and signs: the longest that is usual, so that it begins like most of them while
/// somebody types. The table is in unit_spellings.cc.

inline constexpr std::string_view kInch = "inch";
inline constexpr std::string_view kFeet = "feet";
inline constexpr std::string_view kDegree = "degree";
inline constexpr std::string_view kPercent = "percent";

/// Returns the word of the unit with this spelling, a normalised word; empty when there is none.
std::string_view UnitOf(std::string_view spelling);

struct UnitSign {
  std::string_view sign;
  /// Of the unit.
  std::string_view word;
};

/// Returns the longest sign of a unit with which `text` starts; its `sign` is empty when there is
/// none.
UnitSign UnitSignOf(std::string_view text);

}  // namespace cacheindex::index
