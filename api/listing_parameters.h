#pragma once

#include "api/parameters.h"
#include "node/core/result.h"
#include "node/core/search.h"

namespace cacheindex::api {

/// Sets what `parameters` say about facets, groups and remembered answers; the rest stays.
/// Errors: kInvalidArgument naming the parameter.
Result<void> ReadListing(const Parameters& parameters, SearchRequest& request);

}  // namespace cacheindex::api
