#include "cache/snapshot_pool.h"

#include <algorithm>
#include <string>
#include <utility>

namespace cacheindex::cache {
namespace {

// Replacing the map takes microseconds once the readers are gone.
constexpr std::chrono::seconds kBlockedWaitMax{5};

}  // namespace

SnapshotPool::SnapshotPool(const Environment& environment, std::uint32_t slots_max)
    : environment_(environment), slots_max_(slots_max) {
  slots_.reserve(slots_max);
  free_.reserve(slots_max);
}

Result<SnapshotSlot*> SnapshotPool::TakeSlot() {
  std::unique_lock lock(mutex_);
  if (is_blocked_ && !changed_.wait_for(lock, kBlockedWaitMax, [this] { return !is_blocked_; })) {
    return Error(ErrorCode::kUnavailable, "the store is being resized");
  }
  if (free_.empty()) {
    if (slots_.size() >= slots_max_) {
      return Error(ErrorCode::kUnavailable,
                   "all " + std::to_string(slots_max_) + " snapshots are in use");
    }
    slots_.push_back(std::make_unique<SnapshotSlot>());
    slots_.back()->pool = this;
    free_.push_back(slots_.back().get());
  }
  // Last in, first out: the slot whose memory is still in the processor's cache.
  SnapshotSlot* const slot = free_.back();
  free_.pop_back();
  slot->is_open = true;
  slot->opened_at = std::chrono::steady_clock::now();
  ++open_;
  return slot;
}

Result<SnapshotSlot*> SnapshotPool::Acquire() {
  auto slot = TakeSlot();
  if (!slot) {
    return slot;
  }
  SnapshotSlot* const taken = *slot;
  if (taken->transaction != nullptr) {
    const int status = mdb_txn_renew(taken->transaction.get());
    if (status == MDB_SUCCESS) {
      return taken;
    }
    taken->transaction.reset();
    if (status != MDB_PANIC) {
      Release(taken);
      return FromLmdb(status, "open snapshot");
    }
    // LMDB gave the environment up that it was of; there is another to read.
  }
  auto transaction = environment_.BeginRead();
  if (!transaction) {
    Release(taken);
    return std::move(transaction).error();
  }
  taken->transaction = *std::move(transaction);
  return taken;
}

void SnapshotPool::Release(SnapshotSlot* slot) noexcept {
  if (slot->transaction != nullptr) {
    mdb_txn_reset(slot->transaction.get());
  }
  bool is_last = false;
  {
    const std::scoped_lock lock(mutex_);
    slot->is_open = false;
    free_.push_back(slot);
    --open_;
    is_last = is_blocked_ && open_ == 0;
  }
  if (is_last) {
    changed_.notify_all();
  }
}

bool SnapshotPool::Block(std::chrono::steady_clock::time_point deadline) {
  std::unique_lock lock(mutex_);
  is_blocked_ = true;
  if (changed_.wait_until(lock, deadline, [this] { return open_ == 0; })) {
    return true;
  }
  is_blocked_ = false;
  lock.unlock();
  changed_.notify_all();
  return false;
}

void SnapshotPool::Unblock() {
  {
    const std::scoped_lock lock(mutex_);
    is_blocked_ = false;
  }
  changed_.notify_all();
}

SnapshotPool::Usage SnapshotPool::usage() const {
  const std::scoped_lock lock(mutex_);
  Usage usage{.open = open_};
  const auto now = std::chrono::steady_clock::now();
  for (const auto& slot : slots_) {
    if (slot->is_open) {
      usage.oldest =
          std::max(usage.oldest,
                   std::chrono::duration_cast<std::chrono::milliseconds>(now - slot->opened_at));
    }
  }
  return usage;
}

}  // namespace cacheindex::cache
