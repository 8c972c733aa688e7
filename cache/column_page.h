#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "cache/numbers.h"
#include "node/core/result.h"

namespace cacheindex::cache {

/// The values of one document in one column: a window onto a page, valid as long as the page.
class ColumnValues {
 public:
  ColumnValues() = default;

  std::uint32_t size() const noexcept { return size_; }
  /// Requires i < size().
  std::int64_t operator[](std::uint32_t i) const noexcept;
  /// Begins to fetch the first ones, for a reader who does something else before.
  void Prefetch() const noexcept {
    if (size_ > 0) {
      __builtin_prefetch(packed_);
    }
  }

 private:
  friend class ColumnPage;

  ColumnValues(const std::byte* packed, std::uint32_t width, std::uint32_t size,
               std::int64_t minimum) noexcept
      : packed_(packed), minimum_(minimum), size_(size), width_(width) {}

  const std::byte* packed_ = nullptr;
  std::int64_t minimum_ = 0;
  std::uint32_t size_ = 0;
  std::uint32_t width_ = 0;
};

/// One page of a column: for each of its documents no, one or many 64-bit integers, packed to the
/// width that this page needs. What the integers mean is the index's affair.
///
/// A view onto the bytes of a snapshot; copies nothing. Damaged bytes can make its values wrong
/// (VerifyChecksum tells) but never lead outside the page.
/// Threads: immutable. Lifetime: that of the snapshot's bytes.
class ColumnPage {
 public:
  /// Returns a view onto `bytes` after checking that its parts fit its size. The checksum is not
  /// looked at here (VerifyChecksum does, once a process: checked_pages.h), because a search opens
  /// thousands of pages.
  /// Errors: kCorruption.
  static Result<ColumnPage> Parse(std::span<const std::byte> bytes);

  bool VerifyChecksum() const noexcept;
  /// As it is stored.
  std::uint64_t checksum() const noexcept { return Load<std::uint64_t>(bytes_, kChecksumPlace); }

  /// Documents with at least one value, and values in all.
  std::uint32_t documents() const noexcept { return documents_; }
  std::uint32_t values() const noexcept { return values_; }
  /// One past the highest offset that has a value.
  std::uint32_t slots() const noexcept { return slots_; }
  /// No document has more than one value.
  bool is_single_valued() const noexcept {
    return kind_ == Kind::kDenseSingle || kind_ == Kind::kSparseSingle;
  }
  /// Smallest and largest value of the page. Requires values() > 0.
  std::int64_t minimum() const noexcept { return minimum_; }
  std::int64_t maximum() const noexcept { return maximum_; }

  /// Calls visit(offset, value) for every value of every document whose bit is set in `selection`,
  /// offsets ascending, values in stored order. `selection` points at one bit per document of the
  /// page (15 words of a wide page, 1 of a narrow one).
  ///
  /// Cost: kind and width are looked at once a page (benchmarks: BM_CountColumn).
  template <class Visitor>
  void ForEachValue(const std::uint64_t* selection, Visitor&& visit) const;

  /// Calls visit(offset, ColumnValues) for every selected document that has values.
  template <class Visitor>
  void ForEachDocument(const std::uint64_t* selection, Visitor&& visit) const;

  /// Sets in `matches` the bit of every selected document that has a value from `low` to `high`;
  /// the other bits stay. `selection` as for ForEachValue.
  ///
  /// Cost of a full page of single values: a fifth of ForEachValue's (benchmarks: BM_SelectRange).
  void SelectRange(std::int64_t low, std::int64_t high, const std::uint64_t* selection,
                   std::uint64_t* matches) const noexcept;

  /// Returns the values of one document, none when it has none.
  ColumnValues Find(std::uint32_t offset) const noexcept;

 private:
  friend class ColumnPageBuilder;
  friend class ColumnValues;
  friend class PageTable;

  // The numbers are stored (layout in column_page.cc).
  enum class Kind : std::uint8_t {
    kDenseSingle = 1,
    kSparseSingle = 2,
    kDenseMulti = 3,
    kSparseMulti = 4,
  };

  static constexpr std::size_t kRunsAtOnce = 256;
  /// In numbers of 64 bits.
  static constexpr std::size_t kChecksumPlace = 4;

  ColumnPage() = default;

  template <class T>
  static T Load(const std::byte* bytes, std::size_t i) noexcept {
    T value;  // LMDB aligns values to two bytes only, so nothing may be read through a cast.
    std::memcpy(&value, bytes + i * sizeof(T), sizeof(T));
    return value;
  }

  template <std::uint32_t kWidth>
  static std::int64_t Unpack(const std::byte* packed, std::size_t i,
                             std::int64_t minimum) noexcept {
    auto value = static_cast<std::uint64_t>(minimum);  // Unsigned: wraps instead of overflowing.
    if constexpr (kWidth == 1) {
      value += Load<std::uint8_t>(packed, i);
    } else if constexpr (kWidth == 2) {
      value += Load<std::uint16_t>(packed, i);
    } else if constexpr (kWidth == 4) {
      value += Load<std::uint32_t>(packed, i);
    } else if constexpr (kWidth == 8) {
      value += Load<std::uint64_t>(packed, i);
    }
    return static_cast<std::int64_t>(value);
  }

  // Calls function(std::integral_constant<std::uint32_t, width>).
  template <class Function>
  static void WithWidth(std::uint32_t width, Function&& function) {
    switch (width) {
      case 0:
        return function(std::integral_constant<std::uint32_t, 0>{});
      case 1:
        return function(std::integral_constant<std::uint32_t, 1>{});
      case 2:
        return function(std::integral_constant<std::uint32_t, 2>{});
      case 4:
        return function(std::integral_constant<std::uint32_t, 4>{});
      default:
        return function(std::integral_constant<std::uint32_t, 8>{});
    }
  }

  template <class Packed>
  void SelectDense(std::uint64_t low, std::uint64_t span, const std::uint64_t* selection,
                   std::uint64_t* matches) const noexcept;

  // The end of the values of the document at `place` (a slot, or a place in the list of offsets).
  std::uint32_t End(std::uint32_t place) const noexcept {
    const std::uint32_t end = has_long_ends_ ? Load<std::uint32_t>(ends_, place)
                                             : std::uint32_t{Load<std::uint16_t>(ends_, place)};
    return end < values_ ? end : values_;
  }
  std::uint32_t Begin(std::uint32_t place) const noexcept {
    return place == 0 ? 0 : End(place - 1);
  }
  ColumnValues ValuesOf(std::uint32_t begin, std::uint32_t end) const noexcept {
    return {packed_ + std::size_t{begin} * width_, width_, end > begin ? end - begin : 0, minimum_};
  }

  // Calls visit(offset, place) for the selected documents; place finds the document's values.
  template <class Visitor>
  void ForEachPlace(const std::uint64_t* selection, Visitor&& visit) const;

  const std::byte* bytes_ = nullptr;
  // Dense: one presence bit per slot, nullptr when all slots have values. Sparse: the offsets.
  const std::byte* places_ = nullptr;
  const std::byte* ends_ = nullptr;
  const std::byte* packed_ = nullptr;
  std::int64_t minimum_ = 0;
  std::int64_t maximum_ = 0;
  std::uint32_t size_bytes_ = 0;
  std::uint32_t values_ = 0;
  std::uint16_t documents_ = 0;
  std::uint16_t slots_ = 0;
  Kind kind_ = Kind::kDenseSingle;
  std::uint8_t width_ = 0;
  bool has_long_ends_ = false;
};

inline std::int64_t ColumnValues::operator[](std::uint32_t i) const noexcept {
  switch (width_) {
    case 0:
      return minimum_;
    case 1:
      return ColumnPage::Unpack<1>(packed_, i, minimum_);
    case 2:
      return ColumnPage::Unpack<2>(packed_, i, minimum_);
    case 4:
      return ColumnPage::Unpack<4>(packed_, i, minimum_);
    default:
      return ColumnPage::Unpack<8>(packed_, i, minimum_);
  }
}

template <class Visitor>
void ColumnPage::ForEachPlace(const std::uint64_t* selection, Visitor&& visit) const {
  // Copies of the members: after each call of the visitor the compiler would have to reload them.
  const std::uint32_t slots = slots_;
  const std::byte* const places = places_;
  if (kind_ == Kind::kSparseSingle || kind_ == Kind::kSparseMulti) {
    const std::uint32_t documents = documents_;
    for (std::uint32_t i = 0; i < documents; ++i) {
      const std::uint32_t offset = Load<std::uint16_t>(places, i);
      if (offset < slots && (selection[offset / 64] >> (offset % 64) & 1) != 0) {
        visit(offset, i);
      }
    }
    return;
  }
  const std::uint32_t words = (slots + 63) / 64;
  for (std::uint32_t word = 0; word < words; ++word) {
    std::uint64_t mask = selection[word];
    if (places != nullptr) {
      mask &= Load<std::uint64_t>(places, word);
    }
    const std::uint32_t base = word * 64;
    if (base + 64 > slots) {
      mask &= ~std::uint64_t{0} >> (base + 64 - slots);
    }
    if (mask == ~std::uint64_t{0}) {
      for (std::uint32_t offset = base; offset < base + 64; ++offset) {
        visit(offset, offset);
      }
      continue;
    }
    for (; mask != 0; mask &= mask - 1) {
      const std::uint32_t offset = base + static_cast<std::uint32_t>(std::countr_zero(mask));
      visit(offset, offset);
    }
  }
}

template <class Visitor>
void ColumnPage::ForEachValue(const std::uint64_t* selection, Visitor&& visit) const {
  WithWidth(width_, [&](auto width) {
    constexpr std::uint32_t kWidth = decltype(width)::value;
    const std::byte* const packed = packed_;
    const std::int64_t minimum = minimum_;
    if (is_single_valued()) {
      ForEachPlace(selection, [&](std::uint32_t offset, std::uint32_t place) {
        visit(offset, Unpack<kWidth>(packed, place, minimum));
      });
      return;
    }
    // First where the values of many documents are, then the values: both are read from all over
    // the page, and the processor fetches ahead only what does not wait for another fetch.
    struct Run {
      std::uint32_t offset;
      std::uint32_t begin;
      std::uint32_t end;
    };
    std::array<Run, kRunsAtOnce> runs;  // NOLINT(cppcoreguidelines-pro-type-member-init): written.
    std::size_t count = 0;
    const auto visit_runs = [&] {
      for (std::size_t run = 0; run < count; ++run) {
        for (std::uint32_t i = runs[run].begin; i < runs[run].end; ++i) {
          visit(runs[run].offset, Unpack<kWidth>(packed, i, minimum));
        }
      }
      count = 0;
    };
    ForEachPlace(selection, [&](std::uint32_t offset, std::uint32_t place) {
      runs[count++] = {offset, Begin(place), End(place)};
      if (count == kRunsAtOnce) {
        visit_runs();
      }
    });
    visit_runs();
  });
}

template <class Visitor>
void ColumnPage::ForEachDocument(const std::uint64_t* selection, Visitor&& visit) const {
  if (is_single_valued()) {
    ForEachPlace(selection, [&](std::uint32_t offset, std::uint32_t place) {
      visit(offset, ValuesOf(place, place + 1));
    });
    return;
  }
  ForEachPlace(selection, [&](std::uint32_t offset, std::uint32_t place) {
    const ColumnValues values = ValuesOf(Begin(place), End(place));
    if (values.size() > 0) {
      visit(offset, values);
    }
  });
}

}  // namespace cacheindex::cache
