#pragma once

#include <string>
#include <string_view>

#include "replication/declaration/collection_plan.h"
#include "replication/rows/table_catalogue.h"

namespace cacheindex::replication {

/// Returns why no value that `field` can have is of the declared `type`, so that every document
/// would be without the field; empty when some may be. A text may hold a number, a date does not.
std::string WhyNeverFits(const CollectionPlan& plan, const CollectionPlan::Field& field,
                         std::string_view type, const TableCatalogue& tables);

}  // namespace cacheindex::replication
