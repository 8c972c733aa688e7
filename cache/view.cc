#include "cache/view.h"

#include <utility>

#include "cache/environment.h"
#include "cache/lmdb_handle.h"
#include "cache/records.h"
#include "cache/write_state.h"

namespace cacheindex::cache {
namespace {

Result<void> ConfirmAbsence(MDB_txn* transaction, MDB_dbi table, std::string_view key) {
  const auto cursor = OpenCursor(transaction, table);
  return cursor ? cache::ConfirmAbsence(cursor->get(), key) : cursor.error();
}

Error DamagedDocument(CollectionNumber collection, std::string_view id, std::string_view cause) {
  return Error(ErrorCode::kCorruption, "document \"" + std::string(id) + "\" of collection " +
                                           std::to_string(static_cast<std::uint32_t>(collection)) +
                                           " is damaged: " + std::string(cause));
}

bool IsPossibleId(std::string_view id) noexcept {
  return !id.empty() && id.size() <= kDocumentIdBytesMax;
}

}  // namespace

View::View(const Source& source) noexcept
    : environment_(source.environment),
      transaction_(source.transaction),
      decompressor_(source.decompressor),
      state_(source.state),
      position_(source.position),
      has_drops_(source.has_drops) {}

Result<std::optional<CollectionNumber>> View::FindNumber(std::string_view name) const {
  if (name.empty() || name.size() > kCollectionNameBytesMax) {
    return std::nullopt;
  }
  const auto sealed = GetValue(transaction_, environment_->tables().names, name);
  if (!sealed) {
    return sealed.error();
  }
  if (!*sealed) {
    return std::nullopt;
  }
  const auto number = DecodeNumber(**sealed, "number of a collection");
  if (!number) {
    return number.error();
  }
  if (environment_->IsFenced(CollectionNumber{*number})) {
    return Error(ErrorCode::kCorruption,
                 "collection \"" + std::string(name) +
                     "\" is damaged and fenced off, so that it does not end the process again: "
                     "restore a backup");
  }
  return CollectionNumber{*number};
}

bool View::IsFenced(CollectionNumber collection) const {
  return environment_->IsFenced(collection);
}

Result<std::optional<CollectionCounters>> View::FindCounters(CollectionNumber collection) const {
  if (state_ != nullptr) {
    const auto cached = state_->counters.find(static_cast<std::uint32_t>(collection));
    if (cached != state_->counters.end()) {
      return cached->second.counters;
    }
  }
  const auto sealed =
      GetValue(transaction_, environment_->tables().collections, CountersKey(collection).view());
  if (!sealed) {
    return sealed.error();
  }
  if (!*sealed) {
    return std::nullopt;
  }
  auto counters = DecodeCounters(**sealed);
  if (!counters) {
    return std::move(counters).error();
  }
  return *counters;
}

Result<std::optional<CollectionHead>> View::FindCollectionHead(std::string_view name) const {
  const auto number = FindNumber(name);
  if (!number) {
    return number.error();
  }
  if (!*number) {
    return std::nullopt;
  }
  const auto counters = FindCounters(**number);
  if (!counters) {
    return counters.error();
  }
  if (!*counters) {
    return Error(ErrorCode::kCorruption,
                 "collection \"" + std::string(name) + "\" has lost its counters");
  }
  return CollectionHead{**number, (*counters)->version, (*counters)->documents,
                        (*counters)->number_max};
}

Result<std::optional<Collection>> View::FindCollection(std::string_view name) const {
  const auto number = FindNumber(name);
  if (!number) {
    return number.error();
  }
  if (!*number) {
    return std::nullopt;
  }
  auto collection = FindCollection(**number);
  if (collection && !*collection) {
    return Error(ErrorCode::kCorruption,
                 "collection \"" + std::string(name) + "\" has lost its definition");
  }
  return collection;
}

Result<std::optional<Collection>> View::FindCollection(CollectionNumber number) const {
  if (IsFenced(number)) {
    return std::nullopt;
  }
  const auto counters = FindCounters(number);
  if (!counters) {
    return counters.error();
  }
  const auto sealed =
      GetValue(transaction_, environment_->tables().collections, DefinitionKey(number).view());
  if (!sealed) {
    return sealed.error();
  }
  if (!*sealed || !*counters) {
    return std::nullopt;
  }
  const auto record = DecodeDefinition(**sealed);
  if (!record) {
    return record.error();
  }
  return Collection{.number = number,
                    .name = std::string(record->name),
                    .definition = std::string(record->definition),
                    .version = (*counters)->version,
                    .documents = (*counters)->documents,
                    .number_max = (*counters)->number_max};
}

Result<bool> View::IsDropped(CollectionNumber collection) const {
  if (!has_drops_) {
    return false;
  }
  const Key key = DropKey(DropKind::kCollection, static_cast<std::uint32_t>(collection));
  const auto mark = GetValue(transaction_, environment_->tables().meta, key.view());
  if (!mark) {
    return mark.error();
  }
  return mark->has_value();
}

Result<bool> View::IsDropped(ColumnNumber column) const {
  if (!has_drops_) {
    return false;
  }
  const Key key = DropKey(DropKind::kColumn, static_cast<std::uint32_t>(column));
  const auto mark = GetValue(transaction_, environment_->tables().meta, key.view());
  if (!mark) {
    return mark.error();
  }
  return mark->has_value();
}

Result<std::optional<DocumentRecord>> View::FindRecord(CollectionNumber collection,
                                                       std::string_view id) const {
  if (!IsPossibleId(id)) {
    return std::nullopt;
  }
  if (has_drops_) {
    const auto dropped = IsDropped(collection);
    if (!dropped) {
      return dropped.error();
    }
    if (*dropped) {
      return std::nullopt;
    }
  }
  const Key key = DocumentKey(collection, id);
  const MDB_dbi documents = environment_->tables().documents;
  const auto bytes = GetValue(transaction_, documents, key.view());
  if (!bytes) {
    return bytes.error();
  }
  if (!*bytes) {
    // The writer looks up what is new all the time.
    const auto absent =
        state_ == nullptr ? ConfirmAbsence(transaction_, documents, key.view()) : Result<void>();
    return absent ? Result<std::optional<DocumentRecord>>(std::nullopt) : absent.error();
  }
  auto record = DecodeDocument(**bytes);
  if (!record) {
    return DamagedDocument(collection, id, record.error().message());
  }
  return *record;
}

Result<Dictionary*> View::FindDictionary(CollectionNumber collection, std::uint32_t number) const {
  if (state_ != nullptr) {
    const auto trained = state_->dictionaries.find(number);
    if (trained != state_->dictionaries.end()) {
      return trained->second.get();
    }
  }
  if (Dictionary* const known = environment_->dictionaries().Find(number)) {
    return known;
  }
  const Key key = DictionaryKey(collection, number);
  const auto sealed = GetValue(transaction_, environment_->tables().meta, key.view());
  if (!sealed) {
    return sealed.error();
  }
  if (!*sealed || number >= kDictionariesMax) {
    return Error(ErrorCode::kCorruption, "dictionary " + std::to_string(number) + " is missing");
  }
  const auto bytes = Unseal(**sealed, "dictionary");
  if (!bytes) {
    return bytes.error();
  }
  auto dictionary = Dictionary::FromBytes(*bytes);
  if (dictionary == nullptr) {
    return Error(ErrorCode::kCorruption, "dictionary " + std::to_string(number) + " is unusable");
  }
  return environment_->dictionaries().Add(number, std::move(dictionary));
}

Result<std::string> View::ReadJson(CollectionNumber collection, std::string_view id,
                                   const DocumentRecord& record) const {
  std::string json;
  if (record.is_compressed) {
    Dictionary* dictionary = nullptr;
    if (record.dictionary != 0) {
      const auto found = FindDictionary(collection, record.dictionary);
      if (!found) {
        return DamagedDocument(collection, id, found.error().message());
      }
      dictionary = *found;
    }
    const auto read =
        decompressor_->Decompress(record.payload, record.json_bytes, dictionary, json);
    if (!read) {
      return DamagedDocument(collection, id, read.error().message());
    }
  } else {
    json = record.payload;
  }
  if (json.size() != record.json_bytes || HashOf(json) != record.header.hash) {
    return DamagedDocument(collection, id, "its hash does not match");
  }
  return json;
}

Result<std::optional<StoredDocument>> View::Find(CollectionNumber collection,
                                                 std::string_view id) const {
  const auto record = FindRecord(collection, id);
  if (!record) {
    return record.error();
  }
  if (!*record) {
    return std::nullopt;
  }
  auto json = ReadJson(collection, id, **record);
  if (!json) {
    return std::move(json).error();
  }
  return StoredDocument{(*record)->header, *std::move(json)};
}

Result<std::optional<DocumentHeader>> View::FindHeader(CollectionNumber collection,
                                                       std::string_view id) const {
  const auto record = FindRecord(collection, id);
  if (!record) {
    return record.error();
  }
  if (!*record) {
    return std::nullopt;
  }
  return (*record)->header;
}

Result<std::optional<std::string>> View::FindId(CollectionNumber collection,
                                                DocumentNumber number) const {
  const auto dropped = IsDropped(collection);
  if (!dropped) {
    return dropped.error();
  }
  if (*dropped) {
    return std::nullopt;
  }
  const Key key = NumberKey(collection, number);
  const auto sealed = GetValue(transaction_, environment_->tables().numbers, key.view());
  if (!sealed) {
    return sealed.error();
  }
  if (!*sealed) {
    return std::nullopt;
  }
  const auto id = Unseal(**sealed, "id of a document number");
  if (!id) {
    return id.error();
  }
  return std::string(*id);
}

}  // namespace cacheindex::cache
