#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "index/search/search_page.h"
#include "index/search/search_plan.h"
#include "index/search/search_shared.h"
#include "index/search/search_union_groups.h"
#include "index/sort/sort_comparator.h"
#include "node/core/result.h"
#include "node/core/search.h"

namespace cacheindex::index {

/// Several searches whose results are shown as one list (api/README.md 2.4).
///
/// Every search brings its own first hits in order, at most as many as the merged page could show,
/// and those are merged. Hits that all keys leave equal stand in the order of the searches. What a
/// search pins stands at its place of the merged page, or at the next one when another search has
/// pinned something there.
///
/// Groups of several searches with the same key are one group, which stands where the best of its
/// documents stands, or where one of them is pinned; each search brings as many documents to it as
/// its `group_limit` says, and the group shows as many as the largest of those.
///
/// Facets are merged too (facet/facet_union.h): a field counts what the searches found that ask for
/// it, all of which must ask in the same way.
///
/// Threads: one at a time. Lifetime: within that of the shared searches and the requests.
class UnionSearch {
 public:
  /// Hits of each search that may have to be merged: bounds the memory of a deep page.
  static constexpr std::size_t kMergedHitsMax = 100'000;

  explicit UnionSearch(const UnionRequest& request) : request_(request) {}

  /// Adds one search.
  /// Errors: those of PlanSearch; kInvalidArgument when its order, its groups or its facets do not
  /// fit to those of the searches before it; kUnprocessable for a page too deep.
  Result<void> Add(SharedSearch& shared, const SearchRequest& request);

  /// Whether groups are shown instead of hits.
  bool is_grouped() const;

  /// Counts, merges and shows. `page` has one of its parts for each search already.
  /// Errors: as FillPage and UnionGroups::Create.
  Result<void> Fill(UnionPage& page, HitBudget& budget);

 private:
  struct Part {
    SharedSearch* shared = nullptr;
    SearchRequest request;
    SearchPlan plan;
    std::shared_ptr<const Found> found;
  };
  // One of the hits to merge.
  struct Entry {
    std::uint32_t search = 0;
    SortCandidate candidate;
    /// Of one that its search pins, counted from 0.
    std::optional<std::size_t> place{};
  };

  // A group to show.
  struct RankedUnion {
    std::uint32_t group = 0;
    Entry best;
    std::optional<std::size_t> place{};
    std::vector<Entry> entries{};
  };
  using Comparators = std::vector<SortComparator>;

  Result<void> CheckOrder(const Part& part) const;
  Result<void> CheckGroups(const Part& part) const;
  Result<void> CheckFacets(const Part& part) const;
  std::size_t skip() const;
  std::size_t take() const;
  std::uint64_t CountFound() const;
  Result<void> AppendEntries(std::uint32_t search, SortComparator& comparator,
                             std::vector<Entry>& entries) const;
  bool IsBefore(const Entry& a, const Entry& b, Comparators& comparators) const;
  /// As IsBefore, with the pinned ones first.
  void Sort(std::vector<Entry>& entries, Comparators& comparators) const;
  std::vector<Entry> WithoutDuplicates(std::vector<Entry> entries) const;
  Result<Comparators> FindAll();
  /// `groups` is nullptr where hits stand by themselves.
  Result<void> FillFacets(const UnionGroups* groups, UnionPage& page) const;
  Result<void> FillHits(Comparators& comparators, UnionPage& page, HitBudget& budget);
  Result<std::optional<UnionPage::Hit>> MakeUnionHit(const Entry& entry, HitBudget& budget);

  Result<void> FillGroups(Comparators& comparators, UnionPage& page, HitBudget& budget);
  Result<std::vector<RankedUnion>> OrderGroups(const UnionGroups& groups,
                                               Comparators& comparators) const;
  Result<void> FillRanked(const UnionGroups& groups, Comparators& comparators,
                          std::span<RankedUnion> ranked) const;

  UnionRequest request_;
  std::vector<Part> parts_;
};

}  // namespace cacheindex::index
