#include "index/facet/facet_groups.h"

#include <algorithm>
#include <numeric>

#include "index/facet/facet_pages.h"

namespace cacheindex::index {
namespace {

// More than there can be.
constexpr std::int64_t kGroups = std::int64_t{1} << 32;

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

GroupedCounts::GroupedCounts(std::size_t places)
    : places_(places), pairs_({0, static_cast<std::int64_t>(places) * kGroups - 1}) {}

Result<void> GroupedCounts::Add(SearchContext& context, const FacetField& field,
                                const DocumentSet& found, const std::vector<FacetTally>& tallies,
                                std::span<const std::uint32_t> places,
                                std::span<const std::uint32_t> group_of) {
  if (tallies.empty()) {
    return {};
  }
  const Places tally_of(tallies);
  return ForEachFoundPage(
      context, field.column, found,
      [&](std::uint32_t number, const cache::ColumnPage& page, const std::uint64_t* selection) {
        const DocumentNumber first = number * cache::kWidePageDocuments;
        ForEachDistinctValue(page, selection, [&](std::uint32_t offset, std::int64_t value) {
          pairs_.Add(places[tally_of.Of(value)] * kGroups + group_of[first + offset]);
        });
      });
}

std::vector<std::uint64_t> GroupedCounts::Finish() {
  std::vector<std::uint64_t> counts(places_);
  for (const FacetTally& pair : pairs_.Finish()) {
    ++counts[static_cast<std::size_t>(pair.value / kGroups)];
  }
  return counts;
}

Result<void> CountGroups(SearchContext& context, const FacetField& field, const DocumentSet& found,
                         const DocumentGroups& groups, std::vector<FacetTally>& tallies) {
  if (tallies.empty()) {
    return {};
  }
  std::vector<std::uint32_t> places(tallies.size());
  std::iota(places.begin(), places.end(), 0U);
  GroupedCounts grouped(tallies.size());
  if (auto added = grouped.Add(context, field, found, tallies, places, groups.numbers()); !added) {
    return added;
  }
  const auto counts = grouped.Finish();
  for (std::size_t i = 0; i < tallies.size(); ++i) {
    tallies[i].count = counts[i];
  }
  return {};
}

}  // namespace cacheindex::index
