#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "node/core/result.h"
#include "replication/declaration/collection_declaration.h"
#include "replication/declaration/set_aside.h"
#include "replication/postgres/catalog.h"
#include "replication/rows/table.h"

namespace cacheindex::replication {

/// Returns the collections that cannot be planned with the tables that can be followed, and can
/// with those of `failed_tables` (by oid, why not): those that are bad tables' fault and not their
/// own.
SetAsideCollections CollectionsOfFailedTables(
    const std::vector<CollectionDeclaration>& declarations, const Catalog& catalog,
    const std::map<std::uint32_t, std::string>& failed_tables);

/// Returns the collections that are made of a table, or declare references of it.
std::vector<std::string> CollectionsOfTable(const std::vector<CollectionDeclaration>& declarations,
                                            const Catalog& catalog, std::uint32_t table);

/// Returns the tables that the collections are made of or declare references between, by the names
/// that are declared: those of `known` as long as the declarations fit to them, so that nothing
/// else in the publication matters to a source that is followed already; otherwise of all in
/// `catalog` that can be followed. A known table that was renamed has its former name as long as no
/// other is published by it. Errors: kInvalidArgument naming collection, field, table and column.
Result<std::vector<std::shared_ptr<const Table>>> UsedTables(
    const std::vector<CollectionDeclaration>& declarations, const Catalog& catalog,
    const std::vector<std::shared_ptr<const Table>>& known);

/// Returns whether both are the same tables by the same names.
bool AreSameTables(const std::vector<std::shared_ptr<const Table>>& left,
                   const std::vector<std::shared_ptr<const Table>>& right);

/// Returns `table` as if it had a key: all columns, if it has none. What a declaration would be
/// made of if it could be followed.
std::shared_ptr<const Table> WithAnyKey(const Table& table);

}  // namespace cacheindex::replication
