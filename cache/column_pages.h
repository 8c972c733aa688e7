#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>

#include "cache/checked_pages.h"
#include "cache/column_page.h"
#include "cache/numbers.h"
#include "cache/page_table.h"
#include "node/core/error.h"
#include "node/core/result.h"

struct MDB_cursor;
struct MDB_txn;

namespace cacheindex::cache {

struct KeyValue;

/// Pages of one column, at most: as many as narrow pages of all document numbers.
inline constexpr std::uint32_t kColumnPagesMax = std::uint32_t{1} << 26;

/// The pages of one column at one snapshot, by page number. A page is looked up and checked when it
/// is first asked for, so that a search over few documents touches few pages; what was looked up is
/// shared with all views of the same committed state (page_table.h).
///
/// A damaged page is found then, by its checksum when this process meets it first: Find returns
/// nullptr and damage() says so from there on. Whoever answers from these pages asks damage() first
/// (invariant 7).
///
/// Threads: one at a time. Lifetime: within that of the view that made it, and of its transaction.
class ColumnPages {
 public:
  /// No pages.
  ColumnPages() = default;

  /// Returns the page, or nullptr where no document has a value. The pointer is valid as long as
  /// this object. Cost of the first time: 50 ns in ascending order, half a microsecond elsewhere
  /// (benchmarks: BM_ScanPages, BM_FindPage); then that of an array.
  const ColumnPage* Find(std::uint32_t page_number) const {
    if (page_number >= page_count_) {
      return nullptr;
    }
    const ColumnPage* page = table_->Find(page_number);
    if (page == nullptr) {
      page = LookUp(page_number);
    }
    return PageTable::IsAbsent(page) ? nullptr : page;
  }

  /// One past the highest page number that exists.
  std::uint32_t page_count() const noexcept { return page_count_; }

  /// Why a page that was asked for could not be read; nullopt when all could.
  const std::optional<Error>& damage() const noexcept { return damage_; }

 private:
  friend class View;

  struct CloseCursor {
    void operator()(MDB_cursor* cursor) const noexcept;
  };
  using Cursor = std::unique_ptr<MDB_cursor, CloseCursor>;

  /// LMDB's transaction of the view, its number of the table of pages, and the environment's marks.
  struct Source {
    MDB_txn* transaction = nullptr;
    unsigned int pages = 0;
    CheckedPages* checked = nullptr;
  };

  ColumnPages(ColumnNumber column, const Source& source, std::shared_ptr<PageTable> table);

  // A page as it lies in the table.
  struct StoredPage {
    std::uint32_t number = 0;
    std::string_view bytes;
  };

  /// Returns the page, absent when it cannot be read.
  const ColumnPage* LookUp(std::uint32_t page_number) const;
  Result<std::optional<ColumnPage>> Read(std::uint32_t page_number) const;
  /// Returns the first page from `page_number` on.
  Result<std::optional<StoredPage>> SeekPage(std::uint32_t page_number) const;
  Result<std::optional<StoredPage>> Decode(const Result<std::optional<KeyValue>>& item) const;
  /// Returns the page after the one that was read last.
  Result<std::optional<StoredPage>> NextPage() const;

  ColumnNumber column_{};
  Source source_;
  std::shared_ptr<PageTable> table_;
  std::uint32_t page_count_ = 0;
  // Opened when a page is not in the table yet.
  mutable Cursor cursor_;
  // The page that was read last, and in a pass in order the one after it, whose bytes are being
  // fetched meanwhile.
  mutable std::optional<std::uint32_t> last_read_;
  mutable std::optional<StoredPage> ahead_;
  mutable std::optional<Error> damage_;
};

}  // namespace cacheindex::cache
