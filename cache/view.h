#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "cache/column_pages.h"
#include "cache/numbers.h"
#include "node/core/document.h"
#include "node/core/position.h"
#include "node/core/result.h"

struct MDB_txn;

namespace cacheindex::cache {

class Decompressor;
class Dictionary;
class Environment;
struct CollectionCounters;
struct DocumentRecord;
struct WriteState;

/// JSON bytes of one document, at most.
inline constexpr std::size_t kDocumentBytesMax = std::size_t{64} << 20;
/// Bytes of an entry's key, at most.
inline constexpr std::size_t kEntryKeyBytesMax = 180;
/// Bytes of a collection's name, at most.
inline constexpr std::size_t kCollectionNameBytesMax = 180;
/// JSON bytes that one Scan returns, at most, unless its first document alone is larger.
inline constexpr std::size_t kScanBytesMax = std::size_t{64} << 20;

/// A collection as the store knows it. The definition's bytes are the index's own.
struct Collection {
  CollectionNumber number{};
  std::string name;
  std::string definition;
  /// Grows whenever the definition or an entry of the definition's column changes
  /// (WriteTransaction::TouchCollection). A process never gives a version twice, not even one that
  /// a transaction that was given up had.
  std::uint64_t version = 0;
  /// Documents in it.
  std::uint64_t documents = 0;
  /// The highest document number ever given, 0 when none was.
  DocumentNumber number_max = 0;
};

/// A collection without the definition, which can be large: enough to know whether what was derived
/// from the definition still holds.
struct CollectionHead {
  CollectionNumber number{};
  /// As in Collection.
  std::uint64_t version = 0;
  std::uint64_t documents = 0;
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
  Position position() const noexcept { return position_; }

  /// A fenced collection (Store::Options) is kCorruption by its name, and is not found by its
  /// number.
  Result<std::optional<Collection>> FindCollection(std::string_view name) const;
  Result<std::optional<Collection>> FindCollection(CollectionNumber number) const;
  /// As FindCollection, without copying the definition.
  Result<std::optional<CollectionHead>> FindCollectionHead(std::string_view name) const;
  /// Returns all collections that are not fenced, oldest first.
  Result<std::vector<Collection>> Collections() const;
  bool IsFenced(CollectionNumber collection) const;

  /// Returns the document under `id`. Cost: one B+tree descent, one decompression, one hash
  /// (benchmarks/cache_benchmark.cc).
  Result<std::optional<StoredDocument>> Find(CollectionNumber collection,
                                             std::string_view id) const;
  /// As Find, without decompressing.
  Result<std::optional<DocumentHeader>> FindHeader(CollectionNumber collection,
                                                   std::string_view id) const;
  /// Returns the id of the document with `number`, nullopt when that number is not in use.
  Result<std::optional<std::string>> FindId(CollectionNumber collection,
                                            DocumentNumber number) const;

  /// Calls visit(number, id) for those of `numbers`, which ascend, that are in use. The id is valid
  /// during the call. Cost: a step of one cursor each, a tenth of FindId where they lie close.
  Result<void> FindIds(
      CollectionNumber collection, std::span<const DocumentNumber> numbers,
      const std::function<void(DocumentNumber number, std::string_view id)>& visit) const;

  /// Returns up to `documents_max` documents with ids after `after` in byte order (from the first
  /// when nullopt): for exports and rebuilds, which must not hold a snapshot for long. Fewer are
  /// returned when they reach kScanBytesMax; only an empty answer means the end.
  struct IdentifiedDocument {
    std::string id;
    StoredDocument document;
  };
  Result<std::vector<IdentifiedDocument>> Scan(CollectionNumber collection,
                                               std::optional<std::string_view> after,
                                               std::uint32_t documents_max) const;

  /// Returns the pages of `column`; none when it was dropped. Make it once a search and share it.
  Result<ColumnPages> Pages(ColumnNumber column) const;

  /// Entries: small ordered key-value pairs that belong to a column (dictionaries, field records).
  /// Keys have at most kEntryKeyBytesMax bytes. The returned bytes are valid as long as this view,
  /// and in a WriteTransaction until its next write.
  Result<std::optional<std::string_view>> FindEntry(ColumnNumber column,
                                                    std::string_view key) const;
  /// Calls visit(key, value) for entries whose key starts with `prefix`, in byte order, until it
  /// returns false.
  Result<void> ScanEntries(
      ColumnNumber column, std::string_view prefix,
      const std::function<bool(std::string_view key, std::string_view value)>& visit) const;
  /// As ScanEntries, beginning with the first key that is not before `start`: a walk in pieces goes
  /// on where it stopped.
  Result<void> ScanEntriesFrom(
      ColumnNumber column, std::string_view prefix, std::string_view start,
      const std::function<bool(std::string_view key, std::string_view value)>& visit) const;

  /// Returns up to `entries_max` log entries after `after`, oldest first.
  Result<std::vector<LogEntry>> Log(Position after, std::uint32_t entries_max) const;
  /// Returns the position up to which the log of `collection` was ever trimmed; a text index behind
  /// it cannot be brought up to date from the log and must be rebuilt.
  Result<Position> TrimmedPosition(CollectionNumber collection) const;

 protected:
  /// What a view reads. `decompressor` is used by this view only; `state` holds what a transaction
  /// has not written yet, nullptr for a snapshot.
  struct Source {
    const Environment* environment = nullptr;
    MDB_txn* transaction = nullptr;
    Decompressor* decompressor = nullptr;
    const WriteState* state = nullptr;
    Position position{};
    /// Whether dropped things may still be found in the tables.
    bool has_drops = false;
  };
  explicit View(const Source& source) noexcept;
  View(View&&) noexcept = default;
  View& operator=(View&&) noexcept = default;
  ~View() = default;

  void set_position(Position position) noexcept { position_ = position; }
  void set_has_drops() noexcept { has_drops_ = true; }

  Result<std::optional<CollectionNumber>> FindNumber(std::string_view name) const;
  Result<Dictionary*> FindDictionary(CollectionNumber collection, std::uint32_t number) const;
  Result<std::optional<CollectionCounters>> FindCounters(CollectionNumber collection) const;
  /// Returns the record under `id` as it lies in the table, nullopt when there is none.
  Result<std::optional<DocumentRecord>> FindRecord(CollectionNumber collection,
                                                   std::string_view id) const;
  /// Returns the JSON of `record`, verified.
  Result<std::string> ReadJson(CollectionNumber collection, std::string_view id,
                               const DocumentRecord& record) const;

 private:
  friend class Verifier;

  Result<bool> IsDropped(CollectionNumber collection) const;
  Result<bool> IsDropped(ColumnNumber column) const;

  const Environment* environment_;
  MDB_txn* transaction_;
  Decompressor* decompressor_;
  const WriteState* state_;
  Position position_;
  bool has_drops_;
};

}  // namespace cacheindex::cache
