#pragma once

#include "index/documents/visible_fields.h"
#include "index/filter/filter.h"
#include "index/sort/sort_item.h"
#include "index/sort/sort_plan.h"
#include "node/core/result.h"

namespace cacheindex::index {

// What stands in the parentheses of a sort key, and what it means. Each fills in `key`, whose field
// and order are known. Errors: kInvalidArgument, and those of filters.

/// `_eval(filter)` and `_eval([(filter):weight, ...])`.
Result<void> ParseSortCases(const SortItem& item, const VisibleFields& fields,
                            const FilterOptions& options, SortKey& key);
/// `_rand(seed)`; without a seed every search has its own.
Result<void> ParseSortSeed(const SortItem& item, SortKey& key);
/// `place(latitude, longitude, exclude_radius: 2 km, precision: 1 km)`.
Result<void> ParseSortDistance(const SortItem& item, SortKey& key);
/// `field(origin: 5, func: gauss, scale: 2, offset: 1, decay: 0.5)`.
Result<void> ParseSortDecay(const SortItem& item, FieldType type, SortKey& key);

}  // namespace cacheindex::index
