#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "cache/numbers.h"
#include "node/core/result.h"

namespace cacheindex::cache {

/// The values of one document in one column: a window onto a page, valid as long as the page.
class ColumnValues {
 public:
  std::uint32_t size() const noexcept;
  /// Requires i < size().
  std::int64_t operator[](std::uint32_t i) const noexcept;
};

/// One page of a column: for each of its documents no, one or many 64-bit integers, packed to the
/// width that this page needs. What the integers mean is the index's affair.
///
/// A view onto the bytes of a snapshot; copies nothing.
/// Threads: immutable. Lifetime: that of the snapshot's bytes.
class ColumnPage {
 public:
  /// Returns a view onto `bytes` after checking that its parts fit its size. The checksum is not
  /// looked at here (VerifyChecksum does), because a search opens thousands of pages.
  /// Errors: kCorruption.
  static Result<ColumnPage> Parse(std::span<const std::byte> bytes);

  bool VerifyChecksum() const noexcept;

  /// Documents with at least one value, and values in all.
  std::uint32_t documents() const noexcept;
  std::uint32_t values() const noexcept;
  /// No document has more than one value.
  bool is_single_valued() const noexcept;
  /// Smallest and largest value of the page. Requires values() > 0.
  std::int64_t minimum() const noexcept;
  std::int64_t maximum() const noexcept;

  /// Calls visit(offset, value) for every value of every document whose bit is set in `selection`,
  /// offsets ascending, values in stored order. `selection` points at one bit per document of the
  /// page (15 words of a wide page, 1 of a narrow one).
  template <class Visitor>
  void ForEachValue(const std::uint64_t* selection, Visitor&& visit) const;

  /// Calls visit(offset, ColumnValues) for every selected document that has values.
  template <class Visitor>
  void ForEachDocument(const std::uint64_t* selection, Visitor&& visit) const;

  /// Returns the values of one document, none when it has none.
  ColumnValues Find(std::uint32_t offset) const noexcept;
};

/// The pages of one column at one snapshot, by page number.
class ColumnPages {
 public:
  /// Returns the page, or nullptr where no document has a value.
  const ColumnPage* Find(std::uint32_t page_number) const noexcept;
  /// One past the highest page number that exists.
  std::uint32_t page_count() const noexcept;
};

}  // namespace cacheindex::cache
