#pragma once

#include <vector>

#include "index/documents/visible_fields.h"
#include "index/facet/facet_plan.h"
#include "node/core/result.h"
#include "node/core/search.h"

namespace cacheindex::index {

/// Returns the fields that a request wants counted (see FacetPlan::Parse).
Result<std::vector<FacetField>> ParseFacetFields(const SearchRequest& request,
                                                 const VisibleFields& visible);

}  // namespace cacheindex::index
