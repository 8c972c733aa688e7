#pragma once

#include <condition_variable>
#include <cstddef>
#include <mutex>

namespace cacheindex::api {

/// How many imports and exports may work at once. One that waits for its client gives its place to
/// another meanwhile: whoever stalls holds up nobody else.
///
/// Threads: all methods may be called concurrently.
class TransferPlaces {
 public:
  explicit TransferPlaces(std::size_t places) : free_(places) {}

  /// Waits until a place is free and takes it.
  void Take() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return free_ > 0; });
    --free_;
  }

  void Give() {
    {
      const std::lock_guard lock(mutex_);
      ++free_;
    }
    changed_.notify_one();
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::size_t free_;
};

}  // namespace cacheindex::api
