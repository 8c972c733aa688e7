#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "node/core/result.h"
#include "replication/postgres/catalog.h"
#include "replication/rows/change.h"

namespace cacheindex::replication {

/// The labels of enums that the catalog had when it was looked at last. A row with another one is
/// newer than that look, or older than a change of the label's name of which no event tells: only
/// another look can say which. So is a row that is older than its label, which may have been the
/// name of another one then; that other one was renamed later too.
///
/// Numbers say in which order transactions began to write, not in which they ended: one that got
/// its number first and gave the name away last is not noticed when a row was written in between.
///
/// Threads: one at a time.
class KnownLabels {
 public:
  explicit KnownLabels(const Catalog& catalog) { Learn(catalog); }

  /// Takes over what the catalog says now.
  void Learn(const Catalog& catalog) {
    types_ = catalog.types;
    next_transaction_ = catalog.next_transaction;
  }
  /// Takes over types that were not there, and no labels of others: a look that did not hold all
  /// tables against what is known of them has not found what was renamed.
  void LearnNewTypes(const Catalog& catalog) {
    types_.insert(catalog.types.begin(), catalog.types.end());
    next_transaction_ = catalog.next_transaction;
  }

  /// `transaction`: the number of the one that wrote `row`.
  ///
  /// Errors: kUnavailable, with the label, when a value of `row` has one that is not known, alone
  /// or inside of an array, a composite value or a range; then unknown() is about it.
  Result<void> Check(const Table& table, const Row& row, std::uint32_t transaction);

  struct Unknown {
    std::uint32_t type = 0;
    std::string label;
    std::uint32_t transaction = 0;
    /// How messages name it: the label, its column and its table.
    std::string text;
  };
  /// What Check found last, until it is known; nullptr for nothing.
  const Unknown* unknown();

 private:
  bool IsKnown(std::uint32_t type, std::string_view label, std::uint32_t transaction) const;
  bool IsLater(std::uint32_t transaction, std::uint32_t than) const;
  /// `depth`: of arrays inside each other, and of values that `text` stands in.
  std::optional<Unknown> FindUnknown(std::uint32_t type, std::string_view text,
                                     std::uint32_t transaction, int depth) const;

  std::map<std::uint32_t, CatalogType> types_;
  std::uint32_t next_transaction_ = 0;
  std::optional<Unknown> unknown_;
};

}  // namespace cacheindex::replication
