#pragma once

#include <cstddef>
#include <vector>

#include "index/columns/document_set.h"
#include "index/columns/search_context.h"
#include "index/search/search_plan.h"
#include "index/sort/sort_groups.h"
#include "index/sort/sort_order.h"
#include "node/core/document.h"
#include "node/core/result.h"
#include "node/core/search.h"

namespace cacheindex::index {

/// A document that stands at a place of its own.
struct PinnedDocument {
  DocumentNumber number = 0;
  /// Counted from 0.
  std::size_t place = 0;
};

/// Narrows `documents` to what every further filter of the plan lets through.
/// Errors: as Filter::Evaluate.
Result<DocumentSet> EvaluateFurtherFilters(SearchContext& context, const SearchPlan& plan,
                                           DocumentSet documents);

/// Takes the hidden documents out of what was found, puts the pinned ones in, and returns those by
/// ascending place.
///
/// A pinned document need not match the query, nor the filters that spare pinned documents; it must
/// exist and pass all others. Of two that want one place the first gets it and the other the next
/// one. What is pinned beyond the end stands at the end.
/// Errors: as Filter::Evaluate, and those of the view.
Result<std::vector<PinnedDocument>> Curate(SearchContext& context, const SearchRequest& request,
                                           const SearchPlan& plan, DocumentSet& found);

/// Returns the first documents of the result in order, as many as the plan's page needs: the pinned
/// ones at their places, the others around them. `scores` are those of the text match.
Result<std::vector<DocumentNumber>> TopWithPinned(SearchContext& context, const SearchPlan& plan,
                                                  const DocumentSet& found,
                                                  const TextScores& scores,
                                                  const std::vector<PinnedDocument>& pinned);

/// Returns the first groups of the result in order, as many as the plan's page needs: a group with
/// pinned documents stands where the first of them is pinned and begins with them. `sources.groups`
/// are groups of `found`.
Result<std::vector<RankedGroup>> TopGroupsWithPinned(SearchContext& context, const SearchPlan& plan,
                                                     const DocumentSet& found,
                                                     const SortSources& sources,
                                                     const GroupSelection& selection,
                                                     const std::vector<PinnedDocument>& pinned);

}  // namespace cacheindex::index
