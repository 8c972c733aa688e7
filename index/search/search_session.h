#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <span>

#include "cache/view.h"
#include "index/columns/search_context.h"
#include "index/search/hit_budget.h"
#include "node/core/position.h"
#include "node/core/result.h"
#include "node/core/search.h"

namespace cacheindex::index {

class SchemaCache;
class SharedSearch;
class TextIndexer;
class WordLists;

/// A search and the collection that its name means.
struct CollectionSearch {
  cache::Collection collection;
  SearchRequest request;
};

/// The searches of one request: they see one view and share what they have in common. A page of
/// results asks the same question several times, to count one facet without its own selection; what
/// the question finds, and the column pages it takes, are looked for once.
///
/// Memory: up to 64 MiB of remembered results for each collection and 128 MiB of hits, besides what
/// one search needs.
/// Threads: one at a time. Lifetime: within that of the view and the index.
class SearchSession {
 public:
  SearchSession(const cache::View& view, SchemaCache& schemas, const TextIndexer& text,
                WordLists& words, NewerDocument newer_document);
  SearchSession(SearchSession&&) noexcept;
  SearchSession& operator=(SearchSession&&) = delete;
  SearchSession(const SearchSession&) = delete;
  SearchSession& operator=(const SearchSession&) = delete;
  ~SearchSession();

  /// When searches are cut, however much time they ask for.
  std::chrono::steady_clock::time_point deadline = std::chrono::steady_clock::time_point::max();

  /// Answers `request` from the view; apart from the request's own, `collection` is the real one.
  /// Errors: kConflict when the text index has overtaken the view; start over with a newer one;
  /// kTooLarge when the hits of all searches so far have too many bytes.
  Result<SearchPage> Search(const cache::Collection& collection, const SearchRequest& request);

  /// Merges the results of `searches` in the order that all of them ask for.
  /// Errors: those of the first search that fails, kInvalidArgument when their orders do not fit
  /// together.
  Result<UnionPage> Unite(std::span<const CollectionSearch> searches, const UnionRequest& request);

 private:
  Result<SharedSearch*> SharedBy(const cache::Collection& collection);
  AnswerPositions positions() const;
  std::chrono::steady_clock::time_point DeadlineOf(const SearchRequest& request) const;

  const cache::View* view_;
  SchemaCache* schemas_;
  const TextIndexer* text_;
  WordLists* words_;
  NewerDocument newer_document_;
  HitBudget budget_;
  std::map<cache::CollectionNumber, std::unique_ptr<SharedSearch>> shared_;
};

}  // namespace cacheindex::index
