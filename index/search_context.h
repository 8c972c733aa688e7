#pragma once

#include <chrono>
#include <map>
#include <memory>

#include "cache/view.h"
#include "index/document_set.h"
#include "index/schema.h"
#include "node/core/result.h"

namespace cacheindex::index {

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

  /// Returns the pages of `column`, gathered once.
  Result<const cache::ColumnPages*> Pages(cache::ColumnNumber column);

  /// After this, long loops give up with kTimeout.
  std::chrono::steady_clock::time_point deadline = std::chrono::steady_clock::time_point::max();
  bool IsExpired() const { return std::chrono::steady_clock::now() >= deadline; }

 private:
  const cache::View* view_;
  const cache::Collection* collection_;
  const Schema* schema_;
  std::map<cache::ColumnNumber, cache::ColumnPages> pages_;
};

}  // namespace cacheindex::index
