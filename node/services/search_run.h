#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <span>

#include "index/search/search_session.h"
#include "node/core/result.h"
#include "node/core/search.h"
#include "node/merchandising/merchandising.h"
#include "node/merchandising/resources.h"
#include "node/services/answer_cache.h"
#include "node/stores/store_reader.h"
#include "node/stores/stores.h"

namespace cacheindex::node {

/// The searches of one request: one snapshot of each store they touch, and one session for each, so
/// that they share what they have in common.
///
/// Threads: one at a time. Lifetime: within that of what it is made from.
class SearchRun {
 public:
  /// What its searches have not found within `time_max` together, whatever each of them asks for,
  /// they leave out: a worker and a snapshot are held that long.
  SearchRun(Stores& stores, const Resources& resources, AnswerCache& answers,
            std::chrono::milliseconds time_max)
      : stores_(&stores),
        resources_(&resources),
        answers_(&answers),
        reader_(stores),
        deadline_(std::chrono::steady_clock::now() + time_max) {}

  /// Errors: kNotFound "Collection not found", and those of SearchSession::Search.
  Result<SearchPage> Search(const SearchRequest& request);

  /// Errors: also kInvalidArgument when the collections lie in different stores, which have no
  /// position in common.
  Result<UnionPage> Unite(std::span<const SearchRequest> requests, const UnionRequest& request);

 private:
  index::SearchSession& SessionOf(const FoundCollection& found);
  /// Returns `request` with the stopwords and stemming dictionaries it uses, then curated and with
  /// synonyms; nullopt when it stays as it is.
  Result<std::optional<MerchandisedSearch>> Complete(const FoundCollection& found,
                                                     const cache::Collection& collection,
                                                     const SearchRequest& request) const;
  /// One request, with the collection that it names and what is to be searched there.
  struct Prepared {
    FoundCollection found;
    cache::Collection collection;
    std::optional<MerchandisedSearch> merchandised;
    const SearchRequest* asked = nullptr;

    const SearchRequest& request() const { return merchandised ? merchandised->request : *asked; }
  };
  /// `request` outlives the result.
  Result<Prepared> Prepare(const SearchRequest& request);
  /// Answers what merchandising left of a request.
  Result<SearchPage> Answer(const FoundCollection& found, const cache::Collection& collection,
                            const SearchRequest& request, std::uint64_t settings_revision);

  Stores* stores_;
  const Resources* resources_;
  AnswerCache* answers_;
  StoreReader reader_;
  const std::chrono::steady_clock::time_point deadline_;
  std::map<const OpenStore*, index::SearchSession> sessions_;
};

}  // namespace cacheindex::node
