#include <algorithm>
#include <string>
#include <utility>

#include "cache/environment.h"
#include "cache/lmdb_handle.h"
#include "cache/records.h"
#include "cache/view.h"

// The part of View that walks through ranges of keys.

namespace cacheindex::cache {

Result<std::vector<Collection>> View::Collections() const {
  auto cursor = OpenCursor(transaction_, environment_->tables().collections);
  if (!cursor) {
    return std::move(cursor).error();
  }
  std::vector<Collection> collections;
  auto item = Seek(cursor->get(), {});
  for (; item && *item; item = Next(cursor->get())) {
    const std::string_view key = (*item)->key;
    if (key.size() != 5) {
      return Error(ErrorCode::kCorruption, "damaged key of a collection");
    }
    if (key[4] != '\0') {
      continue;  // The counters, which follow each definition.
    }
    if (IsFenced(CollectionNumber{DecodeBigEndian<std::uint32_t>(key)})) {
      continue;
    }
    auto collection = FindCollection(CollectionNumber{DecodeBigEndian<std::uint32_t>(key)});
    if (!collection) {
      return std::move(collection).error();
    }
    if (!*collection) {
      return Error(ErrorCode::kCorruption, "a collection has lost its counters");
    }
    collections.push_back(**std::move(collection));
  }
  if (!item) {
    return item.error();
  }
  return collections;
}

Result<void> View::FindIds(
    CollectionNumber collection, std::span<const DocumentNumber> numbers,
    const std::function<void(DocumentNumber number, std::string_view id)>& visit) const {
  const auto dropped = IsDropped(collection);
  if (!dropped) {
    return dropped.error();
  }
  if (*dropped) {
    return {};
  }
  auto cursor = OpenCursor(transaction_, environment_->tables().numbers);
  if (!cursor) {
    return std::move(cursor).error();
  }
  for (const DocumentNumber number : numbers) {
    const Key key = NumberKey(collection, number);
    const auto item = Seek(cursor->get(), key.view());
    if (!item) {
      return item.error();
    }
    if (!*item || (*item)->key != key.view()) {
      continue;
    }
    const auto id = Unseal((*item)->value, "id of a document number");
    if (!id) {
      return id.error();
    }
    visit(number, *id);
  }
  return {};
}

Result<std::vector<View::IdentifiedDocument>> View::Scan(CollectionNumber collection,
                                                         std::optional<std::string_view> after,
                                                         std::uint32_t documents_max) const {
  std::vector<IdentifiedDocument> documents;
  const auto dropped = IsDropped(collection);
  if (!dropped) {
    return dropped.error();
  }
  if (*dropped) {
    return documents;
  }
  auto cursor = OpenCursor(transaction_, environment_->tables().documents);
  if (!cursor) {
    return std::move(cursor).error();
  }
  // An id longer than any stored one sorts where its first bytes do, but after them.
  const std::string_view after_id = after.value_or("").substr(0, kDocumentIdBytesMax);
  const Key prefix = DocumentKey(collection, {});
  const Key start = DocumentKey(collection, after_id);
  std::size_t bytes = 0;
  auto item = Seek(cursor->get(), start.view());
  for (; item && *item && documents.size() < documents_max && bytes < kScanBytesMax;
       item = Next(cursor->get())) {
    const std::string_view key = (*item)->key;
    if (!key.starts_with(prefix.view())) {
      break;
    }
    if (after && key == start.view()) {
      continue;
    }
    const std::string_view id = key.substr(prefix.view().size());
    const auto record = DecodeDocument((*item)->value);
    if (!record) {
      return Error(record.error()).WithContext("document \"" + std::string(id) + "\"");
    }
    auto json = ReadJson(collection, id, *record);
    if (!json) {
      return std::move(json).error();
    }
    bytes += json->size();
    documents.push_back({std::string(id), {record->header, *std::move(json)}});
  }
  if (!item) {
    return item.error();
  }
  return documents;
}

Result<ColumnPages> View::Pages(ColumnNumber column) const {
  const auto dropped = IsDropped(column);
  if (!dropped) {
    return dropped.error();
  }
  if (*dropped) {
    return ColumnPages();
  }
  const ColumnPages::Source source{transaction_, environment_->tables().columns,
                                   &environment_->checked_pages()};
  PageTables& tables = environment_->page_tables();
  const bool is_committed = state_ == nullptr;
  if (auto known = is_committed ? tables.Find(mdb_txn_id(transaction_), column) : nullptr) {
    return ColumnPages(column, source, std::move(known));
  }
  auto cursor = OpenCursor(transaction_, environment_->tables().columns);
  if (!cursor) {
    return std::move(cursor).error();
  }
  // The last page stands before the place where one beyond all would.
  const Key beyond = PageKey(column, ~std::uint32_t{0});
  auto item = Seek(cursor->get(), beyond.view());
  if (item) {
    item = *item ? Previous(cursor->get()) : Last(cursor->get());
  }
  if (!item) {
    return item.error();
  }
  const std::string_view prefix = beyond.view().substr(0, sizeof(column));
  if (!*item || !(*item)->key.starts_with(prefix)) {
    return ColumnPages();
  }
  if ((*item)->key.size() != beyond.view().size()) {
    return Error(ErrorCode::kCorruption, "column page: contradicts its key");
  }
  const auto last = DecodeBigEndian<std::uint32_t>((*item)->key.substr(sizeof(column)));
  if (last >= kColumnPagesMax) {
    return Error(ErrorCode::kCorruption, "column page: contradicts its key");
  }
  return ColumnPages(column, source,
                     is_committed ? tables.Add(mdb_txn_id(transaction_), column, last + 1)
                                  : std::make_shared<PageTable>(last + 1));
}

Result<std::optional<std::string_view>> View::FindEntry(ColumnNumber column,
                                                        std::string_view key) const {
  if (key.size() > kEntryKeyBytesMax) {
    return std::nullopt;
  }
  const auto dropped = IsDropped(column);
  if (!dropped) {
    return dropped.error();
  }
  if (*dropped) {
    return std::nullopt;
  }
  const auto sealed =
      GetValue(transaction_, environment_->tables().entries, EntryKey(column, key).view());
  if (!sealed) {
    return sealed.error();
  }
  if (!*sealed) {
    return std::nullopt;
  }
  const auto value = Unseal(**sealed, "entry of a column");
  if (!value) {
    return value.error();
  }
  return *value;
}

Result<void> View::ScanEntries(
    ColumnNumber column, std::string_view prefix,
    const std::function<bool(std::string_view key, std::string_view value)>& visit) const {
  return ScanEntriesFrom(column, prefix, prefix, visit);
}

Result<void> View::ScanEntriesFrom(
    ColumnNumber column, std::string_view prefix, std::string_view start,
    const std::function<bool(std::string_view key, std::string_view value)>& visit) const {
  const auto dropped = IsDropped(column);
  if (!dropped) {
    return dropped.error();
  }
  if (*dropped || prefix.size() > kEntryKeyBytesMax) {
    return {};
  }
  auto cursor = OpenCursor(transaction_, environment_->tables().entries);
  if (!cursor) {
    return std::move(cursor).error();
  }
  const Key first = EntryKey(column, prefix);
  // A start longer than any stored key sorts where its first bytes do, but after them.
  const Key from = EntryKey(column, std::max(prefix, start).substr(0, kEntryKeyBytesMax));
  auto item = Seek(cursor->get(), from.view());
  if (start.size() > kEntryKeyBytesMax && item && *item && (*item)->key == from.view()) {
    item = Next(cursor->get());
  }
  for (; item && *item && (*item)->key.starts_with(first.view()); item = Next(cursor->get())) {
    const auto value = Unseal((*item)->value, "entry of a column");
    if (!value) {
      return value.error();
    }
    if (!visit((*item)->key.substr(4), *value)) {
      return {};
    }
  }
  if (!item) {
    return item.error();
  }
  return {};
}

Result<std::vector<LogEntry>> View::Log(Position after, std::uint32_t entries_max) const {
  std::vector<LogEntry> entries;
  const auto number = static_cast<std::uint64_t>(after);
  if (number == UINT64_MAX) {
    return entries;
  }
  auto cursor = OpenCursor(transaction_, environment_->tables().log);
  if (!cursor) {
    return std::move(cursor).error();
  }
  auto item = Seek(cursor->get(), LogKey(Position{number + 1}).view());
  for (; item && *item && entries.size() < entries_max; item = Next(cursor->get())) {
    const auto entry = DecodeLogEntry((*item)->key, (*item)->value);
    if (!entry) {
      return entry.error();
    }
    entries.push_back(*entry);
  }
  if (!item) {
    return item.error();
  }
  return entries;
}

Result<Position> View::TrimmedPosition(CollectionNumber collection) const {
  const auto sealed =
      GetValue(transaction_, environment_->tables().meta, TrimmedKey(collection).view());
  if (!sealed) {
    return sealed.error();
  }
  return *sealed ? DecodePosition(**sealed) : Result<Position>(Position{0});
}

}  // namespace cacheindex::cache
