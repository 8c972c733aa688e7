#pragma once

#include <algorithm>
#include <optional>
#include <vector>

#include "index/columns/document_set.h"
#include "index/columns/search_context.h"
#include "index/match/text_matcher.h"
#include "index/match/text_query.h"
#include "index/search/curated_hits.h"
#include "index/search/hit_budget.h"
#include "index/search/search_plan.h"
#include "index/text/text_readers.h"
#include "node/core/document.h"
#include "node/core/result.h"
#include "node/core/search.h"

namespace cacheindex::index {

/// What a search has found, before it is ordered and shown.
struct Found {
  DocumentSet documents;
  TextMatches matches;
  /// What to mark in hits.
  TextQuery marked;
  /// Some of the documents, by ascending place.
  std::vector<PinnedDocument> pinned;

  bool IsPinned(DocumentNumber number) const {
    return std::ranges::find(pinned, number, &PinnedDocument::number) != pinned.end();
  }
};

/// What a page is made of. Everything outlives it.
struct SearchParts {
  SearchContext& context;
  const TextReader& text;
  const SearchRequest& request;
  const SearchPlan& plan;
  const Found& found;
  HitBudget& budget;
};

/// Fills in counts, hits or groups, and facets. What is done before the deadline stays when it
/// passes.
/// Errors: kTimeout, kTooLarge when the hits have too many bytes, kUnavailable when the text reader
/// fell behind, and those of the view.
Result<void> FillPage(const SearchParts& parts, SearchPage& page);

/// Returns one found document as it is shown; nullopt when a newer state knows that it is gone.
/// Errors: as FillPage.
Result<std::optional<SearchHit>> MakeHit(const SearchParts& parts, DocumentNumber number);

}  // namespace cacheindex::index
