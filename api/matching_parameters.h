#pragma once

#include "api/parameters.h"
#include "node/core/result.h"
#include "node/core/search.h"

namespace cacheindex::api {

/// Reads into `request` how far what is found may be from what was asked, and what makes one match
/// better than another. Requires `request.query_by` to be read.
///
/// Errors: kInvalidArgument; the message names parameter and value.
Result<void> ReadMatching(const Parameters& parameters, SearchRequest& request);

}  // namespace cacheindex::api
