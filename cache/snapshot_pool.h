#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <vector>

#include "cache/compression.h"
#include "cache/environment.h"
#include "cache/lmdb_handle.h"
#include "node/core/result.h"

namespace cacheindex::cache {

class SnapshotPool;

/// What a snapshot needs: a read transaction that is reset and renewed instead of begun and ended,
/// and the memory to decompress.
struct SnapshotSlot {
  SnapshotPool* pool = nullptr;
  TransactionHandle transaction;
  Decompressor decompressor;
  std::chrono::steady_clock::time_point opened_at;
  bool is_open = false;
};

/// The read transactions of a store, used again and again.
///
/// Threads: all methods may be called concurrently. Lifetime: outlives what it handed out.
class SnapshotPool {
 public:
  SnapshotPool(const Environment& environment, std::uint32_t slots_max);

  /// Returns a slot whose transaction shows the latest commit. Waits while the map is replaced.
  /// Errors: kUnavailable when all slots are in use, or the map is not replaced in time.
  Result<SnapshotSlot*> Acquire();
  void Release(SnapshotSlot* slot) noexcept;

  /// Lets no new snapshot begin and waits until none is open. Returns whether that was reached by
  /// `deadline`; if not, snapshots begin again.
  bool Block(std::chrono::steady_clock::time_point deadline);
  void Unblock();

  struct Usage {
    std::uint32_t open = 0;
    std::chrono::milliseconds oldest{0};
  };
  Usage usage() const;

 private:
  Result<SnapshotSlot*> TakeSlot();

  const Environment& environment_;
  const std::uint32_t slots_max_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::unique_ptr<SnapshotSlot>> slots_;
  std::vector<SnapshotSlot*> free_;
  std::uint32_t open_ = 0;
  bool is_blocked_ = false;
};

}  // namespace cacheindex::cache
