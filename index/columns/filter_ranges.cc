#include "index/columns/filter_ranges.h"

#include <algorithm>
#include <array>
#include <bit>
#include <limits>
#include <utility>

namespace cacheindex::index {
namespace {

constexpr std::int64_t kValueMax = std::numeric_limits<std::int64_t>::max();

// Distance without overflow: high >= low.
std::uint64_t Distance(std::int64_t low, std::int64_t high) {
  return static_cast<std::uint64_t>(high) - static_cast<std::uint64_t>(low);
}

void SetBit(std::uint64_t* words, std::uint32_t offset, bool value) {
  words[offset / 64] |= static_cast<std::uint64_t>(value) << (offset % 64);
}

bool IsZero(const std::uint64_t* words, std::uint32_t count) {
  std::uint64_t all = 0;
  for (std::uint32_t i = 0; i < count; ++i) {
    all |= words[i];
  }
  return all == 0;
}

}  // namespace

RangeSet::RangeSet(std::vector<ValueRange> ranges) {
  std::erase_if(ranges, [](const ValueRange& range) { return range.low > range.high; });
  std::sort(ranges.begin(), ranges.end(),
            [](const ValueRange& a, const ValueRange& b) { return a.low < b.low; });
  for (const ValueRange& range : ranges) {
    const bool joins = !ranges_.empty() &&
                       (ranges_.back().high == kValueMax || range.low <= ranges_.back().high + 1);
    if (joins) {
      ranges_.back().high = std::max(ranges_.back().high, range.high);
    } else {
      ranges_.push_back(range);
    }
  }
  if (ranges_.size() < kBitmapRangesMin) {
    return;
  }
  if (Distance(ranges_.front().low, ranges_.back().high) >= kBitmapBitsMax) {
    MakeSieve();
    return;
  }
  // One more bit than values: it stays 0 and stands for all values outside.
  bitmap_.resize((Distance(ranges_.front().low, ranges_.back().high) + 1) / 64 + 1);
  for (const ValueRange& range : ranges_) {
    SetBits(Distance(ranges_.front().low, range.low), Distance(ranges_.front().low, range.high));
  }
}

void RangeSet::MakeSieve() {
  const bool are_single =
      std::ranges::all_of(ranges_, [](const ValueRange& range) { return range.low == range.high; });
  if (ranges_.size() <= kRangesComparedMax || !are_single) {
    return;
  }
  const std::uint64_t bits = std::bit_ceil(ranges_.size() * kSieveBitsPerValue);
  sieve_.resize(bits / 64);
  for (const ValueRange& range : ranges_) {
    const std::uint64_t bit = static_cast<std::uint64_t>(range.low) & (bits - 1);
    sieve_[bit / 64] |= std::uint64_t{1} << (bit % 64);
  }
}

void RangeSet::SetBits(std::uint64_t first, std::uint64_t last) {
  for (std::uint64_t word = first / 64; word <= last / 64; ++word) {
    std::uint64_t bits = ~std::uint64_t{0};
    if (word == first / 64) {
      bits &= ~std::uint64_t{0} << (first % 64);
    }
    if (word == last / 64) {
      bits &= ~std::uint64_t{0} >> (63 - last % 64);
    }
    bitmap_[word] |= bits;
  }
}

bool RangeSet::ContainsByRange(std::int64_t value) const noexcept {
  const auto after =
      std::upper_bound(ranges_.begin(), ranges_.end(), value,
                       [](std::int64_t v, const ValueRange& range) { return v < range.low; });
  return after != ranges_.begin() && value <= std::prev(after)->high;
}

bool RangeSet::Contains(std::int64_t value) const noexcept {
  if (bitmap_.empty()) {
    return ContainsByRange(value);
  }
  if (value < ranges_.front().low || value > ranges_.back().high) {
    return false;
  }
  const std::uint64_t bit = Distance(ranges_.front().low, value);
  return ((bitmap_[bit / 64] >> (bit % 64)) & 1U) != 0;
}

bool RangeSet::Covers(std::int64_t low, std::int64_t high) const noexcept {
  const auto after =
      std::upper_bound(ranges_.begin(), ranges_.end(), low,
                       [](std::int64_t v, const ValueRange& range) { return v < range.low; });
  return after != ranges_.begin() && high <= std::prev(after)->high;
}

bool RangeSet::Touches(std::int64_t low, std::int64_t high) const noexcept {
  const auto reaching =
      std::lower_bound(ranges_.begin(), ranges_.end(), low,
                       [](const ValueRange& range, std::int64_t v) { return range.high < v; });
  return reaching != ranges_.end() && reaching->low <= high;
}

void RangeSet::Select(const cache::ColumnPage& page, std::uint32_t page_words,
                      const std::uint64_t* selection, std::uint64_t* matches) const {
  if (page.values() == 0 || !Touches(page.minimum(), page.maximum())) {
    return;
  }
  if (Covers(page.minimum(), page.maximum())) {
    if (page.documents() == page_words * 64) {
      for (std::uint32_t i = 0; i < page_words; ++i) {
        matches[i] |= selection[i];
      }
      return;
    }
    page.ForEachValue(selection, [matches](std::uint32_t offset, std::int64_t) {
      SetBit(matches, offset, true);
    });
    return;
  }
  if (ranges_.size() == 1) {
    page.SelectRange(ranges_.front().low, ranges_.front().high, selection, matches);
    return;
  }
  if (!bitmap_.empty()) {
    const auto low = static_cast<std::uint64_t>(ranges_.front().low);
    const std::uint64_t span = static_cast<std::uint64_t>(ranges_.back().high) - low;
    const std::uint64_t* bits = bitmap_.data();
    page.ForEachValue(selection, [=](std::uint32_t offset, std::int64_t value) {
      // No branch: which values are outside is as unpredictable as which are inside.
      const std::uint64_t bit = std::min(static_cast<std::uint64_t>(value) - low, span + 1);
      SetBit(matches, offset, ((bits[bit / 64] >> (bit % 64)) & 1U) != 0);
    });
    return;
  }
  if (ranges_.size() <= kRangesComparedMax) {
    // All are compared without a branch; the places that are left hold the first range again.
    std::array<std::uint64_t, kRangesComparedMax> lows{};
    std::array<std::uint64_t, kRangesComparedMax> spans{};
    for (std::size_t i = 0; i < kRangesComparedMax; ++i) {
      const ValueRange& range = ranges_[i < ranges_.size() ? i : 0];
      lows[i] = static_cast<std::uint64_t>(range.low);
      spans[i] = Distance(range.low, range.high);
    }
    page.ForEachValue(selection, [=](std::uint32_t offset, std::int64_t value) {
      bool is_inside = false;
      for (std::size_t i = 0; i < kRangesComparedMax; ++i) {
        is_inside |= static_cast<std::uint64_t>(value) - lows[i] <= spans[i];
      }
      SetBit(matches, offset, is_inside);
    });
    return;
  }
  if (!sieve_.empty()) {
    const std::uint64_t* sieve = sieve_.data();
    const std::uint64_t mask = sieve_.size() * 64 - 1;
    page.ForEachValue(selection, [=, this](std::uint32_t offset, std::int64_t value) {
      const std::uint64_t bit = static_cast<std::uint64_t>(value) & mask;
      const bool may_be = ((sieve[bit / 64] >> (bit % 64)) & 1U) != 0;
      SetBit(matches, offset, may_be && ContainsByRange(value));
    });
    return;
  }
  page.ForEachValue(selection, [this, matches](std::uint32_t offset, std::int64_t value) {
    SetBit(matches, offset, ContainsByRange(value));
  });
}

Error DeadlinePassed() {
  return {ErrorCode::kTimeout, "The search took longer than its `search_cutoff_ms`."};
}

Result<DocumentSet> SelectByValues(SearchContext& context, cache::ColumnNumber column,
                                   const RangeSet& set, const DocumentSet& within) {
  DocumentSet matches = context.EmptySet();
  if (column == cache::ColumnNumber{} || set.IsEmpty()) {
    return matches;
  }
  const auto pages = context.Pages(column);
  if (!pages) {
    return pages.error();
  }
  const cache::PageShape shape = cache::ShapeOf(column);
  const std::uint32_t page_words = cache::DocumentsPerPage(shape) / 64;
  const std::uint32_t count = std::min((*pages)->page_count(), within.PageCount(shape));
  for (std::uint32_t number = 0; number < count; ++number) {
    if (number % kPagesPerDeadlineCheck == 0 && context.IsExpired()) {
      return DeadlinePassed();
    }
    const std::uint64_t* selection = within.WordsOfPage(shape, number);
    if (IsZero(selection, page_words)) {
      continue;
    }
    if (const cache::ColumnPage* page = (*pages)->Find(number)) {
      set.Select(*page, page_words, selection, matches.WordsOfPage(shape, number));
    }
  }
  return matches;
}

}  // namespace cacheindex::index
