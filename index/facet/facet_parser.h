#pragma once

#include <vector>

#include "index/facet/facet_plan.h"
#include "index/schema/schema.h"
#include "node/core/result.h"
#include "node/core/search.h"

namespace cacheindex::index {

/// Returns the fields that a request wants counted (see FacetPlan::Parse).
Result<std::vector<FacetField>> ParseFacetFields(const SearchRequest& request,
                                                 const Schema& schema);

}  // namespace cacheindex::index
