#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "index/facet_counter.h"
#include "index/facet_plan.h"
#include "index/search_context.h"
#include "node/core/result.h"

namespace cacheindex::index {

/// A value that is shown.
struct ShownFacetValue {
  std::string text;
  std::uint64_t count = 0;
};

/// Removes the tallies whose value does not match the facet's query.
Result<void> KeepQueried(SearchContext& context, const FacetField& field,
                         std::vector<FacetTally>& tallies);

/// Returns the `values_max` first of `tallies` in the facet's order. Sorts only those; looks up
/// only their texts, and those of values that tie with the last of them.
Result<std::vector<ShownFacetValue>> SelectShown(SearchContext& context, const FacetField& field,
                                                 std::vector<FacetTally> tallies,
                                                 std::size_t values_max);

}  // namespace cacheindex::index
