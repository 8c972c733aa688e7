#pragma once

#include <span>

#include "index/columns/document_set.h"
#include "index/columns/search_context.h"
#include "index/facet/facet_plan.h"
#include "index/facet/facet_selection.h"
#include "node/core/result.h"
#include "node/core/search.h"

namespace cacheindex::index {

/// Sets the parents of `values`, shown values of a nested `field`: the object that the value stands
/// in, as far as `scope` shows it, in the found document that has it and whose id is the lowest,
/// byte by byte.
///
/// Cost: one pass over the column, a look at the id of every found document that has one of the
/// values (0.3 us), and one document read for each value.
/// Errors: kTimeout, and those of the view.
Result<void> FindParents(SearchContext& context, const FacetField& field, const KeyScope& scope,
                         const DocumentSet& found, std::span<ShownFacetValue> values);

}  // namespace cacheindex::index
