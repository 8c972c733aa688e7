#include "cache/records.h"

#include <xxhash.h>

#include <bit>
#include <cstring>

// Tables. Numbers in keys are big-endian (their byte order is their order), in values
// little-endian. "sealed" is: version 1 (1 byte), low half of xxh3 of the payload (4), payload.
//
//   table        key                            value
//   documents    collection u32, id             document record, below
//   numbers      collection u32, number u32     sealed: id
//   columns      column u32, page u32           column_page.cc
//   entries      column u32, key                sealed: value
//   log          position u64                   sealed: collection u32, number u32
//   collections  number u32, 0                  sealed: length of name u32, name, definition
//                number u32, 1                  sealed: the counters in the order of their struct
//   names        name                           sealed: number u32
//   meta         "format"                       sealed: version of the whole layout u32
//                "state"                        sealed: the state in the order of its struct
//                'z', collection, dictionary    sealed: zstd dictionary
//                't', collection                sealed: position u64 up to which the log is trimmed
//                'd', kind, number              sealed: nothing; a drop to be worked off
//
// Document record:
//   0      version, 1
//   1      1 = payload is a zstd frame, 0 = payload is the JSON
//   2..3   low bits of xxh3 of bytes 4..31
//   4..7   document number
//   8..15  position
//   16..23 xxh3 (64 bit) of the JSON
//   24..27 dictionary, 0 for none
//   28..31 bytes of the JSON
//   32..   payload

namespace cacheindex::cache {
namespace {

constexpr char kVersion = 1;
constexpr std::size_t kSealBytes = 5;
constexpr std::size_t kDocumentHeaderBytes = 32;

static_assert(std::endian::native == std::endian::little, "values are read as they are stored");

template <class T>
void Append(std::string& bytes, T value) {
  char raw[sizeof(T)];
  std::memcpy(raw, &value, sizeof(T));
  bytes.append(raw, sizeof(T));
}

template <class T>
T LoadAt(std::string_view bytes, std::size_t offset) noexcept {
  T value;
  std::memcpy(&value, bytes.data() + offset, sizeof(T));
  return value;
}

Error Damaged(std::string_view what) {
  return Error(ErrorCode::kCorruption, "damaged " + std::string(what));
}

Result<std::string_view> UnsealExactly(std::string_view sealed, std::size_t bytes,
                                       std::string_view what) {
  auto payload = Unseal(sealed, what);
  if (payload && payload->size() != bytes) {
    return Damaged(what);
  }
  return payload;
}

std::uint16_t HeaderSeal(std::string_view record) noexcept {
  return static_cast<std::uint16_t>(XXH3_64bits(record.data() + 4, kDocumentHeaderBytes - 4));
}

}  // namespace

Key DocumentKey(CollectionNumber collection, std::string_view id) noexcept {
  return Key().Add(static_cast<std::uint32_t>(collection)).Add(id);
}
Key NumberKey(CollectionNumber collection, DocumentNumber number) noexcept {
  return Key().Add(static_cast<std::uint32_t>(collection)).Add(number);
}
Key PageKey(ColumnNumber column, std::uint32_t page_number) noexcept {
  return Key().Add(static_cast<std::uint32_t>(column)).Add(page_number);
}
Key EntryKey(ColumnNumber column, std::string_view key) noexcept {
  return Key().Add(static_cast<std::uint32_t>(column)).Add(key);
}
Key LogKey(Position position) noexcept { return Key().Add(static_cast<std::uint64_t>(position)); }
Key DefinitionKey(CollectionNumber collection) noexcept {
  return Key().Add(static_cast<std::uint32_t>(collection)).Add('\0');
}
Key CountersKey(CollectionNumber collection) noexcept {
  return Key().Add(static_cast<std::uint32_t>(collection)).Add('\1');
}
Key StateKey() noexcept { return Key().Add("state"); }
Key FormatKey() noexcept { return Key().Add("format"); }
Key DictionaryKey(CollectionNumber collection, std::uint32_t dictionary) noexcept {
  return Key().Add(kDictionaryPrefix).Add(static_cast<std::uint32_t>(collection)).Add(dictionary);
}
Key TrimmedKey(CollectionNumber collection) noexcept {
  return Key().Add('t').Add(static_cast<std::uint32_t>(collection));
}
Key DropKey(DropKind kind, std::uint32_t number) noexcept {
  return Key().Add(kDropPrefix).Add(static_cast<char>(kind)).Add(number);
}

std::string Seal(std::string_view payload) {
  std::string sealed;
  sealed.reserve(kSealBytes + payload.size());
  sealed.push_back(kVersion);
  Append(sealed, static_cast<std::uint32_t>(XXH3_64bits(payload.data(), payload.size())));
  sealed.append(payload);
  return sealed;
}

Result<std::string_view> Unseal(std::string_view sealed, std::string_view what) {
  if (sealed.size() < kSealBytes || sealed[0] != kVersion) {
    return Damaged(what);
  }
  const std::string_view payload = sealed.substr(kSealBytes);
  if (LoadAt<std::uint32_t>(sealed, 1) !=
      static_cast<std::uint32_t>(XXH3_64bits(payload.data(), payload.size()))) {
    return Damaged(what);
  }
  return payload;
}

std::string EncodeState(const StoreState& state) {
  std::string payload;
  Append(payload, state.position);
  Append(payload, state.drops_pending);
  Append(payload, state.next_collection);
  Append(payload, state.next_column);
  Append(payload, state.next_dictionary);
  return Seal(payload);
}

Result<StoreState> DecodeState(std::string_view sealed) {
  const auto payload = UnsealExactly(sealed, 24, "state of the store");
  if (!payload) {
    return payload.error();
  }
  return StoreState{.position = LoadAt<std::uint64_t>(*payload, 0),
                    .drops_pending = LoadAt<std::uint32_t>(*payload, 8),
                    .next_collection = LoadAt<std::uint32_t>(*payload, 12),
                    .next_column = LoadAt<std::uint32_t>(*payload, 16),
                    .next_dictionary = LoadAt<std::uint32_t>(*payload, 20)};
}

std::string EncodeCounters(const CollectionCounters& counters) {
  std::string payload;
  Append(payload, counters.version);
  Append(payload, counters.documents);
  Append(payload, counters.next_automatic_id);
  Append(payload, counters.bytes_put);
  Append(payload, counters.recent_json_bytes);
  Append(payload, counters.recent_stored_bytes);
  Append(payload, counters.trained_documents);
  Append(payload, counters.trained_ratio_thousandths);
  Append(payload, counters.dictionary);
  Append(payload, counters.number_max);
  return Seal(payload);
}

Result<CollectionCounters> DecodeCounters(std::string_view sealed) {
  const auto payload = UnsealExactly(sealed, 68, "counters of a collection");
  if (!payload) {
    return payload.error();
  }
  return CollectionCounters{.version = LoadAt<std::uint64_t>(*payload, 0),
                            .documents = LoadAt<std::uint64_t>(*payload, 8),
                            .next_automatic_id = LoadAt<std::uint64_t>(*payload, 16),
                            .bytes_put = LoadAt<std::uint64_t>(*payload, 24),
                            .recent_json_bytes = LoadAt<std::uint64_t>(*payload, 32),
                            .recent_stored_bytes = LoadAt<std::uint64_t>(*payload, 40),
                            .trained_documents = LoadAt<std::uint64_t>(*payload, 48),
                            .trained_ratio_thousandths = LoadAt<std::uint32_t>(*payload, 56),
                            .dictionary = LoadAt<std::uint32_t>(*payload, 60),
                            .number_max = LoadAt<std::uint32_t>(*payload, 64)};
}

std::string EncodeDefinition(const DefinitionRecord& record) {
  std::string payload;
  payload.reserve(4 + record.name.size() + record.definition.size());
  Append(payload, static_cast<std::uint32_t>(record.name.size()));
  payload.append(record.name).append(record.definition);
  return Seal(payload);
}

Result<DefinitionRecord> DecodeDefinition(std::string_view sealed) {
  const auto payload = Unseal(sealed, "definition of a collection");
  if (!payload) {
    return payload.error();
  }
  if (payload->size() < 4 || payload->size() - 4 < LoadAt<std::uint32_t>(*payload, 0)) {
    return Damaged("definition of a collection");
  }
  const std::size_t name_bytes = LoadAt<std::uint32_t>(*payload, 0);
  return DefinitionRecord{payload->substr(4, name_bytes), payload->substr(4 + name_bytes)};
}

std::string EncodeNumber(std::uint32_t number) {
  std::string payload;
  Append(payload, number);
  return Seal(payload);
}

Result<std::uint32_t> DecodeNumber(std::string_view sealed, std::string_view what) {
  const auto payload = UnsealExactly(sealed, 4, what);
  if (!payload) {
    return payload.error();
  }
  return LoadAt<std::uint32_t>(*payload, 0);
}

std::string EncodePosition(Position position) {
  std::string payload;
  Append(payload, static_cast<std::uint64_t>(position));
  return Seal(payload);
}

Result<Position> DecodePosition(std::string_view sealed) {
  const auto payload = UnsealExactly(sealed, 8, "position");
  if (!payload) {
    return payload.error();
  }
  return Position{LoadAt<std::uint64_t>(*payload, 0)};
}

std::string EncodeLogEntry(CollectionNumber collection, DocumentNumber number) {
  std::string payload;
  Append(payload, static_cast<std::uint32_t>(collection));
  Append(payload, number);
  return Seal(payload);
}

Result<LogEntry> DecodeLogEntry(std::string_view key, std::string_view sealed) {
  const auto payload = UnsealExactly(sealed, 8, "log entry");
  if (!payload) {
    return payload.error();
  }
  if (key.size() != 8) {
    return Damaged("key of a log entry");
  }
  return LogEntry{Position{DecodeBigEndian<std::uint64_t>(key)},
                  CollectionNumber{LoadAt<std::uint32_t>(*payload, 0)},
                  LoadAt<std::uint32_t>(*payload, 4)};
}

void EncodeDocument(const DocumentRecord& record, std::string& bytes) {
  bytes.clear();
  bytes.reserve(kDocumentHeaderBytes + record.payload.size());
  bytes.push_back(kVersion);
  bytes.push_back(record.is_compressed ? '\1' : '\0');
  Append(bytes, std::uint16_t{0});
  Append(bytes, record.header.number);
  Append(bytes, static_cast<std::uint64_t>(record.header.position));
  Append(bytes, record.header.hash);
  Append(bytes, record.dictionary);
  Append(bytes, record.json_bytes);
  const std::uint16_t seal = HeaderSeal(bytes);
  std::memcpy(bytes.data() + 2, &seal, sizeof(seal));
  bytes.append(record.payload);
}

Result<DocumentRecord> DecodeDocument(std::string_view bytes) {
  if (bytes.size() < kDocumentHeaderBytes || bytes[0] != kVersion ||
      static_cast<unsigned char>(bytes[1]) > 1 ||
      LoadAt<std::uint16_t>(bytes, 2) != HeaderSeal(bytes)) {
    return Damaged("document header");
  }
  DocumentRecord record;
  record.header.number = LoadAt<std::uint32_t>(bytes, 4);
  record.header.position = Position{LoadAt<std::uint64_t>(bytes, 8)};
  record.header.hash = LoadAt<std::uint64_t>(bytes, 16);
  record.is_compressed = bytes[1] == 1;
  record.dictionary = LoadAt<std::uint32_t>(bytes, 24);
  record.json_bytes = LoadAt<std::uint32_t>(bytes, 28);
  record.payload = bytes.substr(kDocumentHeaderBytes);
  return record;
}

std::uint64_t HashOf(std::string_view json) noexcept {
  return XXH3_64bits(json.data(), json.size());
}

}  // namespace cacheindex::cache
