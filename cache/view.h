#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cache/column_page.h"
#include "cache/numbers.h"
#include "node/core/document.h"
#include "node/core/position.h"
#include "node/core/result.h"

struct MDB_txn;

namespace cacheindex::cache {

/// A collection as the store knows it. The definition's bytes are the index's own.
struct Collection {
  CollectionNumber number{};
  std::string name;
  std::string definition;
  /// Changes whenever the definition or an entry of the definition's column changes
  /// (WriteTransaction::TouchCollection).
  std::uint64_t version = 0;
  /// Documents in it.
  std::uint64_t documents = 0;
  /// The highest document number ever given, 0 when none was.
  DocumentNumber number_max = 0;
};

/// A document's header: everything about it but its text.
struct DocumentHeader {
  DocumentNumber number = 0;
  /// Of the write that stored it.
  Position position{};
  /// xxh3 (64 bit) of the JSON bytes: the entity tag.
  std::uint64_t hash = 0;
};

struct StoredDocument {
  DocumentHeader header;
  /// The JSON bytes, verified against header.hash.
  std::string json;
};

/// One thing for the text index to do: look at this document again.
struct LogEntry {
  Position position{};
  CollectionNumber collection{};
  DocumentNumber number = 0;
};

/// Everything that can be read, at one state of the store: the common part of Snapshot (committed
/// states) and WriteTransaction (the state being written).
///
/// Errors of every method: kCorruption when stored bytes contradict their format or their hash
/// (invariant 7), kIo when the file cannot be read. A missing thing is an answer, not an error.
/// Threads: one at a time.
class View {
 public:
  View(const View&) = delete;
  View& operator=(const View&) = delete;

  /// Returns the position of the last write that this view contains.
  Position position() const noexcept;

  Result<std::optional<Collection>> FindCollection(std::string_view name) const;
  Result<std::optional<Collection>> FindCollection(CollectionNumber number) const;
  /// Returns all collections, oldest first.
  Result<std::vector<Collection>> Collections() const;

  /// Returns the document under `id`. Cost: one B+tree descent, one decompression, one hash
  /// (benchmarks/cache_benchmark.cc).
  Result<std::optional<StoredDocument>> Find(CollectionNumber collection, std::string_view id) const;
  /// As Find, without decompressing.
  Result<std::optional<DocumentHeader>> FindHeader(CollectionNumber collection,
                                                   std::string_view id) const;
  /// Returns the id of the document with `number`, nullopt when that number is not in use.
  Result<std::optional<std::string>> FindId(CollectionNumber collection,
                                            DocumentNumber number) const;
  /// Returns up to `documents_max` documents with ids after `after` in byte order (from the first when
  /// nullopt): for exports and rebuilds, which must not hold a snapshot for long.
  struct IdentifiedDocument {
    std::string id;
    StoredDocument document;
  };
  Result<std::vector<IdentifiedDocument>> Scan(CollectionNumber collection,
                                               std::optional<std::string_view> after,
                                               std::uint32_t documents_max) const;

  /// Returns all pages of `column`. Cost: about 10 ns a page; gather once a search and share.
  Result<ColumnPages> Pages(ColumnNumber column) const;

  /// Entries: small ordered key-value pairs that belong to a column (dictionaries, field records).
  /// Keys have at most kEntryKeyBytesMax bytes. The returned bytes are valid as long as this view,
  /// and in a WriteTransaction until its next write.
  Result<std::optional<std::string_view>> FindEntry(ColumnNumber column, std::string_view key) const;
  /// Calls visit(key, value) for entries whose key starts with `prefix`, in byte order, until it
  /// returns false.
  Result<void> ScanEntries(
      ColumnNumber column, std::string_view prefix,
      const std::function<bool(std::string_view key, std::string_view value)>& visit) const;

  /// Returns up to `entries_max` log entries after `after`, oldest first.
  Result<std::vector<LogEntry>> Log(Position after, std::uint32_t entries_max) const;
  /// Returns the position up to which the log of `collection` was ever trimmed; a text index behind it cannot be
  /// brought up to date from the log and must be rebuilt.
  Result<Position> TrimmedPosition(CollectionNumber collection) const;

 protected:
  View() = default;
};

inline constexpr std::size_t kEntryKeyBytesMax = 180;

}  // namespace cacheindex::cache
