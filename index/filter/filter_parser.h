#pragma once

#include <string_view>

#include "index/filter/filter.h"
#include "index/filter/filter_plan.h"
#include "index/schema/schema.h"
#include "node/core/result.h"

namespace cacheindex::index {

/// Returns the tree of a filter (see Filter::Parse).
Result<FilterExpression> ParseFilter(std::string_view text, const Schema& schema,
                                     const FilterOptions& options);

}  // namespace cacheindex::index
