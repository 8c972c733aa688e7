#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "cache/view.h"
#include "node/core/result.h"
#include "replication/declaration/collection_plan.h"
#include "replication/rows/row_store.h"
#include "replication/rows/table_catalogue.h"

namespace cacheindex::replication {

/// Rows that are looked at for one id, at most.
inline constexpr std::size_t kRowsOfIdMax = 100;

/// Returns what the key of a row says of it: the values of its key joined, as messages name it.
/// Empty where bytes of it are no UTF-8.
std::string KeyTextOf(const StoredRow& row);

/// Returns the id of the document of a root row: of the key, or of the column that is declared.
/// Empty where it has none.
std::string DocumentIdOf(const CollectionPlan& plan, const StoredRow& row);

/// Returns the keys of the root rows that have the id, in their order, kRowsOfIdMax at most. Of an
/// id that is the key the only row that may have it, whether it is there or not. Where an id is a
/// column, several rows may have it: the first one that is a document has the id, the others are
/// none.
Result<std::vector<std::string>> RowsOfId(const cache::View& view, const TableCatalogue& tables,
                                          const CollectionPlan& plan, std::string_view id);

}  // namespace cacheindex::replication
