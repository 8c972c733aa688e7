#pragma once

#include <cstdint>
#include <functional>
#include <optional>

#include "index/columns/document_set.h"
#include "index/columns/search_context.h"
#include "index/sort/sort_plan.h"
#include "index/sort/sort_sources.h"
#include "node/core/document.h"
#include "node/core/result.h"

namespace cacheindex::index {

/// Whether the values of `key` are computed for each document rather than read from a column.
bool IsComputed(const SortKey& key);

/// Returns what gives each document of `found` its value, nullopt for one without.
/// Lifetime: within that of the context, the key and the sources.
/// Errors: those of the filters, and of the view.
using SortFunction = std::function<std::optional<std::int64_t>(DocumentNumber)>;
Result<SortFunction> ComputeSortValues(SearchContext& context, const SortKey& key,
                                       const DocumentSet& found, const SortSources& sources);

/// Returns the distance between the origin of `key` (kDistance) and the nearest place of a document
/// in whole meters, nullopt when it has none.
Result<std::optional<std::uint64_t>> NearestMeters(SearchContext& context, const SortKey& key,
                                                   DocumentNumber number);

/// Returns what a decay function makes of one column value.
double Decayed(const SortDecay& decay, std::int64_t column_value);

}  // namespace cacheindex::index
