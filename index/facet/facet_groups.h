#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "index/columns/document_set.h"
#include "index/columns/search_context.h"
#include "index/facet/facet_counter.h"
#include "index/facet/facet_plan.h"
#include "index/facet/facet_sorted_counts.h"
#include "index/group/document_groups.h"
#include "node/core/result.h"

namespace cacheindex::index {

/// Counts how many groups have a document with a value: what a shopper sees are groups. What is
/// added several times counts once.
///
/// Cost: a radix sort of all pairs of a value and a group, about 50 ns for each.
class GroupedCounts {
 public:
  /// Values are told apart by their places, from 0 to `places` - 1. Requires places > 0.
  explicit GroupedCounts(std::size_t places);

  /// Adds the values of `field` among `found`. `tallies`, ascending, are all of them, and
  /// `places` says where each is counted; `group_of` has the groups by document number.
  /// Errors: kTimeout, and those of the view.
  Result<void> Add(SearchContext& context, const FacetField& field, const DocumentSet& found,
                   const std::vector<FacetTally>& tallies, std::span<const std::uint32_t> places,
                   std::span<const std::uint32_t> group_of);

  /// Returns the number of groups for each place.
  std::vector<std::uint64_t> Finish();

 private:
  std::size_t places_;
  SortedCounts pairs_;
};

/// Replaces the counts of `tallies`, which are all values of `field` among `found`, by those of
/// groups.
/// Errors: kTimeout, and those of the view.
Result<void> CountGroups(SearchContext& context, const FacetField& field, const DocumentSet& found,
                         const DocumentGroups& groups, std::vector<FacetTally>& tallies);

}  // namespace cacheindex::index
