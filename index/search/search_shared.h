#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "cache/view.h"
#include "index/columns/search_context.h"
#include "index/match/word_lists.h"
#include "index/schema/schema.h"
#include "index/search/search_page.h"
#include "index/search/search_plan.h"
#include "index/text/text_indexer.h"
#include "index/text/text_readers.h"
#include "node/core/result.h"
#include "node/core/search.h"

namespace cacheindex::index {

/// What the searches of one request over one collection share: the column pages, the text reader,
/// and what was found.
///
/// Threads: one at a time. Lifetime: within that of the view and the text indexer.
class SharedSearch {
 public:
  SharedSearch(const cache::View& view, const cache::Collection& collection,
               std::shared_ptr<const Schema> schema, const TextIndexer& indexer, WordLists& words)
      : collection_(collection),
        schema_(std::move(schema)),
        indexer_(&indexer),
        words_(&words),
        context_(view, collection_, *schema_) {}

  const Schema& schema() const noexcept { return *schema_; }
  SearchContext& context() noexcept { return context_; }
  /// Requires that Find succeeded after the last Forget.
  const TextReader& text() const noexcept { return *text_; }

  /// Returns what `request`, which `plan` is of, finds.
  /// Errors: kTimeout, kUnavailable when the text index cannot be read now, and those of the view.
  Result<std::shared_ptr<const Found>> Find(const SearchRequest& request, const SearchPlan& plan);

  /// Starts over with a new text reader, after one of them fell behind.
  void Forget();

 private:
  cache::Collection collection_;
  std::shared_ptr<const Schema> schema_;
  const TextIndexer* indexer_;
  WordLists* words_;
  SearchContext context_;
  std::optional<TextReader> text_;
  // Only the part of a request that decides what it finds.
  std::vector<std::pair<SearchRequest, std::shared_ptr<const Found>>> remembered_;
  std::size_t remembered_bytes_ = 0;
};

}  // namespace cacheindex::index
