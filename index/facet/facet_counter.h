#pragma once

#include <cstdint>
#include <vector>

#include "index/columns/document_set.h"
#include "index/columns/search_context.h"
#include "index/facet/facet_plan.h"
#include "index/facet/facet_sums.h"
#include "node/core/result.h"

namespace cacheindex::index {

/// One value of a facet, as its column has it, and how many of the found documents have it.
struct FacetTally {
  std::int64_t value = 0;
  std::uint64_t count = 0;
  /// For FacetOrder::kOtherField: smaller is shown first, those without a rank last.
  std::int64_t rank = 0;
  bool has_rank = false;
};

/// Counts the values of `field` among `found`; only values that occur, ascending.
Result<std::vector<FacetTally>> CountFacetValues(SearchContext& context, const FacetField& field,
                                                 const DocumentSet& found);

/// Sets the ranks by the field that the facet's order names. Values without any number there come
/// last.
Result<void> RankByOtherField(SearchContext& context, const FacetField& field,
                              const DocumentSet& found, std::vector<FacetTally>& tallies);

/// Adds all values of a numeric field to `sums`.
Result<void> AddToSums(SearchContext& context, const FacetField& field, const DocumentSet& found,
                       FacetSums& sums);

}  // namespace cacheindex::index
