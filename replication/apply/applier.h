#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "cache/store.h"
#include "node/core/json.h"
#include "node/core/result.h"
#include "replication/apply/document_sink.h"
#include "replication/assembly/due_documents.h"
#include "replication/declaration/collection_declaration.h"
#include "replication/declaration/set_aside.h"
#include "replication/postgres/interrupt.h"
#include "replication/rows/change.h"
#include "replication/rows/history_proof.h"
#include "replication/rows/log_position.h"
#include "replication/rows/table.h"

namespace cacheindex::replication {

class KnownLabels;

/// Where a generation's data come from, and since when; compared with the server before every
/// START_REPLICATION.
struct SourceIdentity {
  std::uint64_t system_identifier = 0;
  std::uint32_t timeline = 0;
  std::string slot;
  /// The consistent point of the slot's creation: the stream starts here.
  LogPosition slot_created_at{};
  /// Tables, columns, filters and options of the publication as one hash.
  std::string publication_fingerprint;

  bool operator==(const SourceIdentity&) const = default;
};

/// How far the copy of one table is.
struct CopyProgress {
  std::uint32_t table_oid = 0;
  bool is_complete = false;
  /// Key of the last copied row, in the order of the table's key columns; empty before the first.
  std::vector<std::string> last_key;
  std::uint64_t rows = 0;
};

enum class Phase : std::uint8_t {
  kNew,       ///< Nothing yet.
  kCopying,   ///< The slot exists, tables are being copied.
  kCatchUp,   ///< All tables are copied; the stream has not passed the last snapshot yet.
  kBuilding,  ///< Rows are exact, documents are being built.
  kLive,
};

/// Everything about the source's progress that is durable in a generation.
struct SourceState {
  Phase phase = Phase::kNew;
  SourceIdentity identity;
  /// End of the last applied transaction.
  LogPosition applied{};
  /// The last applied transaction; nullopt in what an older program made, until the next one.
  std::optional<CommitMark> last;
  /// The greatest SnapshotPosition::to of what was copied.
  LogPosition snapshot_max{};
  std::vector<CopyProgress> copies;
};

/// A row of which a value is unknown: it was not sent because it did not change, and the row that
/// had it was never seen. It must be read from the source again.
struct Hole {
  std::uint32_t table_oid = 0;
  std::vector<std::string> key;
};

/// The way of rows into one generation of a store: rows, reverse references, documents and position
/// in one store transaction (replication/README.md 1).
///
/// Life of a generation: SetAside where something is to be left out, SetTables, Begin, CopyRows
/// until each of the tables is complete (that ends kCopying), Apply and SaveIdle until applied()
/// reaches snapshot_max (that ends kCatchUp), Holes and FillHoles until there are none (a filled
/// one makes it kCatchUp again), BuildDocuments, then Apply and DrainWaiting for ever. SetTables
/// comes again with every new session, before anything is applied in it.
///
/// Invariants: a row's own position decides whether a change is newer than it, so copied rows and a
/// redelivered stream may come in any order; what is returned from here is durable; a reader sees
/// whole transactions of the source only.
/// Threads: writers (everything not const) from one thread, the source's applier; const methods
/// from any. No caller may hold a snapshot of the store. Lifetime: within that of the store and the
/// sink.
class Applier {
 public:
  /// Rows of one chunk, and bytes of their values, at most.
  static constexpr std::size_t kChunkRowsMax = 10'000;
  static constexpr std::size_t kChunkBytesMax = std::size_t{16} << 20;

  /// What one store transaction does, at most: bounds of memory, and of how long others wait.
  struct Limits {
    /// A row that more documents than this refer to: the others wait.
    std::size_t immediate_documents_max = 1'000;
    std::size_t documents_max = 20'000;
    /// Each change may dirty several pages of 4 KB.
    std::uint64_t changes_max = 10'000;
    std::uint64_t value_bytes_max = std::uint64_t{32} << 20;
    std::size_t built_documents_max = 2'000;
    std::size_t drained_documents_max = 500;
  };

  static Result<std::unique_ptr<Applier>> Open(cache::Store& store, DocumentSink& sink,
                                               std::vector<CollectionDeclaration> declarations,
                                               const Limits& limits, UnixClock clock);
  static Result<std::unique_ptr<Applier>> Open(cache::Store& store, DocumentSink& sink,
                                               std::vector<CollectionDeclaration> declarations);
  ~Applier();
  Applier(const Applier&) = delete;
  Applier& operator=(const Applier&) = delete;

  /// For the writing thread.
  const SourceState& state() const;
  /// As state().phase, for any thread: readers ask it whether the generation can be served.
  Phase phase() const;
  /// The tables that SetTables named last, by oid, as last described: needed to decode rows of
  /// tables that are idle since.
  std::vector<std::shared_ptr<const Table>> tables() const;

  /// Leaves declared collections out of this generation, for ever and instead of those that were
  /// left out before. Those that are not declared are ignored.
  /// Errors: kConflict once it is begun.
  Result<void> SetAside(SetAsideCollections collections);
  /// Returns what is left out. For any thread.
  SetAsideCollections set_aside() const;

  /// Returns the position of the documents of a collection that is kept from a former generation,
  /// nullopt of all others. For any thread.
  std::optional<LogPosition> KeptAt(cache::CollectionNumber collection) const;
  /// Copies a collection that is set aside from the generation before this one, so that readers
  /// keep what they have of it; costs nothing when that is done. `is_same_history`: positions of
  /// the former one mean the same here; otherwise what is kept is older than everything. Errors:
  /// kConflict once this generation is begun; kUnavailable when `interrupt` is triggered;
  /// kCorruption when the former one cannot be read.
  Result<void> Keep(const std::string& collection, Applier& former, bool is_same_history,
                    const Interrupt& interrupt);
  /// Returns whether readers of this generation can keep what they have of a collection when
  /// another takes its place: there is nothing, or Keep can copy it.
  Result<bool> CanBeKept(std::string_view collection) const;

  /// Says what the source's tables are and creates the managed collections; checks the declarations
  /// against them.
  /// Errors: kInvalidArgument naming collection, field, table and column; kConflict when documents
  /// exist that other declarations made: a new generation is due.
  Result<void> SetTables(const std::vector<std::shared_ptr<const Table>>& tables);

  /// Begins an empty generation: phase kCopying.
  Result<void> Begin(const SourceIdentity& identity, LogPosition start);

  /// The source went on to another timeline of the same history: a standby was promoted, and it has
  /// everything that is here.
  Result<void> AdoptTimeline(std::uint32_t timeline);

  /// Writes rows of one table as they were at `snapshot`, and the progress, in one transaction.
  /// `rows` may be empty. The stream must not have passed `snapshot.from`. The tables that
  /// SetTables named are those that must become complete; the phase is kCatchUp after the last.
  Result<void> CopyRows(const Table& table, std::span<const Row> rows, SnapshotPosition snapshot,
                        const CopyProgress& progress);

  /// Applies committed transactions in order; one that is applied already is skipped. They share as
  /// few store transactions as their size allows. One that is too large for a store transaction is
  /// applied in parts of rows, and all its documents wait (DrainWaiting) until they change at once
  /// for Compose; it must come again when it was interrupted. Ends the phase kCatchUp when the
  /// stream has passed snapshot_max and there are no holes; so does SaveIdle.
  /// Rows that are stored, and not older than what is, are held against `labels`; nullptr for none.
  /// Errors: kConflict when a table has another key than its rows: a new generation is due; that of
  /// KnownLabels::Check, after which the same call goes on where it stopped.
  Result<void> Apply(std::span<ChangeTransaction* const> transactions,
                     KnownLabels* labels = nullptr);

  /// Returns holes, at most `holes_max`.
  Result<std::vector<Hole>> Holes(std::size_t holes_max) const;
  /// Writes rows that were read again at `snapshot`, of which the stream must not have passed
  /// `from`; a hole without a row was deleted since, and the stream will say so.
  Result<void> FillHoles(const Table& table, std::span<const Row> rows, SnapshotPosition snapshot);

  /// Builds the next bite of documents in phase kBuilding; returns whether some are left. The
  /// phase is kLive after the last.
  Result<bool> BuildDocuments();

  /// Rebuilds the next bite of documents that wait because a row that very many of them refer to
  /// changed; returns whether some are left.
  Result<bool> DrainWaiting();

  /// Lets what is due by the clock wait (DrainWaiting); returns whether something was. Every other
  /// writer does so too, before anything else. Cost when nothing is due: a look at the clock.
  Result<bool> KeepClock();

  /// Removes all rows of a table and forgets its copy, for a copy from the start. Its documents
  /// keep what they show until it is complete again.
  Result<void> ForgetTable(std::uint32_t oid);

  /// Everything committed at the source up to here is in the store and durable.
  LogPosition applied() const;
  /// As applied, and in the text index, given that the text index has reached `text_position`.
  LogPosition indexed(Position text_position) const;
  /// As indexed, and no document waits (DrainWaiting) for a change up to here.
  LogPosition searchable(Position text_position) const;
  /// The source has nothing for us up to `position` although no transaction ended there: applied()
  /// and searchable() say so at once, indexed() and state().applied after SaveIdle. The source
  /// forgets what indexed() told it, and a restart must know that it missed nothing.
  void AdvanceIdle(LogPosition position);
  /// Makes the last AdvanceIdle durable; costs nothing when it is. Ends the phase kCatchUp as Apply
  /// does: nothing may ever happen in an idle source.
  Result<void> SaveIdle();

  /// Returns the document of `id` as the rows of `view` make it, when it waits to be rebuilt there;
  /// nullopt when the stored one is right, null when there is no such document any more. Cost when
  /// nothing waits: one entry lookup.
  Result<std::optional<Json>> Compose(const cache::View& view, cache::CollectionNumber collection,
                                      std::string_view id) const;

  /// Returns whether any document waits in `view`, so that Compose may return it.
  static Result<bool> IsAnyWaiting(const cache::View& view);

  /// Returns why rows that should be documents are none, of at most `documents_max` rows: an id
  /// that is too long, a document that is too large, too many rows that belong to it.
  Result<std::vector<std::string>> RefusedDocuments(std::size_t documents_max) const;

  /// Returns which values are no UTF-8 and are shown with U+FFFD, of at most `rows_max` rows:
  /// table, key and columns.
  Result<std::vector<std::string>> RepairedValues(std::size_t rows_max) const;

  struct Statistics {
    std::uint64_t transactions = 0;
    std::uint64_t changes = 0;
    std::uint64_t changes_without_effect = 0;
    std::uint64_t documents_written = 0;
    std::uint64_t documents_waiting = 0;
    /// Rows that cannot be documents; see RefusedDocuments.
    std::uint64_t documents_refused = 0;
    /// Rows with values that are no UTF-8; see RepairedValues.
    std::uint64_t rows_repaired = 0;
    std::uint64_t holes = 0;
    std::uint64_t rows = 0;
    /// The second that now() is in all stored documents; nullopt when none depend on it, and after
    /// a restart while documents wait.
    std::optional<std::int64_t> clock;
  };
  Statistics statistics() const;

 private:
  struct Parts;
  explicit Applier(std::unique_ptr<Parts> parts);
  std::unique_ptr<Parts> parts_;
};

}  // namespace cacheindex::replication
