#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "index/columns/filter_ranges.h"
#include "index/geo/geo_region.h"
#include "index/schema/schema.h"

namespace cacheindex::index {

// Limits of one filter. What exceeds them is the user's mistake, not ours to compute.

/// Bytes of the text, a list of ids included.
inline constexpr std::size_t kFilterBytesMax = std::size_t{1} << 20;
/// Parentheses inside each other: bounds the stack.
inline constexpr std::size_t kFilterDepthMax = 32;
inline constexpr std::size_t kFilterClausesMax = 1'000;
/// Values of all lists together.
inline constexpr std::size_t kFilterValuesMax = 100'000;
/// Circles and polygons, or points, of one comparison: each place or area is compared with every
/// one.
inline constexpr std::size_t kFilterRegionsMax = 100;
/// Documents that one comparison may have to read: at 5 us each, half a second.
inline constexpr std::uint64_t kDocumentsReadMax = 100'000;
/// Words, or values of a facet, that all `value*` of one comparison may stand for, each counted
/// once for every `value*`.
inline constexpr std::size_t kPrefixWordsMax = 1'000'000;

/// One string that a text clause compares with.
struct FilterText {
  /// As it was written, without the quotes and the `*`.
  std::string text;
  /// Its words (tokenizer.h); none when it has to be looked for as it is (HasWords).
  std::vector<std::string> words;
  /// Its form as a whole value (whole_form.h).
  std::string form;
  /// What is looked for may go on: the last word, or the whole value. Of an empty form: any value
  /// will do.
  bool is_prefix = false;

  bool IsAnything() const noexcept { return is_prefix && form.empty(); }
  /// Whether it is what a value of `other` form is, or begins with.
  bool IsWhole(std::string_view other) const noexcept {
    return is_prefix ? other.starts_with(form) : other == form;
  }
  /// Whether it stands anywhere in a value of `other` form. Nothing stands in everything, which
  /// nobody means.
  bool IsPiece(std::string_view other) const noexcept {
    return form.empty() ? other.empty() : other.find(form) != std::string_view::npos;
  }
};

/// One comparison: what the evaluation needs of the field, and the values.
struct FilterClause {
  enum class Kind {
    /// Matches no document, negated or not: a field that does not exist.
    kNothing,
    /// The document's id is one of `texts`.
    kIdentifier,
    /// Some value is in `ranges`.
    kNumbers,
    /// Some element matches one of `texts`.
    kText,
    /// Some place is in one of `regions`.
    kPlaces,
    /// Some area contains one of `points`.
    kAreas,
  };
  Kind kind = Kind::kNothing;
  /// Dotted path from the document, or from the element inside `field.{...}`.
  std::string path;
  FieldType type = FieldType::kString;
  bool is_array = false;
  bool is_facet = false;
  FieldStorage storage;
  /// Matches what the clause without it does not, documents without the field included.
  bool is_negated = false;
  /// `:=`: an element is the value, or begins with it; else it has its words.
  bool is_whole_value = false;
  RangeSet ranges;
  std::vector<FilterText> texts;
  std::vector<GeoRegion> regions;
  std::vector<GeoPoint> points;
};

/// A filter as a tree.
struct FilterExpression {
  enum class Kind {
    /// No filter: every document.
    kEverything,
    kClause,
    kAnd,
    kOr,
    /// The only child holds for one and the same element of the objects at `path`.
    kSameElement,
  };
  Kind kind = Kind::kEverything;
  FilterClause clause;
  std::string path;
  std::vector<FilterExpression> children;
};

}  // namespace cacheindex::index
