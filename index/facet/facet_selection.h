#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "index/facet/facet_counter.h"
#include "index/facet/facet_plan.h"
#include "index/facet/facet_text.h"
#include "index/search_context.h"
#include "node/core/result.h"

namespace cacheindex::index {

/// A value that is shown.
struct ShownFacetValue {
  std::string text;
  std::uint64_t count = 0;
  /// As the column has it; of no meaning for ranges.
  std::int64_t value = 0;
  /// JSON object that it stands in, when that is asked for.
  std::string parent{};
};

/// Removes the tallies whose value does not match the facet's query. Typos are only looked for, one
/// more at a time, while nothing matches with fewer. Returns what decided.
Result<FacetMatcher> KeepQueried(SearchContext& context, const FacetField& field,
                                 std::vector<FacetTally>& tallies);

/// Returns the `values_max` first of `tallies` in the facet's order. Sorts only those; looks up
/// only their texts, and those of values that tie with the last of them.
Result<std::vector<ShownFacetValue>> SelectShown(SearchContext& context, const FacetField& field,
                                                 std::vector<FacetTally> tallies,
                                                 std::size_t values_max);

}  // namespace cacheindex::index
