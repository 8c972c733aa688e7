#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "cache/view.h"
#include "node/core/result.h"
#include "replication/declaration/collection_plan.h"
#include "replication/rows/table_catalogue.h"

namespace cacheindex::replication {

/// Calls visit(row key) for the rows of `table` that `access` finds by these values, until it
/// returns false. Begins behind `after`, empty at first, and leaves there where it stopped: a walk
/// that may meet very many rows is made in pieces, between which the rows may change.
Result<void> ScanKeys(const cache::View& view, const StoredTable& table, const Access& access,
                      std::string_view values, std::string& after,
                      const std::function<bool(std::string_view key)>& visit);

}  // namespace cacheindex::replication
