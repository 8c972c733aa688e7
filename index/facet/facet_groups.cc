#include "index/facet/facet_groups.h"

#include <algorithm>

#include "index/facet/facet_pages.h"
#include "index/facet/facet_sorted_counts.h"

namespace cacheindex::index {
namespace {

// Finds the place of a value among the tallies, which ascend.
class Places {
 public:
  explicit Places(const std::vector<FacetTally>& tallies)
      : tallies_(&tallies), low_(static_cast<std::uint64_t>(tallies.front().value)) {
    const std::uint64_t span = static_cast<std::uint64_t>(tallies.back().value) - low_;
    if (span >= kSpanMax) {
      return;
    }
    places_.resize(span + 1);
    for (std::size_t i = 0; i < tallies.size(); ++i) {
      places_[static_cast<std::uint64_t>(tallies[i].value) - low_] = static_cast<std::uint32_t>(i);
    }
  }

  std::uint32_t Of(std::int64_t value) const {
    if (!places_.empty()) {
      return places_[static_cast<std::uint64_t>(value) - low_];
    }
    const auto found = std::lower_bound(
        tallies_->begin(), tallies_->end(), value,
        [](const FacetTally& tally, std::int64_t wanted) { return tally.value < wanted; });
    return static_cast<std::uint32_t>(found - tallies_->begin());
  }

 private:
  // 4 MiB of places.
  static constexpr std::uint64_t kSpanMax = std::uint64_t{1} << 20;

  const std::vector<FacetTally>* tallies_;
  std::uint64_t low_;
  std::vector<std::uint32_t> places_;
};

}  // namespace

Result<void> CountGroups(SearchContext& context, const FacetField& field, const DocumentSet& found,
                         const DocumentGroups& groups, std::vector<FacetTally>& tallies) {
  if (tallies.empty()) {
    return {};
  }
  constexpr std::int64_t kGroups = std::int64_t{1} << 32;
  const Places places(tallies);
  SortedCounts pairs({0, static_cast<std::int64_t>(tallies.size()) * kGroups - 1});
  auto visited = ForEachFoundPage(
      context, field.column, found,
      [&](std::uint32_t number, const cache::ColumnPage& page, const std::uint64_t* selection) {
        const DocumentNumber first = number * cache::kWidePageDocuments;
        ForEachDistinctValue(page, selection, [&](std::uint32_t offset, std::int64_t value) {
          pairs.Add(places.Of(value) * kGroups + groups.Of(first + offset));
        });
      });
  if (!visited) {
    return visited;
  }
  for (FacetTally& tally : tallies) {
    tally.count = 0;
  }
  for (const FacetTally& pair : pairs.Finish()) {
    ++tallies[static_cast<std::size_t>(pair.value / kGroups)].count;
  }
  return {};
}

}  // namespace cacheindex::index
