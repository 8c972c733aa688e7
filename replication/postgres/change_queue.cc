#include "replication/postgres/change_queue.h"

#include <utility>

namespace cacheindex::replication {

bool ChangeQueue::WaitForRoom(Clock::time_point deadline) {
  std::unique_lock lock(mutex_);
  return popped_.wait_until(lock, deadline, [this] {
    return items_.empty() ||
           (memory_bytes_ < limits_.memory_bytes_max && file_bytes_ < limits_.file_bytes_max);
  });
}

void ChangeQueue::Push(std::unique_ptr<ReceivedTransaction> transaction) {
  const std::lock_guard lock(mutex_);
  memory_bytes_ += transaction->memory_bytes();
  file_bytes_ += transaction->file_bytes();
  items_.push_back({std::move(transaction), {}, Clock::now()});
  pushed_.notify_one();
}

void ChangeQueue::PushIdle(LogPosition position) {
  const std::lock_guard lock(mutex_);
  if (!items_.empty() && items_.back().transaction == nullptr) {
    items_.pop_back();
  }
  items_.push_back({nullptr, position, Clock::now()});
  pushed_.notify_one();
}

void ChangeQueue::Close(Error why) {
  const std::lock_guard lock(mutex_);
  end_ = std::move(why);
  pushed_.notify_one();
}

ChangeQueue::Batch ChangeQueue::Pop(const BatchLimits& limits, Clock::time_point deadline) {
  std::unique_lock lock(mutex_);
  pushed_.wait_until(lock, deadline, [this] { return !items_.empty() || end_; });
  Batch batch;
  std::uint64_t bytes = 0;
  while (!items_.empty() && batch.transactions.size() < limits.transactions_max) {
    Item& item = items_.front();
    if (item.transaction == nullptr) {
      batch.idle = item.idle;
      batch.received = item.received;
      items_.pop_front();
      break;
    }
    const std::uint64_t memory = item.transaction->memory_bytes();
    const std::uint64_t file = item.transaction->file_bytes();
    if (!batch.transactions.empty() && (file > 0 || bytes + memory > limits.bytes_max)) {
      break;
    }
    bytes += memory;
    memory_bytes_ -= memory;
    file_bytes_ -= file;
    batch.received = item.received;
    batch.transactions.push_back(std::move(item.transaction));
    items_.pop_front();
    if (file > 0) {
      break;
    }
  }
  popped_.notify_one();
  return batch;
}

std::optional<Error> ChangeQueue::end() const {
  const std::lock_guard lock(mutex_);
  return items_.empty() ? end_ : std::nullopt;
}

std::uint64_t ChangeQueue::memory_bytes() const {
  const std::lock_guard lock(mutex_);
  return memory_bytes_;
}

std::uint64_t ChangeQueue::file_bytes() const {
  const std::lock_guard lock(mutex_);
  return file_bytes_;
}

}  // namespace cacheindex::replication
