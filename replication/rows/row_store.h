#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "cache/write_transaction.h"
#include "node/core/result.h"
#include "replication/rows/change.h"
#include "replication/rows/log_position.h"
#include "replication/rows/table_catalogue.h"

namespace cacheindex::replication {

/// One value of a stored row.
struct Cell {
  enum class State : std::uint8_t {
    kNull,
    kText,
    kHole,  ///< Unknown: it was not sent, and the row that had it was never seen.
  };
  State state = State::kNull;
  std::string_view text;

  bool operator==(const Cell&) const = default;
};

/// A row as it lies in the store, its values by slot. Views are valid as long as the bytes.
struct StoredRow {
  LogPosition position{};
  const TableVersion* version = nullptr;
  std::vector<Cell> cells;

  bool HasHoles() const;
};

/// Decodes the row `bytes` of `table` into `row`, whose memory is used again.
/// Errors: kCorruption.
Result<void> DecodeRow(const StoredTable& table, std::string_view bytes, StoredRow& row);

/// Returns the entry of a row.
std::string EncodeRow(const TableVersion& version, LogPosition position,
                      std::span<const Cell> cells_by_slot);

/// Returns the key of a row with these values; nullopt when a value of it is null or unknown.
std::optional<std::string> RowKey(const TableVersion& version, std::span<const Cell> cells_by_slot);

/// Is told of every row that really changed, after the store has it.
class RowObserver {
 public:
  virtual ~RowObserver() = default;
  /// `before` is nullptr for a new row, `after` for one that is gone.
  virtual Result<void> RowChanged(const StoredTable& table, std::string_view key,
                                  const StoredRow* before, const StoredRow* after) = 0;
};

/// Writes rows by the rule that makes copy, stream and redelivery agree in any order: a change
/// applies iff its commit is not before the position of the row that it meets.
///
/// Lifetime: one job of the store's writer.
class RowStore {
 public:
  /// `observer` may be nullptr. Rows were copied that may be as new as `uncertain_until` and have
  /// older positions.
  RowStore(cache::WriteTransaction& transaction, RowObserver* observer, LogPosition uncertain_until)
      : transaction_(transaction), observer_(observer), uncertain_until_(uncertain_until) {}

  /// Applies one insert, update or delete whose transaction's commit record is at `commit`.
  Result<void> Apply(const StoredTable& table, const Change& change, LogPosition commit);
  /// Removes the rows that are not newer than `commit`.
  Result<void> Truncate(const StoredTable& table, LogPosition commit);
  /// Writes a row as it was in the source at `snapshot`.
  Result<void> PutCopied(const StoredTable& table, const Row& values, LogPosition snapshot);

  std::uint64_t changes_without_effect() const noexcept { return changes_without_effect_; }
  /// Rows added minus rows removed.
  std::int64_t rows_added() const noexcept { return rows_added_; }
  std::int64_t holes_added() const noexcept { return holes_added_; }
  /// Rows with values that are no UTF-8.
  std::int64_t repairs_added() const noexcept { return repairs_added_; }

 private:
  Result<bool> Find(const StoredTable& table, std::string_view key, std::string& bytes,
                    StoredRow& row);
  Result<void> Write(const StoredTable& table, std::string_view key, const StoredRow* before,
                     const StoredRow& after);
  Result<void> Remove(const StoredTable& table, std::string_view key, const StoredRow& before);
  Result<void> ChangeReferences(const StoredTable& table, std::string_view key,
                                const StoredRow* before, const StoredRow* after);
  Result<void> ChangeEntry(const ReferenceIndex& index, std::string_view key,
                           const StoredRow* before, const StoredRow* after);
  Result<void> ChangeEntries(const ReferenceIndex& index, std::string_view key,
                             std::vector<std::string> old_values,
                             std::vector<std::string> new_values);
  Result<void> ChangeHole(const StoredTable& table, std::string_view key, bool had_hole,
                          bool has_hole, const StoredRow& row);
  Result<void> ChangeRepair(const StoredTable& table, std::string_view key, const StoredRow* before,
                            const StoredRow* after);
  // Of a table without a key.
  Result<void> ApplyKeyless(const StoredTable& table, const Change& change, LogPosition commit);
  Result<void> AddEqual(const StoredTable& table, const Row& values, LogPosition position);
  Result<void> RemoveEqual(const StoredTable& table, const Row& values, LogPosition commit);
  Result<void> Upsert(const StoredTable& table, const Change& change, LogPosition commit);
  Result<void> Delete(const StoredTable& table, const Change& change, LogPosition commit);

  cache::WriteTransaction& transaction_;
  RowObserver* observer_;
  LogPosition uncertain_until_;
  std::uint64_t changes_without_effect_ = 0;
  std::int64_t rows_added_ = 0;
  std::int64_t holes_added_ = 0;
  std::int64_t repairs_added_ = 0;
  // Memory that is used again for each change.
  std::string old_bytes_;
  std::string target_bytes_;
  StoredRow old_row_;
  StoredRow target_row_;
  StoredRow new_row_;
};

/// The entry of cache::kOwnersColumn that says that a row has holes; its value is a JSON array of
/// the key's texts.
std::string HoleKey(std::uint32_t oid, std::string_view row_key);
inline constexpr std::string_view kHolePrefix = "hole/";

}  // namespace cacheindex::replication
