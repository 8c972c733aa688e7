#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <unordered_map>
#include <vector>

#include "cache/column_page.h"
#include "cache/numbers.h"

namespace cacheindex::cache {

/// What has been found out about the pages of one column at one committed state: LMDB never moves
/// or changes a page that a state holds, so a look-up that one search paid for is good for all
/// others of the same state.
///
/// Threads: all. Lifetime: the pages point into the state's bytes; only who holds a view of that
/// state may follow them.
class PageTable {
 public:
  explicit PageTable(std::uint32_t page_count) : slots_(page_count) {}

  std::uint32_t page_count() const noexcept { return static_cast<std::uint32_t>(slots_.size()); }

  /// Returns nullptr for a page that was not looked up yet. Requires page_number < page_count().
  const ColumnPage* Find(std::uint32_t page_number) const noexcept {
    return slots_[page_number].load(std::memory_order_acquire);
  }
  /// Whether what Find returned means that no document of the page has a value.
  static bool IsAbsent(const ColumnPage* page) noexcept { return page == &kAbsent; }
  static const ColumnPage* Absent() noexcept { return &kAbsent; }

  /// Remembers what was found under `page_number`, nullopt for nothing, and returns what Find
  /// returns from now on.
  const ColumnPage* Keep(std::uint32_t page_number, const std::optional<ColumnPage>& page);

  /// Bytes of memory of a table whose pages were all looked up.
  static constexpr std::size_t BytesMax(std::uint32_t page_count) noexcept {
    return std::size_t{page_count} * (sizeof(std::atomic<const ColumnPage*>) + sizeof(ColumnPage));
  }

 private:
  static const ColumnPage kAbsent;

  std::vector<std::atomic<const ColumnPage*>> slots_;
  std::mutex mutex_;
  // Never moved: the slots point here.
  std::deque<ColumnPage> pages_;
};

/// The page tables of the newest state that was read.
///
/// Threads: all.
class PageTables {
 public:
  /// LMDB's number of a transaction: that of the state it reads.
  using StateNumber = std::uint64_t;

  /// Bytes of memory that the tables may take together; further ones are not shared.
  static constexpr std::size_t kBytesMax = std::size_t{64} << 20;

  /// Returns the shared table of `column` at `state`, nullptr when there is none.
  std::shared_ptr<PageTable> Find(StateNumber state, ColumnNumber column) const;
  /// Returns a table of `column` at `state`: the shared one, when `state` is the newest that was
  /// read and there is room, or else the caller's own.
  std::shared_ptr<PageTable> Add(StateNumber state, ColumnNumber column, std::uint32_t page_count);
  /// Forgets all: the map is about to move.
  void Clear();

 private:
  mutable std::mutex mutex_;
  StateNumber state_ = 0;
  std::size_t bytes_ = 0;
  std::unordered_map<ColumnNumber, std::shared_ptr<PageTable>> tables_;
};

}  // namespace cacheindex::cache
