#pragma once

#include <span>
#include <string>

#include "node/core/error.h"
#include "node/core/search.h"

namespace cacheindex::api {

/// Appends the contract's answer to `request` (api/README.md 2.4), documents copied as they are.
void AppendSearchPage(std::string& output, const SearchRequest& request, const SearchPage& page);

/// Appends the contract's answer to the union of `requests`, one or more.
void AppendUnionPage(std::string& output, std::span<const SearchRequest> requests,
                     const UnionRequest& united, const UnionPage& page);

/// Appends what stands in a multi_search's results for a search that failed.
void AppendSearchError(std::string& output, const Error& error);

}  // namespace cacheindex::api
