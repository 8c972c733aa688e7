#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cache/write_transaction.h"
#include "node/core/result.h"
#include "replication/rows/key_form.h"
#include "replication/rows/table.h"

namespace cacheindex::replication {

/// One description of a table that stored rows may follow.
struct TableVersion {
  std::uint32_t number = 0;
  std::shared_ptr<const Table> table;
  /// For each column of `table` its slot: one number for one name in all versions.
  std::vector<std::uint32_t> slots;
  /// For each slot the column, nothing where this version has none.
  std::vector<std::optional<std::uint32_t>> columns;
  /// Columns of the key, in the table's order.
  std::vector<std::uint32_t> key_columns;
  /// The same in the order of the key's index, in which their values make an id.
  std::vector<std::uint32_t> id_columns;
};

/// Entries (values of `slots` as `forms` read them, row key) that find the rows of a table by other
/// columns than its key. reference_key.h says what they are.
struct ReferenceIndex {
  std::vector<std::uint32_t> slots;
  KeyForms forms;
  cache::ColumnNumber entries{};
};

/// A table as the store keeps it.
struct StoredTable {
  std::uint32_t oid = 0;
  cache::ColumnNumber rows{};
  /// The name of each slot.
  std::vector<std::string> slot_names;
  /// The last one is what the source said last.
  std::vector<std::shared_ptr<const TableVersion>> versions;
  std::vector<ReferenceIndex> indexes;

  const TableVersion& latest() const { return *versions.back(); }
  std::optional<std::uint32_t> FindSlot(std::string_view name) const;
  /// The slots of the key's columns, in the key's order.
  std::vector<std::uint32_t> KeySlots() const;
};

/// The tables of a generation: every description that a stored row may follow, and where the rows
/// are. Immutable but for the writer's own copy, which is published when its transaction is
/// committed.
///
/// Layout: entries of cache::kOwnersColumn. "table/" oid: JSON of the columns, slots and indexes;
/// "version/" oid number (both big-endian): JSON of one description.
class TableCatalogue {
 public:
  /// Errors: kCorruption.
  static Result<TableCatalogue> Load(const cache::View& view);

  /// Returns what a store would begin with that had no rows and no place for them.
  static TableCatalogue Of(const std::vector<std::shared_ptr<const Table>>& tables);

  const StoredTable* Find(std::uint32_t oid) const;
  const std::map<std::uint32_t, std::shared_ptr<const StoredTable>>& tables() const {
    return tables_;
  }

  /// Returns the same without the tables that are not listed.
  TableCatalogue Only(const std::vector<std::uint32_t>& oids) const;

  /// Makes `table` the latest description of its oid, which costs nothing when it is already. What
  /// only the catalog tells (foreign keys, column numbers) is kept when the stream does not say it,
  /// and so is the first name, by which the table is declared.
  /// Errors: kConflict when the key's columns changed: stored rows have other keys then.
  Result<const StoredTable*> Describe(cache::WriteTransaction& transaction,
                                      const std::shared_ptr<const Table>& table);

  /// Returns the index of these slots and forms, made when there is none yet.
  /// Errors: kConflict when the table has rows already, which the index would lack.
  Result<cache::ColumnNumber> EnsureIndex(cache::WriteTransaction& transaction, std::uint32_t oid,
                                          const std::vector<std::uint32_t>& slots,
                                          const KeyForms& forms);

  /// Forgets all rows and references at once; they are removed piece by piece later.
  Result<void> Empty(cache::WriteTransaction& transaction, std::uint32_t oid);

 private:
  Result<void> Store(cache::WriteTransaction& transaction, StoredTable table);

  std::map<std::uint32_t, std::shared_ptr<const StoredTable>> tables_;
  /// What Describe was given last, by oid: the same pointer again is nothing new.
  std::map<std::uint32_t, std::shared_ptr<const Table>> told_;
};

}  // namespace cacheindex::replication
