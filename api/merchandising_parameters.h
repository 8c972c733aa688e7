#pragma once

#include "api/parameters.h"
#include "node/core/result.h"
#include "node/core/search.h"

namespace cacheindex::api {

/// Reads into `request` what to pin and to hide, and which synonyms and curation rules may change
/// it. Where the contract renamed a parameter, both names are read and the newer one wins.
///
/// Errors: kInvalidArgument; the message names parameter and value.
Result<void> ReadMerchandising(const Parameters& parameters, SearchRequest& request);

}  // namespace cacheindex::api
