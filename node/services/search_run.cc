#include "node/services/search_run.h"

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "index/documents/projection.h"

namespace cacheindex::node {
namespace {

// To name a document is to ask for its id.
Result<void> CheckNamedHits(const SearchRequest& request) {
  if (request.scope.chose_hits || index::Shows(request.scope, "id")) {
    return {};
  }
  for (const auto& [name, is_empty] :
       {std::pair{std::string_view("pinned_hits"), request.pinned_hits.empty()},
        std::pair{std::string_view("hidden_hits"), request.hidden_hits.empty()}}) {
    if (!is_empty) {
      return Error(ErrorCode::kInvalidArgument, "Parameter `" + std::string(name) +
                                                    "` names documents by `id`, which the key "
                                                    "hides.");
    }
  }
  return {};
}

}  // namespace

index::SearchSession& SearchRun::SessionOf(const FoundCollection& found) {
  const auto known = sessions_.find(found.place);
  if (known != sessions_.end()) {
    return known->second;
  }
  // A hit shows the document that a read of its id shows.
  index::NewerDocument newer;
  if (found.place->source != nullptr) {
    newer = [place = found.place](cache::CollectionNumber collection, std::string_view id) {
      return FoundCollection{.place = place, .number = collection}.Compose(id);
    };
  }
  index::SearchSession& session =
      sessions_.emplace(found.place, found.index().OpenSession(found.snapshot(), std::move(newer)))
          .first->second;
  session.deadline = deadline_;
  return session;
}

Result<SearchPage> SearchRun::Answer(const FoundCollection& found,
                                     const cache::Collection& collection,
                                     const SearchRequest& request,
                                     std::uint64_t settings_revision) {
  index::SearchSession& session = SessionOf(found);
  const auto search = [&] {
    auto page = session.Search(collection, request);
    if (page && found.place->source != nullptr) {
      page->positions = found.Positions();
    }
    return page;
  };
  if (!request.use_cache) {
    return search();
  }
  // Documents that wait are shown as rows make them, and rows change without a trace in the index.
  if (const auto waiting = found.IsAnyWaiting(); !waiting || *waiting) {
    return waiting ? search() : Result<SearchPage>(waiting.error());
  }
  AnswerCache::Key key{.index = found.index().identity(),
                       .collection = collection.number,
                       .version = collection.version,
                       .settings_revision = settings_revision,
                       .request = request};
  // The name may be an alias; the real collection is in the key already.
  key.request.collection.clear();
  const Position at = found.snapshot().position();
  const Position changed_at = found.index().ChangedAt(collection.number);
  if (auto known = answers_->Find(key, changed_at)) {
    if (at >= known->position) {
      known->page.positions = found.Positions();
    }
    known->page.search_time_ms = 0;
    return std::move(known->page);
  }
  const Position searchable = found.index().position();
  auto page = search();
  // What changed while the search ran, and what the text index does not reflect yet, is no answer
  // for later.
  if (page && !page->search_cutoff && at >= changed_at && searchable >= changed_at) {
    answers_->Put(std::move(key), *page, at);
  }
  return page;
}

Result<std::optional<MerchandisedSearch>> SearchRun::Complete(const FoundCollection& found,
                                                              const cache::Collection& collection,
                                                              const SearchRequest& request) const {
  auto stemming = resources_->stemming();
  if (stemming == nullptr && request.stopwords_name.empty()) {
    return Merchandise(*resources_, found.index(), found.snapshot(), collection, request);
  }
  SearchRequest complete = request;
  complete.stemming = std::move(stemming);
  if (!request.stopwords_name.empty()) {
    complete.stopwords = resources_->FindStopwords(request.stopwords_name);
    if (complete.stopwords == nullptr) {
      return Error(ErrorCode::kNotFound,
                   "Could not find the stopword set named `" + request.stopwords_name + "`.");
    }
  }
  auto merchandised =
      Merchandise(*resources_, found.index(), found.snapshot(), collection, complete);
  if (merchandised && !*merchandised) {
    return std::optional(
        MerchandisedSearch{.request = std::move(complete), .query = {}, .metadata = {}});
  }
  return merchandised;
}

Result<SearchRun::Prepared> SearchRun::Prepare(const SearchRequest& request) {
  if (auto checked = CheckNamedHits(request); !checked) {
    return std::move(checked).error();
  }
  auto found = reader_.Find(request.collection);
  if (!found) {
    return std::move(found).error();
  }
  auto collection = found->Describe();
  if (!collection) {
    return std::move(collection).error();
  }
  auto merchandised = Complete(*found, *collection, request);
  if (!merchandised) {
    return std::move(merchandised).error();
  }
  return Prepared{.found = *std::move(found),
                  .collection = *std::move(collection),
                  .merchandised = *std::move(merchandised),
                  .asked = &request};
}

Result<SearchPage> SearchRun::Search(const SearchRequest& request) {
  // Read before anything that an answer comes from: a change in between makes the answer useless
  // for later, never wrong.
  const std::uint64_t revision = stores_->settings().revision();
  auto prepared = Prepare(request);
  if (!prepared) {
    return std::move(prepared).error();
  }
  auto page = Answer(prepared->found, prepared->collection, prepared->request(), revision);
  if (page && prepared->merchandised) {
    prepared->merchandised->Describe(*page);
  }
  return page;
}

Result<UnionPage> SearchRun::Unite(std::span<const SearchRequest> requests,
                                   const UnionRequest& request) {
  std::vector<index::CollectionSearch> searches;
  const OpenStore* place = nullptr;
  index::SearchSession* session = nullptr;
  AnswerPositions positions;
  std::optional<replication::LogPosition> kept_at;
  std::vector<std::optional<std::string>> queries;
  for (const SearchRequest& one : requests) {
    auto prepared = Prepare(one);
    if (!prepared) {
      return std::move(prepared).error();
    }
    if (place != nullptr && prepared->found.place != place) {
      return Error(ErrorCode::kInvalidArgument,
                   "Union searches of collections with different sources cannot be merged.");
    }
    place = prepared->found.place;
    session = &SessionOf(prepared->found);
    // A page is as old as the oldest that is in it.
    const auto kept = prepared->found.KeptAt();
    if (kept ? !kept_at || *kept < *kept_at : !kept_at) {
      positions = prepared->found.Positions();
      kept_at = kept;
    }
    queries.push_back(prepared->merchandised ? std::move(prepared->merchandised->query)
                                             : std::nullopt);
    searches.push_back(
        {.collection = std::move(prepared->collection), .request = prepared->request()});
  }
  if (session == nullptr) {
    return UnionPage();
  }
  auto page = session->Unite(searches, request);
  if (!page) {
    return page;
  }
  for (std::size_t i = 0; i < queries.size(); ++i) {
    page->parts[i].query = std::move(queries[i]);
  }
  if (place->source != nullptr) {
    page->positions = std::move(positions);
  }
  return page;
}

}  // namespace cacheindex::node
