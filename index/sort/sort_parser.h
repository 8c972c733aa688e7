#pragma once

#include <optional>
#include <string_view>

#include "index/documents/visible_fields.h"
#include "index/filter/filter.h"
#include "index/sort/sort_plan.h"
#include "node/core/result.h"

namespace cacheindex::index {

/// Returns what one item of a `sort_by` asks for, such as `price:asc` or `_eval(new:true):desc`;
/// nothing for a field that the schema does not have, when `options` say that this is no mistake.
/// Errors: as SortOrder::Parse.
Result<std::optional<SortKey>> ParseSortKey(std::string_view text, const VisibleFields& fields,
                                            const FilterOptions& options);

}  // namespace cacheindex::index
