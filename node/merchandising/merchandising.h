#pragma once

#include <optional>
#include <string>

#include "cache/view.h"
#include "index/search_index.h"
#include "node/core/result.h"
#include "node/core/search.h"
#include "node/merchandising/resources.h"

namespace cacheindex::node {

/// A search after curation rules and synonyms, and what its answer must say of them.
struct MerchandisedSearch {
  SearchRequest request;
  /// Set when a rule changed the query.
  std::optional<std::string> query;
  std::string metadata;

  /// Notes in the answer what was done to the search.
  void Describe(SearchPage& page) const;
};

/// Returns `request` as the collection's sets, its own, and those that the request names make it:
/// curation rules first, then synonyms of what they left of the query (api/README.md 2.8). nullopt
/// when nothing changes. Sets that do not exist have nothing in them.
///
/// Errors: those of the view.
Result<std::optional<MerchandisedSearch>> Merchandise(const Resources& resources,
                                                      index::SearchIndex& index,
                                                      const cache::View& view,
                                                      const cache::Collection& collection,
                                                      const SearchRequest& request);

}  // namespace cacheindex::node
