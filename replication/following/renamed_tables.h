#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "replication/postgres/catalog.h"
#include "replication/rows/table.h"

namespace cacheindex::replication {

/// A table that is followed by its oid and bears another name now, or none because its name is
/// another table's.
struct RenamedTable {
  std::uint32_t oid = 0;
  /// As it was declared, and as it is called now: "schema.name".
  std::string followed;
  std::string now;
  /// Whether another table has the name that is declared, and is not published.
  bool is_replaced = false;
};

/// Returns those of `followed`, which bear the names that are declared, that are called otherwise
/// in `catalog`. It must have been asked for those names (LoadCatalog).
std::vector<RenamedTable> RenamedTables(const std::vector<std::shared_ptr<const Table>>& followed,
                                        const Catalog& catalog);

/// Says what became of the table and what an operator can do.
std::string Describe(const RenamedTable& table, const std::string& publication);

/// Returns the statement that publishes a table, named as QualifiedName names it.
std::string PublishStatement(const std::string& table, const std::string& publication);

/// Returns `tables` with the names of `followed` where the oid is the same and no table of the
/// catalog took the name.
std::vector<std::shared_ptr<const Table>> WithFollowedNames(
    const std::vector<std::shared_ptr<const Table>>& tables,
    const std::vector<std::shared_ptr<const Table>>& followed, const Catalog& catalog);

/// Returns the names of tables, "schema.name".
std::vector<std::string> NamesOf(const std::vector<std::shared_ptr<const Table>>& tables);

}  // namespace cacheindex::replication
