#include "cache/range_reader.h"

#include <optional>
#include <span>
#include <utility>

#include "cache/environment.h"
#include "cache/lmdb_handle.h"
#include "cache/records.h"

namespace cacheindex::cache {
namespace {

using Kind = Range::Kind;
using Clock = std::chrono::steady_clock;

constexpr std::size_t kNumberBytes = sizeof(std::uint32_t);

MDB_dbi TableOf(const Tables& tables, Kind kind) {
  switch (kind) {
    case Kind::kDocuments:
      return tables.documents;
    case Kind::kNumbers:
      return tables.numbers;
    case Kind::kPages:
      return tables.columns;
    case Kind::kEntries:
      return tables.entries;
    case Kind::kLog:
      return tables.log;
  }
  return tables.log;
}

// A key of another size may belong to no range.
bool HasPossibleSize(Kind kind, std::string_view key) {
  const bool has_two_numbers = kind == Kind::kNumbers || kind == Kind::kPages;
  return has_two_numbers ? key.size() == 2 * kNumberBytes : key.size() >= kNumberBytes;
}

bool IsWholeTable(Range range) { return range.is_order_of_all || range.kind == Kind::kLog; }

Key PrefixOf(Range range) { return IsWholeTable(range) ? Key() : Key().Add(range.number); }

Result<bool> IsDropped(MDB_txn* transaction, const Tables& tables, Range range) {
  if (IsWholeTable(range)) {
    return false;
  }
  const bool is_of_collection = range.kind == Kind::kDocuments || range.kind == Kind::kNumbers;
  const Key key =
      DropKey(is_of_collection ? DropKind::kCollection : DropKind::kColumn, range.number);
  const auto mark = GetValue(transaction, tables.meta, key.view());
  return mark ? Result<bool>(mark->has_value()) : mark.error();
}

std::string WhatIsWrongWithPage(ColumnNumber column, std::string_view key, std::string_view value) {
  if (key.size() != 2 * kNumberBytes) {
    return "a column page has a damaged key";
  }
  const std::string where =
      "page " + std::to_string(DecodeBigEndian<std::uint32_t>(key.substr(kNumberBytes))) + ": ";
  const auto page = ColumnPage::Parse(std::as_bytes(std::span(value)));
  if (!page) {
    return where + page.error().message();
  }
  if (!page->VerifyChecksum()) {
    return where + "wrong checksum";
  }
  return page->slots() > DocumentsPerPage(ShapeOf(column))
             ? where + "has more documents than its shape allows"
             : "";
}

}  // namespace

Result<RangeReader::Slice> RangeReader::Next(const std::function<void(std::string what)>& find) {
  const auto begin = Clock::now();
  Slice slice;
  {
    const auto view = store_->OpenView();
    if (!view) {
      return view.error();
    }
    if (auto read = Read(*view, find, slice); !read) {
      find(read.error().message());
      slice.is_end = true;
      slice.is_broken = true;
    }
  }
  slice.took = std::chrono::duration_cast<std::chrono::microseconds>(Clock::now() - begin);
  return slice;
}

Result<void> RangeReader::Read(const ForeignView& view,
                               const std::function<void(std::string what)>& find, Slice& slice) {
  const auto deadline = Clock::now() + kSliceTimeMax;
  const Tables& tables = view.tables();
  const auto is_dropped = IsDropped(view.transaction(), tables, range_);
  if (!is_dropped) {
    return is_dropped.error();
  }
  if (*is_dropped) {
    slice.is_end = true;
    return {};
  }
  auto cursor = OpenCursor(view.transaction(), TableOf(tables, range_.kind));
  if (!cursor) {
    return std::move(cursor).error();
  }
  const Key prefix = PrefixOf(range_);
  auto item = Seek(cursor->get(), last_.empty() ? prefix.view() : std::string_view(last_));
  if (item && *item && !last_.empty() && (*item)->key == last_) {
    item = cache::Next(cursor->get());
  }
  for (; item && *item && (*item)->key.starts_with(prefix.view());
       item = cache::Next(cursor->get())) {
    const auto [key, value] = **item;
    // Damaged pages may lead in a circle.
    if (!last_.empty() && key <= last_) {
      return Error(ErrorCode::kCorruption, "keys are out of order");
    }
    const bool is_over = slice.bytes >= kSliceBytesMax || Clock::now() >= deadline;
    if (is_over && slice.items > 0) {  // However slow the disk is, it goes on.
      return {};
    }
    last_ = key;
    ++slice.items;
    slice.bytes += key.size();
    if (range_.is_order_of_all) {
      if (!HasPossibleSize(range_.kind, key)) {
        find("a key has lost a part, or got one");
      }
    } else {
      slice.bytes += value.size();
      Check(view, key, value, find);
    }
  }
  if (!item) {
    return item.error();
  }
  slice.is_end = true;
  return *item ? CheckBeyond(cursor->get()) : Result<void>();
}

// A key that changed into one of another range ends this one early.
Result<void> RangeReader::CheckBeyond(MDB_cursor* cursor) const {
  const auto next = cache::Next(cursor);
  if (!next) {
    return next.error();
  }
  const bool is_early = *next && (*next)->key.starts_with(PrefixOf(range_).view());
  return is_early ? Error(ErrorCode::kCorruption, "keys are out of order") : Result<void>();
}

void RangeReader::Check(const ForeignView& view, std::string_view key, std::string_view value,
                        const std::function<void(std::string what)>& find) const {
  switch (range_.kind) {
    case Kind::kDocuments:
      view.CheckDocument(CollectionNumber{range_.number}, key.substr(kNumberBytes), value, find);
      return;
    case Kind::kNumbers:
      if (key.size() != 2 * kNumberBytes) {
        find("a document number has a damaged key");
        return;
      }
      view.CheckNumber(CollectionNumber{range_.number},
                       DecodeBigEndian<std::uint32_t>(key.substr(kNumberBytes)), value, find);
      return;
    case Kind::kPages:
      if (std::string wrong = WhatIsWrongWithPage(ColumnNumber{range_.number}, key, value);
          !wrong.empty()) {
        find(std::move(wrong));
      }
      return;
    case Kind::kEntries:
      if (const auto entry = Unseal(value, "entry"); !entry) {
        find(entry.error().message());
      }
      return;
    case Kind::kLog:
      if (const auto entry = DecodeLogEntry(key, value); !entry) {
        find(entry.error().message());
      }
      return;
  }
}

}  // namespace cacheindex::cache
