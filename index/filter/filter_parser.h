#pragma once

#include <string_view>

#include "index/documents/visible_fields.h"
#include "index/filter/filter.h"
#include "index/filter/filter_plan.h"
#include "node/core/result.h"

namespace cacheindex::index {

/// Returns the tree of a filter (see Filter::Parse).
Result<FilterExpression> ParseFilter(std::string_view text, const VisibleFields& fields,
                                     const FilterOptions& options);

}  // namespace cacheindex::index
