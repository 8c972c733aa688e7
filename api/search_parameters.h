#pragma once

#include <string>

#include "api/parameters.h"
#include "node/core/search.h"

namespace cacheindex::api {

/// Returns the search that `parameters` ask for in `collection`, with the contract's defaults.
/// Parameters that nobody knows are ignored.
///
/// Errors: kInvalidArgument or kUnprocessable with the contract's message.
Result<SearchRequest> ReadSearchRequest(const Parameters& parameters, std::string collection);

/// Returns which part of a union's merged results to show; only the URL's parameters count.
/// Errors: kInvalidArgument, kUnprocessable, as for the pages of one search.
Result<UnionRequest> ReadUnionRequest(const Parameters& parameters);

}  // namespace cacheindex::api
