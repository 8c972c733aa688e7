#pragma once

#include <cstdint>
#include <vector>

#include "cache/column_page.h"
#include "index/columns/document_set.h"
#include "index/columns/search_context.h"
#include "node/core/result.h"

namespace cacheindex::index {

/// Column values from low to high, both included.
struct ValueRange {
  std::int64_t low = 0;
  std::int64_t high = 0;
};

/// A set of column values: numbers, ordinals or word numbers. A few ranges are compared directly,
/// many that lie close together are looked up in a bitmap, many single values that lie far apart,
/// as hashes do, behind a sieve of their lowest bits.
///
/// Threads: immutable.
class RangeSet {
 public:
  RangeSet() = default;
  /// Takes ranges in any order, also overlapping ones and empty ones (low > high).
  explicit RangeSet(std::vector<ValueRange> ranges);

  bool IsEmpty() const noexcept { return ranges_.empty(); }
  /// Sorted, disjoint, not adjacent.
  const std::vector<ValueRange>& ranges() const noexcept { return ranges_; }

  bool Contains(std::int64_t value) const noexcept;
  /// Whether all values from low to high are in the set.
  bool Covers(std::int64_t low, std::int64_t high) const noexcept;
  /// Whether any value from low to high is in the set.
  bool Touches(std::int64_t low, std::int64_t high) const noexcept;

  /// Sets the bits in `matches` of those documents of `page` that are in `selection` and have a
  /// value in this set. `page_words` is the number of words of both.
  void Select(const cache::ColumnPage& page, std::uint32_t page_words,
              const std::uint64_t* selection, std::uint64_t* matches) const;

 private:
  // One range is compared; already two are looked up faster.
  static constexpr std::size_t kBitmapRangesMin = 2;
  // Ranges too far apart for a bitmap are compared one by one up to this many, then searched.
  static constexpr std::size_t kRangesComparedMax = 4;
  // 1 MiB of bits: stays in the second-level cache.
  static constexpr std::uint64_t kBitmapBitsMax = std::uint64_t{1} << 23;

  // Bits of the sieve for each value: one of so many others gets through.
  static constexpr std::size_t kSieveBitsPerValue = 16;

  void MakeSieve();
  bool ContainsByRange(std::int64_t value) const noexcept;
  // Sets the bits from first to last, both included.
  void SetBits(std::uint64_t first, std::uint64_t last);

  std::vector<ValueRange> ranges_;
  // One bit for each value from ranges_.front().low to ranges_.back().high, and one more, when
  // there are many ranges close together.
  std::vector<std::uint64_t> bitmap_;
  // When there are many single values far apart: a bit for each of their lowest bits. A power of 2.
  std::vector<std::uint64_t> sieve_;
};

/// Pages between two looks at the clock.
inline constexpr std::uint32_t kPagesPerDeadlineCheck = 256;

/// The error of whoever finds that the search's deadline has passed.
Error DeadlinePassed();

/// Returns the documents of `within` that have a value of `set` in `column`. Column 0 has no
/// values.
Result<DocumentSet> SelectByValues(SearchContext& context, cache::ColumnNumber column,
                                   const RangeSet& set, const DocumentSet& within);

}  // namespace cacheindex::index
