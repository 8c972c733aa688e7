#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "node/core/json.h"
#include "tests/node/oracle/model.h"
#include "tests/node/oracle/places.h"
#include "tests/node/oracle/random.h"

namespace cacheindex::test {

enum class Comparison {
  kMatches,
  kEquals,
  kNotMatches,
  kNotEquals,
  kLess,
  kLessOrEqual,
  kGreater,
  kGreaterOrEqual
};

/// One value of a filter's comparison, as what it means and not as what it looks like.
struct FilterValue {
  enum class Kind {
    /// A bare `*`.
    kAnything,
    /// `text`, for strings and ids.
    kText,
    /// `text*`.
    kPrefix,
    /// Comparing with `low`; kEquals for booleans and plain numbers.
    kCompared,
    /// From `low` to `high`, both included.
    kRange,
  };
  Kind kind = Kind::kText;
  std::string text{};
  Comparison comparison = Comparison::kEquals;
  Json low{};
  Json high{};
};

/// A filter as a tree. It is evaluated as it was generated, so no second parser can make the same
/// mistake as the first.
struct FilterTree {
  enum class Kind { kAnd, kOr, kClause, kSameElement, kPlace };
  Kind kind = Kind::kClause;
  std::vector<FilterTree> children{};

  // kSameElement: the object array. kClause: the field, relative to the element inside of one;
  // "id" outside means the document's id.
  std::string path{};
  /// Of a clause on a field.
  ModelField field{};
  bool is_id = false;
  /// The schema has no such field, and the request says that this is no mistake.
  bool is_unknown = false;
  Comparison comparison = Comparison::kMatches;
  bool is_list = false;
  std::vector<FilterValue> values{};
  /// kPlace.
  PlaceFilter place{};
};

/// Returns the tree in the language of `filter_by`, with random spaces, quotes and parentheses
/// where they change nothing.
std::string Print(const FilterTree& tree, Random& random);

/// Returns whether the filter lets the document through.
bool Holds(const FilterTree& tree, const Json& document);

/// Returns a random filter over the fields that the model knows; with `allows_unknown`, sometimes
/// over one that it does not.
FilterTree RandomFilter(Random& random, const Model& model, bool allows_unknown);

}  // namespace cacheindex::test
