#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "index/columns/document_set.h"
#include "index/columns/search_context.h"
#include "index/sort/sort_plan.h"
#include "index/sort/sort_sources.h"
#include "node/core/document.h"
#include "node/core/result.h"

namespace cacheindex::index {

/// Returns the `count` first of `found` in the order of `keys` (see SortOrder::Top).
Result<std::vector<DocumentNumber>> SelectTop(SearchContext& context, std::span<const SortKey> keys,
                                              const DocumentSet& found, const SortSources& sources,
                                              std::size_t count);

}  // namespace cacheindex::index
