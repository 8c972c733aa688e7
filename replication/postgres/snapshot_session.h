#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "node/core/result.h"
#include "replication/postgres/catalog.h"
#include "replication/postgres/interrupt.h"
#include "replication/postgres/postgres_connection.h"
#include "replication/rows/change.h"
#include "replication/rows/log_position.h"

namespace cacheindex::replication {

/// A transaction that sees the source as it was at one position of the log.
///
/// A temporary slot makes the position: a row is in the snapshot if and only if its transaction's
/// commit position is less. Where there is no slot to be had, because a transaction writes for very
/// long or all slots are taken, the position is known only within bounds. A lock keeps tables from
/// being rewritten or truncated under the snapshot, and what happened to them before the lock is
/// noticed.
///
/// Threads: one at a time. Lifetime: the destructor ends the transaction and the slot.
class SnapshotSession {
 public:
  /// `followed` is where the stream of the permanent `slot` goes on, where bounds will do.
  /// Errors: kUnavailable and kExhausted when there is no temporary slot and bounds will not do, or
  /// COMMITs wait for synchronous standbys, so that one may long be in the log and in no snapshot.
  static Result<std::unique_ptr<SnapshotSession>> Open(
      const PostgresConnection::Options& connection, const std::string& slot,
      std::optional<LogPosition> followed, const Interrupt& interrupt);

  /// Locks the tables that will be read; once, before the first of them is.
  /// Errors: kUnavailable when a lock was not to be had in time, or a table was rewritten since the
  /// snapshot; kConflict when the tables are no longer what `catalog` says: load it again.
  Result<void> Lock(const std::string& publication, const Catalog& catalog,
                    const std::vector<std::uint32_t>& tables);

  SnapshotPosition position() const { return position_; }

  struct Query {
    /// Rows with greater keys only, when not empty; in the order of CatalogTable::key_columns.
    std::vector<std::string> after_key;
    /// These rows only, when not empty; in the order of Table::columns.
    std::vector<std::vector<std::string>> keys;
    /// In the order of the key; 0 for all.
    std::uint64_t rows_max = 0;
  };
  /// Starts to read a table.
  Result<void> StartRead(const CatalogTable& table, const Query& query);
  /// Returns the next row, nullopt at the end.
  Result<std::optional<Row>> NextRow();

 private:
  SnapshotSession(std::unique_ptr<PostgresConnection> connection, SnapshotPosition position);

  static Result<SnapshotPosition> BeginAtSlot(PostgresConnection& connection,
                                              const std::string& slot);
  static Result<SnapshotPosition> BeginWithoutSlot(PostgresConnection& connection,
                                                   LogPosition followed);

  Result<void> LockTables(const Catalog& catalog, const std::vector<std::uint32_t>& tables);
  Result<void> CheckFiles(const std::vector<std::uint32_t>& tables);

  std::unique_ptr<PostgresConnection> connection_;
  SnapshotPosition position_;
  std::size_t columns_ = 0;
};

/// Reads a line of COPY's text format.
/// Errors: kCorruption.
Result<Row> ParseCopyLine(std::string_view line, std::size_t columns);

}  // namespace cacheindex::replication
