#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "cache/numbers.h"

namespace cacheindex::index {

/// Keys that a client may name (API.md 2.2).
inline constexpr std::size_t kSortKeysMax = 3;
/// Bytes of a `sort_by`, at most.
inline constexpr std::size_t kSortBytesMax = 4'096;

/// One key of a sort order.
struct SortKey {
  enum class Kind { kNumber, kString, kTextMatch };
  enum class Missing {
    /// Numbers: last. Strings: as if higher than every other.
    kAsUsual,
    kFirst,
    kLast,
  };
  Kind kind = Kind::kNumber;
  bool is_descending = false;
  Missing missing = Missing::kAsUsual;
  std::string field;
  /// Wide. Numbers: the values; strings: the sort keys.
  cache::ColumnNumber column{};
  /// Strings that are facets: the ordinals, else 0.
  cache::ColumnNumber ordinals{};
  /// kTextMatch: the scores are divided into this many groups of equal rank; 0 for none.
  std::uint32_t buckets = 0;
  /// kTextMatch: or into groups of this many; 0 for none.
  std::uint32_t bucket_size = 0;
};

}  // namespace cacheindex::index
