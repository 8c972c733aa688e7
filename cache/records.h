#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "cache/document_hash.h"
#include "cache/key.h"
#include "cache/numbers.h"
#include "cache/view.h"
#include "node/core/position.h"
#include "node/core/result.h"

namespace cacheindex::cache {

// Private to cache/: the keys and values of all tables except column pages (column_page.cc). The
// layouts are drawn in records.cc.

Key DocumentKey(CollectionNumber collection, std::string_view id) noexcept;
Key NumberKey(CollectionNumber collection, DocumentNumber number) noexcept;
Key PageKey(ColumnNumber column, std::uint32_t page_number) noexcept;
Key EntryKey(ColumnNumber column, std::string_view key) noexcept;
Key LogKey(Position position) noexcept;
Key DefinitionKey(CollectionNumber collection) noexcept;
Key CountersKey(CollectionNumber collection) noexcept;
Key StateKey() noexcept;
Key FormatKey() noexcept;
Key DictionaryKey(CollectionNumber collection, std::uint32_t dictionary) noexcept;
Key TrimmedKey(CollectionNumber collection) noexcept;
enum class DropKind : char { kCollection = 'c', kColumn = 'p' };
Key DropKey(DropKind kind, std::uint32_t number) noexcept;
inline constexpr char kDropPrefix = 'd';
inline constexpr char kDictionaryPrefix = 'z';

/// Returns `payload` with a version byte and a checksum in front.
std::string Seal(std::string_view payload);
/// Returns the payload. Errors: kCorruption, naming `what`.
Result<std::string_view> Unseal(std::string_view sealed, std::string_view what);

/// What the store counts.
struct StoreState {
  std::uint64_t position = 0;
  std::uint32_t drops_pending = 0;
  std::uint32_t next_collection = 1;
  std::uint32_t next_column = 1;
  std::uint32_t next_dictionary = 1;
};
std::string EncodeState(const StoreState& state);
Result<StoreState> DecodeState(std::string_view sealed);

/// What a collection counts, apart from its definition because it changes with every write.
struct CollectionCounters {
  std::uint64_t version = 0;
  std::uint64_t documents = 0;
  std::uint64_t next_automatic_id = 0;
  /// JSON bytes of all documents ever put.
  std::uint64_t bytes_put = 0;
  /// JSON and stored bytes of recent puts, halved now and then; their ratio says how well the
  /// dictionary still fits.
  std::uint64_t recent_json_bytes = 0;
  std::uint64_t recent_stored_bytes = 0;
  /// Documents when the dictionary was last trained or tried; 0 before the first time.
  std::uint64_t trained_documents = 0;
  /// JSON bytes per 1,000 stored bytes that it reached then.
  std::uint32_t trained_ratio_thousandths = 0;
  /// 0 means none.
  std::uint32_t dictionary = 0;
  DocumentNumber number_max = 0;
};
std::string EncodeCounters(const CollectionCounters& counters);
Result<CollectionCounters> DecodeCounters(std::string_view sealed);

struct DefinitionRecord {
  std::string_view name;
  std::string_view definition;
};
std::string EncodeDefinition(const DefinitionRecord& record);
Result<DefinitionRecord> DecodeDefinition(std::string_view sealed);

std::string EncodeNumber(std::uint32_t number);
Result<std::uint32_t> DecodeNumber(std::string_view sealed, std::string_view what);
std::string EncodePosition(Position position);
Result<Position> DecodePosition(std::string_view sealed);

/// Key and value of a log entry.
std::string EncodeLogEntry(CollectionNumber collection, DocumentNumber number);
Result<LogEntry> DecodeLogEntry(std::string_view key, std::string_view sealed);

/// A stored document before it is decompressed.
struct DocumentRecord {
  DocumentHeader header;
  bool is_compressed = false;
  std::uint32_t dictionary = 0;
  std::uint32_t json_bytes = 0;
  std::string_view payload;
};
/// Writes the record's bytes over `bytes`.
void EncodeDocument(const DocumentRecord& record, std::string& bytes);
Result<DocumentRecord> DecodeDocument(std::string_view bytes);

}  // namespace cacheindex::cache
