#include "index/facet_counter.h"

#include <algorithm>
#include <array>
#include <limits>
#include <string>
#include <unordered_map>
#include <utility>

#include "index/column_value.h"
#include "index/facet_pages.h"
#include "index/filter_text.h"
#include "index/value_dictionary.h"

namespace cacheindex::index {
namespace {

// Numbers whose span is at most this are counted in an array (4 MiB), others in a hash table.
constexpr std::uint64_t kDenseSpanMax = std::uint64_t{1} << 20;

// Counts values from `low` on, in an array.
class DenseCounts {
 public:
  DenseCounts(std::int64_t low, std::uint64_t size)
      : low_(static_cast<std::uint64_t>(low)), counts_(size) {}

  void Add(const cache::ColumnPage& page, const std::uint64_t* selection) {
    std::uint32_t* const counts = counts_.data();
    const std::uint64_t size = counts_.size();
    const std::uint64_t low = low_;
    std::uint64_t outside = 0;
    ForEachDistinctValue(page, selection, [&](std::uint32_t, std::int64_t value) {
      const std::uint64_t place = static_cast<std::uint64_t>(value) - low;
      if (place < size) {
        ++counts[place];
      } else {
        ++outside;
      }
    });
    outside_ += outside;
  }

  // Values that should not exist: a damaged page, or ordinals that the dictionary does not know.
  bool HasStrayValues() const noexcept { return outside_ > 0; }

  std::vector<FacetTally> Tallies() const {
    std::vector<FacetTally> tallies;
    for (std::size_t i = 0; i < counts_.size(); ++i) {
      if (counts_[i] > 0) {
        tallies.push_back({.value = static_cast<std::int64_t>(low_ + i), .count = counts_[i]});
      }
    }
    return tallies;
  }

 private:
  std::uint64_t low_;
  std::vector<std::uint32_t> counts_;
  std::uint64_t outside_ = 0;
};

// Counts any values, in an open hash table of at most half its places.
class SparseCounts {
 public:
  SparseCounts() : places_(1024) {}

  void Add(const cache::ColumnPage& page, const std::uint64_t* selection) {
    ForEachDistinctValue(page, selection,
                         [&](std::uint32_t, std::int64_t value) { Increment(value); });
  }

  std::vector<FacetTally> Tallies() const {
    std::vector<FacetTally> tallies;
    for (const Place& place : places_) {
      if (place.count > 0) {
        tallies.push_back({.value = place.value, .count = place.count});
      }
    }
    return tallies;
  }

 private:
  struct Place {
    std::int64_t value = 0;
    std::uint32_t count = 0;
  };

  void Increment(std::int64_t value) {
    Place& place = Find(value);
    if (place.count++ == 0) {
      place.value = value;
      if (++used_ * 2 > places_.size()) {
        Grow();
      }
    }
  }

  Place& Find(std::int64_t value) {
    // Fibonacci hashing: the upper bits of the product depend on all bits of the value.
    const std::size_t mask = places_.size() - 1;
    std::size_t i = (static_cast<std::uint64_t>(value) * 0x9E3779B97F4A7C15U >> 32) & mask;
    while (places_[i].count > 0 && places_[i].value != value) {
      i = (i + 1) & mask;
    }
    return places_[i];
  }

  void Grow() {
    std::vector<Place> old(places_.size() * 2);
    old.swap(places_);
    for (const Place& place : old) {
      if (place.count > 0) {
        Find(place.value) = place;
      }
    }
  }

  std::vector<Place> places_;
  std::size_t used_ = 0;
};

bool IsText(FieldType type) {
  return type == FieldType::kString || type == FieldType::kStringAuto || type == FieldType::kAuto;
}

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
  if (!IsText(field.type)) {
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
  if (!IsText(field.type) && distance >= kDenseSpanMax) {
    SparseCounts counts;
    auto visited =
        ForEachFoundPage(context, field.column, found,
                         [&](std::uint32_t, const cache::ColumnPage& page,
                             const std::uint64_t* selection) { counts.Add(page, selection); });
    if (!visited) {
      return std::move(visited).error();
    }
    return counts.Tallies();
  }
  DenseCounts counts(span->low, distance + 1);
  auto visited =
      ForEachFoundPage(context, field.column, found,
                       [&](std::uint32_t, const cache::ColumnPage& page,
                           const std::uint64_t* selection) { counts.Add(page, selection); });
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
  constexpr std::int64_t kLast = std::numeric_limits<std::int64_t>::max();
  std::unordered_map<std::int64_t, std::size_t> place_of;
  for (std::size_t i = 0; i < tallies.size(); ++i) {
    tallies[i].rank = kLast;
    place_of.emplace(tallies[i].value, i);
  }
  if (field.order.other_column == cache::ColumnNumber{}) {
    return {};
  }
  const auto others = context.Pages(field.order.other_column);
  if (!others) {
    return others.error();
  }
  std::array<std::int64_t, cache::kWidePageDocuments> ranks{};
  return ForEachFoundPage(
      context, field.column, found,
      [&](std::uint32_t number, const cache::ColumnPage& page, const std::uint64_t* selection) {
        const cache::ColumnPage* other = (*others)->Find(number);
        if (other == nullptr) {
          return;
        }
        ranks.fill(kLast);
        other->ForEachValue(selection, [&](std::uint32_t offset, std::int64_t value) {
          ranks[offset] = std::min(ranks[offset], value ^ flip);
        });
        page.ForEachValue(selection, [&](std::uint32_t offset, std::int64_t value) {
          if (const auto place = place_of.find(value); place != place_of.end()) {
            std::int64_t& rank = tallies[place->second].rank;
            rank = std::min(rank, ranks[offset]);
          }
        });
      });
}

Result<std::optional<FacetStatistics>> ComputeStatistics(SearchContext& context,
                                                         const FacetField& field,
                                                         const DocumentSet& found) {
  FacetStatistics statistics;
  std::uint64_t count = 0;
  std::int64_t low = std::numeric_limits<std::int64_t>::max();
  std::int64_t high = std::numeric_limits<std::int64_t>::min();
  const bool is_float = field.type == FieldType::kFloat;
  const auto number = [=](std::int64_t value) {
    return is_float ? DecodeFloat(value) : static_cast<double>(value);
  };
  auto visited = ForEachFoundPage(
      context, field.column, found,
      [&](std::uint32_t, const cache::ColumnPage& page, const std::uint64_t* selection) {
        page.ForEachValue(selection, [&](std::uint32_t, std::int64_t value) {
          low = std::min(low, value);
          high = std::max(high, value);
          statistics.sum += number(value);
          ++count;
        });
      });
  if (!visited) {
    return std::move(visited).error();
  }
  if (count == 0) {
    return std::optional<FacetStatistics>();
  }
  statistics.minimum = number(low);
  statistics.maximum = number(high);
  statistics.average = statistics.sum / static_cast<double>(count);
  return std::optional(statistics);
}

}  // namespace cacheindex::index
