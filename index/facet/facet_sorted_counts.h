#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "cache/column_page.h"
#include "index/columns/filter_ranges.h"
#include "index/facet/facet_counter.h"

namespace cacheindex::index {

/// Counts values that lie too far apart for an array, by sorting them: where most values differ, as
/// prices do, a radix sort is several times faster than a hash table, which misses the processor's
/// caches at every value (benchmarks/columns: BM_Facets/price).
///
/// Memory: 16 MiB, and one tally for each different value.
class SortedCounts {
 public:
  /// Values sorted at once.
  static constexpr std::size_t kBatchValues = std::size_t{1} << 20;

  /// All values must lie in `span`; those of damaged pages that do not are counted as another.
  explicit SortedCounts(const ValueRange& span, std::size_t batch_values = kBatchValues);

  void Add(std::int64_t value) {
    values_.push_back(static_cast<std::uint64_t>(value) - low_);
    if (values_.size() == batch_values_) {
      Flush();
    }
  }
  /// Adds every different value of every selected document.
  void AddPage(const cache::ColumnPage& page, const std::uint64_t* selection);

  /// Returns the tallies, ascending by value.
  std::vector<FacetTally> Finish();

 private:
  void Flush();

  std::uint64_t low_;
  int digits_ = 0;
  std::size_t batch_values_;
  // Distances from low_.
  std::vector<std::uint64_t> values_;
  std::vector<std::uint64_t> scratch_;
  std::vector<FacetTally> tallies_;
};

}  // namespace cacheindex::index
