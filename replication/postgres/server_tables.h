#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "node/core/result.h"
#include "replication/postgres/postgres_connection.h"
#include "replication/rows/table.h"

namespace cacheindex::replication {

/// A table, view or foreign table of the database, whether or not it is published: what a message
/// or a draft can say of it. Nothing is followed from here.
struct ServerTable {
  enum class Kind : std::uint8_t {
    kTable,
    kUnlogged,  ///< Its changes are not in the log.
    kPartitioned,
    kOther,  ///< A view or a foreign table.
  };
  Kind kind = Kind::kTable;
  /// All columns, in their order, with those that the server never sends.
  std::shared_ptr<const Table> table;
  /// By column: the expression of a generated one.
  std::map<std::string, std::string> generated;
  /// By column: the type's SQL name.
  std::map<std::string, std::string> types;
  /// Columns that alone are unique.
  std::set<std::string> unique;
  /// Of the partition that it is; 0 for none.
  std::uint32_t partitioned_oid = 0;
  /// As the planner guesses.
  std::int64_t rows = 0;
};

/// Tables of one database that are looked at, at most; those beyond are as if they were not there.
inline constexpr std::size_t kServerTablesMax = 5'000;

/// Returns what all schemas but the server's own hold, ordered by oid.
Result<std::vector<ServerTable>> LoadServerTables(PostgresConnection& connection);

}  // namespace cacheindex::replication
