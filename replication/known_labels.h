#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "node/core/result.h"
#include "replication/catalog.h"
#include "replication/change.h"

namespace cacheindex::replication {

/// The labels of enums that the catalog had when it was looked at last. A row with another one is
/// newer than that look, or older than a change of the label's name of which no event tells: only
/// another look can say which.
///
/// Threads: one at a time.
class KnownLabels {
 public:
  explicit KnownLabels(const Catalog& catalog) { Learn(catalog); }

  /// Takes over what the catalog says now.
  void Learn(const Catalog& catalog) { types_ = catalog.types; }
  /// Takes over types that were not there, and no labels of others: a look that did not hold all
  /// tables against what is known of them has not found what was renamed.
  void LearnNewTypes(const Catalog& catalog) {
    types_.insert(catalog.types.begin(), catalog.types.end());
  }

  /// Errors: kUnavailable, with the label, when a value of `row` has one that is not known, alone
  /// or inside of an array, a composite value or a range; then unknown() is about it.
  Result<void> Check(const Table& table, const Row& row);

  struct Unknown {
    std::uint32_t type = 0;
    std::string label;
    /// How messages name it: the label, its column and its table.
    std::string text;
  };
  /// What Check found last, until it is known; nullptr for nothing.
  const Unknown* unknown();

 private:
  bool IsKnown(std::uint32_t type, std::string_view label) const;
  /// `depth`: of arrays inside each other, and of values that `text` stands in.
  std::optional<Unknown> FindUnknown(std::uint32_t type, std::string_view text, int depth) const;

  std::map<std::uint32_t, CatalogType> types_;
  std::optional<Unknown> unknown_;
};

}  // namespace cacheindex::replication
