#pragma once

#include <string_view>

#include "index/schema/schema.h"
#include "index/sort/sort_plan.h"
#include "node/core/result.h"

namespace cacheindex::index {

/// Returns what one item of a `sort_by` asks for, such as `price:asc` or `_eval(new:true):desc`.
/// Errors: as SortOrder::Parse.
Result<SortKey> ParseSortKey(std::string_view text, const Schema& schema);

}  // namespace cacheindex::index
