#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "replication/apply/applier.h"
#include "replication/following/outcome.h"
#include "replication/postgres/catalog.h"
#include "replication/postgres/interrupt.h"
#include "replication/postgres/postgres_connection.h"
#include "replication/postgres/snapshot_session.h"

namespace cacheindex::replication {

/// Copies tables into an applier in steps: sessions that are short, each with a snapshot of its
/// own, so that whatever ends one costs a chunk and not the copy.
///
/// Threads: one at a time.
class TableCopier {
 public:
  struct Options {
    PostgresConnection::Options connection;
    std::string slot;
    std::string publication;
    /// A snapshot holds back the server's cleaning, so it must not live long.
    std::chrono::milliseconds session_max{60'000};
    /// Rows of one query.
    std::uint64_t query_rows_max = 500'000;
  };

  TableCopier(Options options, const Catalog& catalog, std::set<std::uint32_t> tables,
              Applier& applier, const Interrupt& interrupt);

  /// Copies what is missing, with one session; kDone when it went well, whether or not something is
  /// left.
  Outcome CopySome();
  /// The table that ended the last CopySome: the server cannot or may not print its rows.
  struct FailedTable {
    std::uint32_t oid = 0;
    std::string name;
    std::string reason;
  };
  const std::optional<FailedTable>& failed() const { return failed_; }
  /// Whether all tables are complete.
  bool is_complete() const;

  /// Reads rows with unknown values again.
  Outcome FillHoles(const std::vector<Hole>& holes);

 private:
  CopyProgress ProgressOf(std::uint32_t oid) const;
  std::vector<std::uint32_t> Incomplete() const;
  Result<std::unique_ptr<SnapshotSession>> OpenSession(
      const std::vector<std::uint32_t>& tables) const;
  Outcome CopyTable(SnapshotSession& session, const CatalogTable& table,
                    std::chrono::steady_clock::time_point deadline);
  Result<std::uint64_t> CopyQuery(SnapshotSession& session, const CatalogTable& table,
                                  CopyProgress& progress);

  const Options options_;
  const Catalog& catalog_;
  const std::set<std::uint32_t> tables_;
  Applier& applier_;
  const Interrupt& interrupt_;
  // Whether the last failure was the applier's and not the source's.
  bool has_applier_failed_ = false;
  std::optional<FailedTable> failed_;
};

}  // namespace cacheindex::replication
