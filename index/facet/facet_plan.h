#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "cache/numbers.h"
#include "index/columns/filter_ranges.h"
#include "index/facet/facet_query.h"
#include "index/schema/schema.h"
#include "index/words/text_rules.h"

namespace cacheindex::index {

// Limits of one request's facets.

/// Bytes of a `facet_by` or a `facet_query`, at most.
inline constexpr std::size_t kFacetBytesMax = 16'384;
/// Fields, after wildcards are expanded.
inline constexpr std::size_t kFacetFieldsMax = 1'000;
inline constexpr std::size_t kFacetRangesMax = 100;
/// `max_facet_values`, at most.
inline constexpr std::uint32_t kFacetValuesMax = 100'000;

/// One named range of a numeric facet.
struct FacetRange {
  std::string label;
  ValueRange values;
};

/// In which order the values of a facet are shown.
struct FacetOrder {
  enum class Kind {
    /// By count, most frequent first.
    kCount,
    /// By the value itself: strings by their bytes, numbers as numbers.
    kAlphabet,
    /// By another numeric field of the documents that have the value: by its largest number when
    /// descending, its smallest when ascending.
    kOtherField,
  };
  Kind kind = Kind::kCount;
  bool is_descending = true;
  std::string other_field{};
  FieldType other_type = FieldType::kInt64;
  cache::ColumnNumber other_column{};
};

/// One field to count.
struct FacetField {
  std::string name;
  FieldType type = FieldType::kString;
  cache::ColumnNumber column{};
  FacetOrder order;
  /// Instead of values, when not empty.
  std::vector<FacetRange> ranges;
  /// How its values are split into words; lives as long as the schema.
  const TextRules* text_rules = &TextRules::Default();
  /// Empty: all values.
  FacetQuery query;
  /// Typos in one of its words, at most.
  std::uint32_t query_typos_max = 0;
  /// Values are shown with the object they stand in.
  bool returns_parent = false;
  /// Named by a wildcard: shown only with values, as a node may know fields that no document has.
  bool is_of_wildcard = false;
};

/// Whether `type` is counted by the ordinals of a dictionary.
inline bool IsFacetText(FieldType type) noexcept {
  return type == FieldType::kString || type == FieldType::kStringAuto || type == FieldType::kAuto;
}
/// Whether a facet of `type` has statistics.
inline bool HasFacetStatistics(FieldType type) noexcept {
  return type == FieldType::kInt32 || type == FieldType::kInt64 || type == FieldType::kFloat;
}

}  // namespace cacheindex::index
