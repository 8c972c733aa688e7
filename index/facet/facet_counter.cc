#include "index/facet/facet_counter.h"

#include <algorithm>
#include <array>
#include <limits>
#include <numeric>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>

#include "index/columns/value_dictionary.h"
#include "index/expressions/filter_text.h"
#include "index/facet/facet_pages.h"
#include "index/facet/facet_sorted_counts.h"

namespace cacheindex::index {
namespace {

// Numbers whose span is at most this are counted in arrays (8 MiB), others are sorted.
constexpr std::uint64_t kDenseSpanMax = std::uint64_t{1} << 20;

// Few values are counted in four arrays (64 KiB), a document in that of its place: the same value
// comes often in a row, and to count it again the processor would wait for the count before it.
constexpr std::uint64_t kLanes = 4;
constexpr std::uint64_t kLanedValuesMax = 4'096;

// Counts values from `low` on, in an array.
class DenseCounts {
 public:
  DenseCounts(std::int64_t low, std::uint64_t size)
      : low_(static_cast<std::uint64_t>(low)),
        size_(size),
        lanes_(size <= kLanedValuesMax ? kLanes : 1),
        counts_(size * lanes_) {}

  // `first` is the number of the page's first document.
  void Add(const cache::ColumnPage& page, std::uint32_t first, const std::uint64_t* selection) {
    if (page.is_single_valued()) {
      Count(page, selection, [](std::uint32_t, std::uint64_t) { return true; });
      return;
    }
    // A value that a document has twice counts once.
    counted_in_.resize(size_);
    Count(page, selection,
          [first, counted_in = counted_in_.data()](std::uint32_t offset, std::uint64_t place) {
            const std::uint32_t document = first + offset + 1;
            return std::exchange(counted_in[place], document) != document;
          });
  }

  // Values that should not exist: a damaged page, or ordinals that the dictionary does not know.
  bool HasStrayValues() const noexcept { return outside_ > 0; }

  std::vector<FacetTally> Tallies() const {
    std::vector<FacetTally> tallies;
    const auto place = counts_.begin();
    for (std::uint64_t i = 0; i < size_; ++i) {
      const auto first = place + static_cast<std::ptrdiff_t>(i * lanes_);
      const auto count =
          std::accumulate(first, first + static_cast<std::ptrdiff_t>(lanes_), std::uint32_t{0});
      if (count > 0) {
        tallies.push_back({.value = static_cast<std::int64_t>(low_ + i), .count = count});
      }
    }
    return tallies;
  }

 private:
  template <class IsFirst>
  void Count(const cache::ColumnPage& page, const std::uint64_t* selection,
             const IsFirst& is_first) {
    if (lanes_ == 1) {
      CountIn<1>(page, selection, is_first);
    } else {
      CountIn<kLanes>(page, selection, is_first);
    }
  }

  template <std::uint64_t kLaneCount, class IsFirst>
  void CountIn(const cache::ColumnPage& page, const std::uint64_t* selection,
               const IsFirst& is_first) {
    std::uint32_t* const counts = counts_.data();
    const std::uint64_t size = size_;
    const std::uint64_t low = low_;
    std::uint64_t outside = 0;
    page.ForEachValue(selection, [&](std::uint32_t offset, std::int64_t value) {
      const std::uint64_t place = static_cast<std::uint64_t>(value) - low;
      if (place >= size) {
        ++outside;
      } else if (is_first(offset, place)) {
        ++counts[place * kLaneCount + offset % kLaneCount];
      }
    });
    outside_ += outside;
  }

  std::uint64_t low_;
  std::uint64_t size_;
  std::uint64_t lanes_;
  std::vector<std::uint32_t> counts_;
  // By value, the last document that had it, plus 1. Empty while no document has several values.
  std::vector<std::uint32_t> counted_in_;
  std::uint64_t outside_ = 0;
};

// Lowest and highest value of the pages with found documents; low > high when there are none.
Result<ValueRange> SpanOfPages(SearchContext& context, const FacetField& field,
                               const DocumentSet& found) {
  ValueRange span{std::numeric_limits<std::int64_t>::max(),
                  std::numeric_limits<std::int64_t>::min()};
  auto visited =
      ForEachFoundPage(context, field.column, found,
                       [&](std::uint32_t, const cache::ColumnPage& page, const std::uint64_t*) {
                         span.low = std::min(span.low, page.minimum());
                         span.high = std::max(span.high, page.maximum());
                       });
  if (!visited) {
    return std::move(visited).error();
  }
  return span;
}

Result<ValueRange> SpanOf(SearchContext& context, const FacetField& field,
                          const DocumentSet& found) {
  if (!IsFacetText(field.type)) {
    return SpanOfPages(context, field, found);
  }
  const auto size = ValueDictionary(context.view(), field.column).Size();
  if (!size) {
    return size.error();
  }
  return ValueRange{0, std::int64_t{*size} - 1};
}

}  // namespace

Result<std::vector<FacetTally>> CountFacetValues(SearchContext& context, const FacetField& field,
                                                 const DocumentSet& found) {
  if (field.column == cache::ColumnNumber{}) {
    return std::vector<FacetTally>();
  }
  const auto span = SpanOf(context, field, found);
  if (!span) {
    return span.error();
  }
  if (span->low > span->high) {
    return std::vector<FacetTally>();
  }
  const auto distance =
      static_cast<std::uint64_t>(span->high) - static_cast<std::uint64_t>(span->low);
  if (!IsFacetText(field.type) && distance >= kDenseSpanMax) {
    SortedCounts counts(*span);
    auto visited =
        ForEachFoundPage(context, field.column, found,
                         [&](std::uint32_t, const cache::ColumnPage& page,
                             const std::uint64_t* selection) { counts.AddPage(page, selection); });
    if (!visited) {
      return std::move(visited).error();
    }
    return counts.Finish();
  }
  DenseCounts counts(span->low, distance + 1);
  const std::uint32_t page_documents = cache::DocumentsPerPage(cache::ShapeOf(field.column));
  auto visited = ForEachFoundPage(
      context, field.column, found,
      [&](std::uint32_t number, const cache::ColumnPage& page, const std::uint64_t* selection) {
        counts.Add(page, number * page_documents, selection);
      });
  if (!visited) {
    return std::move(visited).error();
  }
  if (counts.HasStrayValues()) {
    return Error(ErrorCode::kCorruption,
                 "the column of field " + Excerpt(field.name) + " has values out of its range");
  }
  return counts.Tallies();
}

Result<void> RankByOtherField(SearchContext& context, const FacetField& field,
                              const DocumentSet& found, std::vector<FacetTally>& tallies) {
  const bool is_descending = field.order.is_descending;
  const std::int64_t flip = is_descending ? -1 : 0;
  std::unordered_map<std::int64_t, std::size_t> place_of;
  for (std::size_t i = 0; i < tallies.size(); ++i) {
    place_of.emplace(tallies[i].value, i);
  }
  if (field.order.other_column == cache::ColumnNumber{}) {
    return {};
  }
  const auto others = context.Pages(field.order.other_column);
  if (!others) {
    return others.error();
  }
  std::array<std::optional<std::int64_t>, cache::kWidePageDocuments> ranks;
  return ForEachFoundPage(
      context, field.column, found,
      [&](std::uint32_t number, const cache::ColumnPage& page, const std::uint64_t* selection) {
        const cache::ColumnPage* other = (*others)->Find(number);
        if (other == nullptr) {
          return;
        }
        ranks.fill(std::nullopt);
        other->ForEachValue(selection, [&](std::uint32_t offset, std::int64_t value) {
          ranks[offset] = std::min(ranks[offset].value_or(value ^ flip), value ^ flip);
        });
        page.ForEachValue(selection, [&](std::uint32_t offset, std::int64_t value) {
          const auto place = place_of.find(value);
          if (place != place_of.end() && ranks[offset]) {
            FacetTally& tally = tallies[place->second];
            tally.rank = tally.has_rank ? std::min(tally.rank, *ranks[offset]) : *ranks[offset];
            tally.has_rank = true;
          }
        });
      });
}

Result<void> AddToSums(SearchContext& context, const FacetField& field, const DocumentSet& found,
                       FacetSums& sums) {
  return ForEachFoundPage(
      context, field.column, found,
      [&](std::uint32_t, const cache::ColumnPage& page, const std::uint64_t* selection) {
        page.ForEachValue(selection, [&](std::uint32_t, std::int64_t value) { sums.Add(value); });
      });
}

}  // namespace cacheindex::index
