#pragma once

#include <cstdint>
#include <vector>

#include "index/document_set.h"
#include "index/facet/facet_counter.h"
#include "index/facet/facet_plan.h"
#include "index/group/document_groups.h"
#include "index/search_context.h"
#include "node/core/result.h"

namespace cacheindex::index {

/// Replaces the counts of `tallies`, which are all values of `field` among `found`, by how many
/// groups have a document with the value: what a shopper sees are groups.
///
/// Cost: a radix sort of all pairs of a value and a group, about 50 ns for each.
/// Errors: kTimeout, and those of the view.
Result<void> CountGroups(SearchContext& context, const FacetField& field, const DocumentSet& found,
                         const DocumentGroups& groups, std::vector<FacetTally>& tallies);

}  // namespace cacheindex::index
