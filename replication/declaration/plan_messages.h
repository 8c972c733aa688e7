#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "node/core/result.h"
#include "replication/declaration/plan_links.h"

namespace cacheindex::replication {

// Private to the making of plans: what a declaration's author is told of a name that leads nowhere,
// with the nearest one that does. All errors are kInvalidArgument.

/// Of a table that is not there.
Error NoTable(const TableCatalogue& tables, const std::string& name);

/// Of a column that is not there.
Error NoColumn(const StoredTable& table, const std::string& name);

/// Of a step that FindDirection finds no link for.
Error NoDirection(const TableCatalogue& tables, const std::vector<Link>& links,
                  const StoredTable& table, const Syntax::Step& step);

/// Returns the SQL name of the type of a column that `table` has.
std::string DescribeType(const StoredTable& table, const std::string& column);

}  // namespace cacheindex::replication
