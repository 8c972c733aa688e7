#include "cache/column_pages.h"

#include <span>
#include <string_view>
#include <utility>

#include "cache/key.h"
#include "cache/lmdb_handle.h"
#include "cache/records.h"

namespace cacheindex::cache {

void ColumnPages::CloseCursor::operator()(MDB_cursor* cursor) const noexcept {
  mdb_cursor_close(cursor);
}

ColumnPages::ColumnPages(ColumnNumber column, const Source& source,
                         std::shared_ptr<PageTable> table)
    : column_(column),
      source_(source),
      table_(std::move(table)),
      page_count_(table_->page_count()) {}

const ColumnPage* ColumnPages::LookUp(std::uint32_t page_number) const {
  auto page = Read(page_number);
  if (!page) {
    // Not for the table: every view that needs it shall meet the damage itself.
    damage_ = std::move(page).error();
    return PageTable::Absent();
  }
  return table_->Keep(page_number, *page);
}

Result<std::optional<ColumnPage>> ColumnPages::Read(std::uint32_t page_number) const {
  if (cursor_ == nullptr) {
    auto cursor = OpenCursor(source_.transaction, source_.pages);
    if (!cursor) {
      return std::move(cursor).error();
    }
    cursor_.reset(cursor->release());
  }
  const bool is_next = last_read_ && *last_read_ + 1 == page_number;
  last_read_.reset();
  const auto stored = is_next ? NextPage() : SeekPage(page_number);
  if (!stored) {
    return stored.error();
  }
  if (!*stored || (*stored)->number != page_number) {
    ahead_.reset();
    const auto absent = ConfirmAbsence(cursor_.get(), PageKey(column_, page_number).view());
    return absent ? Result<std::optional<ColumnPage>>(std::nullopt) : absent.error();
  }
  last_read_ = page_number;
  auto page = ColumnPage::Parse(std::as_bytes(std::span((*stored)->bytes)));
  if (!page) {
    return std::move(page).error();
  }
  if (page->slots() > DocumentsPerPage(ShapeOf(column_))) {
    return Error(ErrorCode::kCorruption, "column page: contradicts its key");
  }
  const std::uint64_t checksum = page->checksum();
  if (!source_.checked->Contains(column_, page_number, checksum)) {
    if (!page->VerifyChecksum()) {
      return Error(ErrorCode::kCorruption, "column page: wrong checksum");
    }
    source_.checked->Add(column_, page_number, checksum);
  }
  return *page;
}

Result<std::optional<ColumnPages::StoredPage>> ColumnPages::SeekPage(
    std::uint32_t page_number) const {
  ahead_.reset();
  return Decode(Seek(cursor_.get(), PageKey(column_, page_number).view()));
}

Result<std::optional<ColumnPages::StoredPage>> ColumnPages::NextPage() const {
  std::optional<StoredPage> page = std::exchange(ahead_, std::nullopt);
  if (!page) {
    auto next = Decode(Next(cursor_.get()));
    if (!next || !*next) {
      return next;
    }
    page = *next;
  }
  auto ahead = Decode(Next(cursor_.get()));
  if (!ahead) {
    return std::move(ahead).error();
  }
  ahead_ = *ahead;
  if (ahead_) {
    // The header; the processor goes on by itself from there.
    __builtin_prefetch(ahead_->bytes.data());
  }
  return page;
}

Result<std::optional<ColumnPages::StoredPage>> ColumnPages::Decode(
    const Result<std::optional<KeyValue>>& item) const {
  if (!item) {
    return item.error();
  }
  constexpr std::size_t kColumnBytes = sizeof(ColumnNumber);
  const Key first = PageKey(column_, 0);
  if (!*item || !(*item)->key.starts_with(first.view().substr(0, kColumnBytes))) {
    return std::nullopt;
  }
  const auto& [key, bytes] = **item;
  if (key.size() != first.view().size()) {
    return Error(ErrorCode::kCorruption, "column page: contradicts its key");
  }
  return StoredPage{DecodeBigEndian<std::uint32_t>(key.substr(kColumnBytes)), bytes};
}

}  // namespace cacheindex::cache
