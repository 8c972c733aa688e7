#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "cache/numbers.h"
#include "index/filter/filter.h"
#include "index/geo/geo_region.h"

namespace cacheindex::index {

/// Keys that a client may name (api/README.md 2.5).
inline constexpr std::size_t kSortKeysMax = 3;
/// Bytes of a `sort_by`, at most.
inline constexpr std::size_t kSortBytesMax = 4'096;
/// Filters of one `_eval`, at most: each costs one evaluation and a bit for each document.
inline constexpr std::size_t kSortCasesMax = 100;

/// How far from a point documents are, for sorting.
struct SortDistance {
  GeoPoint origin;
  /// Whatever is nearer than this is equally near.
  double exclude_radius_meters = 0;
  /// Distances are told apart in steps of this; 0 for meters.
  double precision_meters = 0;
};

/// A number that sinks with the distance of a value from an origin.
struct SortDecay {
  enum class Function {
    kGauss,
    kLinear,
    kExponential,
    /// The distance itself.
    kDifference,
  };
  Function function = Function::kGauss;
  double origin = 0;
  /// Further than `offset` by this, the number is `decay`.
  double scale = 1;
  /// Nearer than this, it is 1.
  double offset = 0;
  double decay = 0.5;
  /// The values are floats (column_value.h), else integers.
  bool is_float = false;
};

/// A filter of `_eval`, and what documents that it lets through are worth.
struct SortCase {
  Filter filter;
  std::int64_t weight = 1;
};

/// One key of a sort order.
struct SortKey {
  enum class Kind {
    kNumber,
    kString,
    kTextMatch,
    /// The weight of the first of `cases` that holds, else 0.
    kCases,
    /// By chance, the same for the same `seed`.
    kRandom,
    /// In the order in which the documents stand by themselves (SortTies).
    kInsertion,
    kDistance,
    kDecay,
    /// Found documents in the document's group.
    kGroupSize,
  };
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
  /// kNumber: the values are floats, else integers or booleans.
  bool is_float = false;
  /// Wide. Numbers and places: the values; strings: the sort keys; kInsertion: the order of ids, or
  /// 0 where numbers decide.
  cache::ColumnNumber column{};
  /// Strings that are facets: the ordinals, else 0.
  cache::ColumnNumber ordinals{};
  /// kTextMatch: the scores are divided into this many groups of equal rank; 0 for none.
  std::uint32_t buckets = 0;
  /// kTextMatch: or into groups of this many; 0 for none.
  std::uint32_t bucket_size = 0;
  std::vector<SortCase> cases;
  std::uint64_t seed = 0;
  SortDistance distance;
  SortDecay decay;
};

}  // namespace cacheindex::index
