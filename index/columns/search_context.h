#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string_view>

#include "cache/view.h"
#include "index/columns/document_set.h"
#include "index/schema/schema.h"
#include "node/core/document.h"
#include "node/core/json.h"
#include "node/core/result.h"

namespace cacheindex::index {

/// Returns the document `id` where a newer one than the stored one is to be shown: null when it is
/// gone, nullopt when the stored one is right.
using NewerDocument =
    std::function<Result<std::optional<Json>>(cache::CollectionNumber, std::string_view id)>;

/// What a search looks at before it counts as a long one: about 50 ms of work, several times what
/// the pages of a shop ask for (benchmarks: fairness).
inline constexpr std::uint64_t kLongSearchVisits = 4'000'000;

/// What the parts of one search share: one view, one schema, and the column pages gathered so far.
///
/// Threads: one at a time. Lifetime: within that of the view.
class SearchContext {
 public:
  SearchContext(const cache::View& view, const cache::Collection& collection, const Schema& schema)
      : view_(&view), collection_(&collection), schema_(&schema) {}

  const cache::View& view() const noexcept { return *view_; }
  const cache::Collection& collection() const noexcept { return *collection_; }
  const Schema& schema() const noexcept { return *schema_; }

  /// Returns an empty set for this collection's document numbers.
  DocumentSet EmptySet() const { return DocumentSet(collection_->number_max); }
  /// Returns all documents.
  Result<DocumentSet> AllDocuments();

  /// Returns the pages of `column`. Damaged ones read as absent: see CheckPages.
  Result<const cache::ColumnPages*> Pages(cache::ColumnNumber column);

  /// Returns the document that a column of the collection knows under `number`.
  /// Errors: kCorruption when there is none: columns and documents are written together, so this is
  /// damage, never an omission.
  Result<cache::StoredDocument> ReadDocument(DocumentNumber number) const;
  /// As ReadDocument, taken apart.
  Result<Json> ParseDocument(DocumentNumber number) const;

  /// Errors: that of the first damaged page that anybody used. Whatever was computed from pages may
  /// only be answered after this (invariant 7).
  Result<void> CheckPages() const;

  /// Says how many postings and values are going to be looked at, at most, before they are. More
  /// than kLongSearchVisits altogether are announced as long work (long_work.h).
  void Expect(std::uint64_t visits);

  /// What hits show instead of stored documents; may be empty.
  NewerDocument newer_document;

  /// After this, long loops give up with kTimeout.
  std::chrono::steady_clock::time_point deadline = std::chrono::steady_clock::time_point::max();
  bool IsExpired() const { return std::chrono::steady_clock::now() >= deadline; }

 private:
  const cache::View* view_;
  const cache::Collection* collection_;
  const Schema* schema_;
  std::map<cache::ColumnNumber, cache::ColumnPages> pages_;
  std::uint64_t visits_ = 0;
};

}  // namespace cacheindex::index
