#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "node/core/error.h"
#include "replication/postgres/received_transaction.h"
#include "replication/rows/log_position.h"

namespace cacheindex::replication {

/// What the receiver got and the applier has not yet taken, in order, bounded by bytes.
///
/// Threads: one pushes, one pops, any ask.
class ChangeQueue {
 public:
  using Clock = std::chrono::steady_clock;

  struct Limits {
    std::uint64_t memory_bytes_max = 0;
    std::uint64_t file_bytes_max = 0;
  };
  explicit ChangeQueue(Limits limits) : limits_(limits) {}

  /// Waits until there is room or the deadline, and returns whether there is. One transaction may
  /// go over the limit: one that is larger than it must get through too.
  bool WaitForRoom(Clock::time_point deadline);
  void Push(std::unique_ptr<ReceivedTransaction> transaction);
  /// Nothing is coming for us up to `position`.
  void PushIdle(LogPosition position);
  /// The stream is over; what was pushed before is still handed out.
  void Close(Error why);

  struct Batch {
    std::vector<std::unique_ptr<ReceivedTransaction>> transactions;
    /// After them.
    std::optional<LogPosition> idle;
    /// When the last of it was received.
    Clock::time_point received{};
    bool empty() const { return transactions.empty() && !idle; }
  };
  struct BatchLimits {
    std::size_t transactions_max = 0;
    std::uint64_t bytes_max = 0;
  };
  /// Waits until there is something, the end of the stream, or the deadline; an empty batch for the
  /// latter two. A transaction in a file comes alone.
  Batch Pop(const BatchLimits& limits, Clock::time_point deadline);
  /// Why the stream ended, once everything before is popped.
  std::optional<Error> end() const;

  std::uint64_t memory_bytes() const;
  std::uint64_t file_bytes() const;

 private:
  struct Item {
    std::unique_ptr<ReceivedTransaction> transaction;
    LogPosition idle{};
    Clock::time_point received{};
  };

  const Limits limits_;
  mutable std::mutex mutex_;
  std::condition_variable pushed_;
  std::condition_variable popped_;
  std::deque<Item> items_;
  std::uint64_t memory_bytes_ = 0;
  std::uint64_t file_bytes_ = 0;
  std::optional<Error> end_;
};

}  // namespace cacheindex::replication
