#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "index/columns/document_set.h"
#include "index/columns/search_context.h"
#include "index/facet/facets.h"
#include "node/core/result.h"
#include "node/core/search.h"

namespace cacheindex::index {

/// One of several searches whose facets are merged.
struct FacetedSearch {
  /// Searches of one collection share it.
  SearchContext* context = nullptr;
  const FacetPlan* plan = nullptr;
  const DocumentSet* found = nullptr;
  /// Groups of the found documents by document number, the same in all searches; empty: documents
  /// are counted.
  std::span<const std::uint32_t> group_of;
};

/// Returns the name of a field that both plans count, but not in the same way, so that their counts
/// cannot be added; empty when there is none.
std::string_view FindFacetConflict(const FacetPlan& plan, const FacetPlan& other);

/// Merges what the plans of `searches`, without conflicts, ask for: each field counts what those
/// searches found that ask for it. Values with the same text are one value; they are ordered, cut
/// (to the most that one of the searches wants) and shown as those of one search. Fields stand in
/// the order in which the searches name them.
///
/// Of searches of one collection, a document that several found counts once, unless
/// `counts_duplicates`; a group counts once in any case.
///
/// Cost: as FacetPlan::Count, and a look at the texts of all values.
/// Errors: as FacetPlan::Count.
Result<std::vector<FacetCounts>> CountUnited(std::span<const FacetedSearch> searches,
                                             bool counts_duplicates);

}  // namespace cacheindex::index
