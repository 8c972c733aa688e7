#pragma once

#include <cstdint>
#include <set>
#include <vector>

#include "node/core/result.h"
#include "replication/catalog.h"
#include "replication/collection_declaration.h"

namespace cacheindex::replication {

/// Returns the tables that the collections are made of or declare references between: those of
/// `known` as long as the declarations fit to them, so that nothing else in the publication matters
/// to a source that is followed already; otherwise of all in `catalog` that can be followed.
/// Errors: kInvalidArgument naming collection, field, table and column.
Result<std::set<std::uint32_t>> UsedTables(const std::vector<CollectionDeclaration>& declarations,
                                           const Catalog& catalog,
                                           const std::set<std::uint32_t>& known);

}  // namespace cacheindex::replication
