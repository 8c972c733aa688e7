#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <span>
#include <string>

#include "cache/view.h"
#include "cache/write_transaction.h"
#include "node/core/position.h"
#include "node/core/result.h"

namespace cacheindex::cache {

class SnapshotPool;
class Writer;
struct SnapshotSlot;

/// A committed state of the store that does not change while it is held (invariant 3).
///
/// Hold it for one request, not longer: while it lives, pages that it can see are not reused.
/// Threads: may be moved to another thread, must not be used by two at once.
/// Lifetime: must be destroyed before the Store that opened it.
class Snapshot : public View {
 private:
  friend class Store;

  struct Release {
    void operator()(SnapshotSlot* slot) const noexcept;
  };
  using Slot = std::unique_ptr<SnapshotSlot, Release>;

  Snapshot(const Source& source, Slot slot) noexcept;

  Slot slot_;
};

/// What a write can tell about itself once it is durable.
struct Committed {
  /// Position of the transaction that contains the write.
  Position position{};
  /// Whether that transaction left something for the text index to do; if not, the write is
  /// searchable already.
  bool changed_text = false;
};

/// One LMDB environment: documents, columns, entries, the log and their positions.
///
/// Invariants: 1 to 3 and 6 to 9 of README.md, "Invariants".
/// Threads: all methods may be called concurrently. One internal thread writes.
/// Lifetime: outlives its snapshots; the destructor finishes the running transaction.
class Store {
 public:
  struct Options {
    /// Created when missing. May be open once in a process and once on a machine.
    std::filesystem::path directory;
    /// First upper bound of the data file. Reserves address space, not memory or disk. Doubled when
    /// it is full, up to map_size_max_bytes.
    std::uint64_t map_size_bytes = std::uint64_t{64} << 30;
    std::uint64_t map_size_max_bytes = std::uint64_t{1} << 40;
    /// Snapshots open at once.
    std::uint32_t snapshots_max = 256;
    /// Jobs that wait for the writer, at most; one more is refused with kUnavailable.
    std::uint32_t jobs_max = 4096;
    /// Collections whose pages are damaged: whoever asks for one by name gets kCorruption, and
    /// nothing else looks at them.
    std::vector<CollectionNumber> fenced = {};
  };

  /// Opens the store, creating an empty one when the directory holds none.
  /// `listener` must outlive the store; nullptr for stores without derived data.
  static Result<std::unique_ptr<Store>> Open(const Options& options, DocumentListener* listener);
  ~Store();
  Store(const Store&) = delete;
  Store& operator=(const Store&) = delete;

  /// Finishes the running transaction, refuses what waits and what comes (kUnavailable), and wakes
  /// who waits for a change. Snapshots go on. Repeating it is harmless.
  void Close();

  /// Opens a view of the latest committed state. Cost: no system call, no allocation in steady
  /// state (benchmarks: BM_OpenSnapshot).
  /// Errors: kUnavailable when `snapshots_max` are open.
  Result<Snapshot> OpenSnapshot() const;

  /// A unit of writing. May run more than once (see Write), so it must set, not append to, whatever
  /// it reports to its caller. Must not call Write.
  using Job = std::function<Result<void>(WriteTransaction&)>;

  /// Runs `job` in the writer's next transaction, together with whatever else waits (group commit),
  /// and returns once it is durable (invariant 1).
  ///
  /// When a job fails, the transaction is given up, the other jobs run again without it, and only
  /// the failed one gets its error: nobody pays for another's mistake. A full map is grown and all
  /// run again. What a job throws is thrown here, in the thread of the caller who brought it.
  ///
  /// Requires that the calling thread holds no snapshot: growing the map waits for all of them.
  /// Errors, besides the job's: kUnavailable when too many wait or the store is closed; kExhausted
  /// when the map or the disk is full; kIo, and from then on for every write, when the operating
  /// system refused to make a commit durable: restart and verify.
  Result<Committed> Write(const Job& job);

  /// Fences a collection from here on, as Options::fenced does: pages of it turned out to end
  /// whoever reads them. Views that are open may read on.
  void Fence(CollectionNumber collection);

  /// Holds all pages of the columns against their checksums again when they are next met: somebody
  /// found damage in them that may be younger than the last look.
  void Recheck(const View& view, std::span<const ColumnNumber> columns);

  /// Returns the position of the latest commit.
  Position position() const noexcept;

  /// Waits until the store's position is beyond `seen`, or the deadline, or Close; returns the
  /// position then. The text indexer lives on this.
  Position WaitForChange(Position seen, std::chrono::steady_clock::time_point deadline) const;

  /// Removes log entries up to `position`, in the writer's next transaction: the text indexes of
  /// all collections are durable up to there.
  void TrimLog(Position position);

  struct Statistics {
    std::uint64_t map_size_bytes = 0;
    /// Of the map, in use or free but not returned.
    std::uint64_t used_bytes = 0;
    std::uint64_t commits = 0;
    std::uint32_t snapshots_open = 0;
    std::uint32_t jobs_waiting = 0;
    /// Dropped collections and columns of which something is left in the file.
    std::uint32_t drops_pending = 0;
    /// Dictionaries trained since the store was opened.
    std::uint32_t dictionaries_trained = 0;
    /// Why the store takes no more writes until it is opened again; empty when it takes them.
    std::string refusal;
    /// Age of the oldest open snapshot.
    std::chrono::milliseconds oldest_snapshot{0};
  };
  Statistics statistics() const;

  /// Writes a consistent, compacted copy of the environment to the directory `target`, while
  /// readers and the writer go on.
  ///
  /// Holds a snapshot while it copies, so the map cannot grow meanwhile.
  /// Errors: kConflict when `target` holds a store already.
  Result<void> CopyTo(const std::filesystem::path& target) const;

 private:
  Store();

  Result<Snapshot> MakeSnapshot(SnapshotSlot* slot) const;

  // In the order of their need: the writer stops first, the file closes last.
  std::unique_ptr<Environment> environment_;
  std::unique_ptr<SnapshotPool> snapshots_;
  std::unique_ptr<Writer> writer_;
};

}  // namespace cacheindex::cache
