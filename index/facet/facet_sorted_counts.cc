#include "index/facet/facet_sorted_counts.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <utility>

#include "index/facet/facet_pages.h"

namespace cacheindex::index {
namespace {

// Bits of one digit: the counters of a pass stay in the first-level cache.
constexpr int kDigitBits = 11;
constexpr std::size_t kDigitValues = std::size_t{1} << kDigitBits;

// One pass of a radix sort: stable by the digit that begins at bit `shift`.
void SortByDigit(const std::vector<std::uint64_t>& from, int shift,
                 std::vector<std::uint64_t>& to) {
  std::array<std::size_t, kDigitValues> places{};
  for (const std::uint64_t value : from) {
    ++places[value >> shift & (kDigitValues - 1)];
  }
  std::size_t next = 0;
  for (std::size_t& place : places) {
    next += std::exchange(place, next);
  }
  to.resize(from.size());
  for (const std::uint64_t value : from) {
    to[places[value >> shift & (kDigitValues - 1)]++] = value;
  }
}

std::vector<FacetTally> Merge(const std::vector<FacetTally>& left,
                              const std::vector<FacetTally>& right) {
  std::vector<FacetTally> merged;
  merged.reserve(left.size() + right.size());
  auto a = left.begin();
  auto b = right.begin();
  while (a != left.end() && b != right.end()) {
    if (a->value == b->value) {
      merged.push_back({.value = a->value, .count = a->count + b->count});
      ++a;
      ++b;
    } else {
      merged.push_back(a->value < b->value ? *a++ : *b++);
    }
  }
  merged.insert(merged.end(), a, left.end());
  merged.insert(merged.end(), b, right.end());
  return merged;
}

}  // namespace

SortedCounts::SortedCounts(const ValueRange& span, std::size_t batch_values)
    : low_(static_cast<std::uint64_t>(span.low)), batch_values_(batch_values) {
  const auto bits = static_cast<int>(std::bit_width(static_cast<std::uint64_t>(span.high) - low_));
  digits_ = (bits + kDigitBits - 1) / kDigitBits;
}

void SortedCounts::AddPage(const cache::ColumnPage& page, const std::uint64_t* selection) {
  ForEachDistinctValue(page, selection, [&](std::uint32_t, std::int64_t value) { Add(value); });
}

void SortedCounts::Flush() {
  // Few values do not pay for the counters.
  constexpr std::size_t kComparedMax = 4 * kDigitValues;
  if (values_.size() <= kComparedMax) {
    std::sort(values_.begin(), values_.end());
  } else {
    for (int digit = 0; digit < digits_; ++digit) {
      SortByDigit(values_, digit * kDigitBits, scratch_);
      values_.swap(scratch_);
    }
  }
  std::vector<FacetTally> tallies;
  for (std::size_t i = 0; i < values_.size();) {
    const std::size_t begin = i;
    while (i < values_.size() && values_[i] == values_[begin]) {
      ++i;
    }
    tallies.push_back(
        {.value = static_cast<std::int64_t>(values_[begin] + low_), .count = i - begin});
  }
  values_.clear();
  tallies_ = tallies_.empty() ? std::move(tallies) : Merge(tallies_, tallies);
}

std::vector<FacetTally> SortedCounts::Finish() {
  Flush();
  return std::move(tallies_);
}

}  // namespace cacheindex::index
