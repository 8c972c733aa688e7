#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>

#include "cache/numbers.h"

namespace cacheindex::cache {

/// Which column pages this process has held against their checksums: a page is hashed when it is
/// first met, and not again while its place holds the same checksum.
///
/// Of bounded size: pages that share a slot push each other out and are hashed once more.
///
/// Threads: all.
class CheckedPages {
 public:
  CheckedPages() : slots_(std::make_unique<Slot[]>(kSlots)) {}

  bool Contains(ColumnNumber column, std::uint32_t page_number,
                std::uint64_t checksum) const noexcept {
    const std::uint64_t key = KeyOf(column, page_number);
    return slots_[SlotOf(key)].load(std::memory_order_relaxed) == MarkOf(key, checksum);
  }
  void Add(ColumnNumber column, std::uint32_t page_number, std::uint64_t checksum) noexcept {
    const std::uint64_t key = KeyOf(column, page_number);
    slots_[SlotOf(key)].store(MarkOf(key, checksum), std::memory_order_relaxed);
  }

 private:
  using Slot = std::atomic<std::uint64_t>;

  /// 8 MiB, of which as much is memory as there are pages: those of 50 columns of 10,000,000
  /// documents.
  static constexpr std::size_t kSlots = std::size_t{1} << 20;

  static std::uint64_t KeyOf(ColumnNumber column, std::uint32_t page_number) noexcept {
    return std::uint64_t{static_cast<std::uint32_t>(column)} << 32 | page_number;
  }
  /// Spreads columns; the pages of one stand side by side.
  static std::size_t SlotOf(std::uint64_t key) noexcept {
    return static_cast<std::size_t>((key >> 32) * 0x9E3779B1U + key) % kSlots;
  }
  /// Never that of an empty slot, but for one checksum in 2^64 that is hashed each time.
  static std::uint64_t MarkOf(std::uint64_t key, std::uint64_t checksum) noexcept {
    return checksum ^ (key + 1) * 0x9E3779B97F4A7C15U;
  }

  const std::unique_ptr<Slot[]> slots_;
};

}  // namespace cacheindex::cache
