#include "index/sort/sort_groups.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "index/columns/filter_ranges.h"
#include "index/sort/sort_comparator.h"

namespace cacheindex::index {
namespace {

// Documents between two looks at the clock and at the strings that are remembered.
constexpr std::size_t kDocumentsPerCheck = 16'384;

// Calls visit(number) for every found document until the deadline.
template <class Visitor>
Result<void> ForEachUntilDeadline(SearchContext& context, const DocumentSet& found,
                                  SortComparator& comparator, const Visitor& visit) {
  std::size_t visited = 0;
  bool is_late = false;
  found.ForEach([&](DocumentNumber number) {
    if (visited++ % kDocumentsPerCheck == 0) {
      is_late = is_late || context.IsExpired();
      comparator.Keep([](DocumentNumber) { return false; });
    }
    if (!is_late) {
      visit(number);
    }
  });
  return is_late ? Result<void>(DeadlinePassed()) : Result<void>();
}

// The best document of every group that has one.
Result<std::vector<std::optional<SortCandidate>>> FindBest(SearchContext& context,
                                                           const DocumentSet& found,
                                                           const DocumentGroups& groups,
                                                           SortComparator& comparator) {
  std::vector<std::optional<SortCandidate>> best(groups.count());
  auto visited = ForEachUntilDeadline(context, found, comparator, [&](DocumentNumber number) {
    const std::uint32_t group = groups.Of(number);
    const SortCandidate candidate = comparator.CandidateOf(number);
    if (!best[group] || comparator.IsBefore(candidate, *best[group])) {
      best[group] = candidate;
    }
  });
  if (!visited) {
    return std::move(visited).error();
  }
  return best;
}

// The numbers of the first groups, in order.
std::vector<std::uint32_t> OrderGroups(const std::vector<std::optional<SortCandidate>>& best,
                                       std::size_t groups_max, SortComparator& comparator) {
  std::vector<std::uint32_t> order;
  for (std::uint32_t group = 0; group < best.size(); ++group) {
    if (best[group]) {
      order.push_back(group);
    }
  }
  const auto end = order.begin() + static_cast<std::ptrdiff_t>(std::min(groups_max, order.size()));
  std::partial_sort(order.begin(), end, order.end(), [&](std::uint32_t a, std::uint32_t b) {
    return comparator.IsBefore(*best[a], *best[b]);
  });
  order.erase(end, order.end());
  return order;
}

// Keeps the `count_max` first candidates, in order.
void Insert(std::vector<SortCandidate>& kept, const SortCandidate& candidate, std::size_t count_max,
            SortComparator& comparator) {
  if (kept.size() == count_max &&
      (count_max == 0 || !comparator.IsBefore(candidate, kept.back()))) {
    return;
  }
  const auto place = std::upper_bound(
      kept.begin(), kept.end(), candidate,
      [&](const SortCandidate& a, const SortCandidate& b) { return comparator.IsBefore(a, b); });
  kept.insert(place, candidate);
  kept.resize(std::min(kept.size(), count_max));
}

}  // namespace

Result<std::vector<RankedGroup>> SelectTopGroups(SearchContext& context,
                                                 std::span<const SortKey> keys,
                                                 const DocumentSet& found,
                                                 const SortSources& sources,
                                                 const GroupSelection& selection) {
  const DocumentGroups& groups = *sources.groups;
  auto comparator = SortComparator::Create(context, keys, found, sources);
  if (!comparator) {
    return std::move(comparator).error();
  }
  const auto best = FindBest(context, found, groups, *comparator);
  if (!best) {
    return best.error();
  }
  const auto order = OrderGroups(*best, selection.groups_max, *comparator);
  constexpr std::uint32_t kNotShown = ~std::uint32_t{0};
  std::vector<std::uint32_t> place_of(groups.count(), kNotShown);
  for (std::uint32_t place = 0; place < order.size(); ++place) {
    place_of[order[place]] = place;
  }
  std::vector<std::vector<SortCandidate>> shown(order.size());
  auto visited = ForEachUntilDeadline(context, found, *comparator, [&](DocumentNumber number) {
    const std::uint32_t place = place_of[groups.Of(number)];
    if (place != kNotShown) {
      Insert(shown[place], comparator->CandidateOf(number), selection.documents_per_group,
             *comparator);
    }
  });
  if (!visited) {
    return std::move(visited).error();
  }
  if (auto failure = comparator->failure()) {
    return *std::move(failure);
  }
  std::vector<RankedGroup> ranked;
  for (std::size_t place = 0; place < order.size(); ++place) {
    RankedGroup group{.group = order[place], .documents = {}};
    for (const SortCandidate& candidate : shown[place]) {
      group.documents.push_back(candidate.number);
    }
    ranked.push_back(std::move(group));
  }
  return ranked;
}

}  // namespace cacheindex::index
