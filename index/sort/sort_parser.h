#pragma once

#include <optional>
#include <string_view>

#include "index/filter/filter.h"
#include "index/schema/schema.h"
#include "index/sort/sort_plan.h"
#include "node/core/result.h"

namespace cacheindex::index {

/// Returns what one item of a `sort_by` asks for, such as `price:asc` or `_eval(new:true):desc`;
/// nothing for a field that the schema does not have, when `options` say that this is no mistake.
/// Errors: as SortOrder::Parse.
Result<std::optional<SortKey>> ParseSortKey(std::string_view text, const Schema& schema,
                                            const FilterOptions& options);

}  // namespace cacheindex::index
