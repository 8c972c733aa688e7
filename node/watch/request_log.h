#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <mutex>
#include <string>

#include "api/request_record.h"
#include "node/watch/burst.h"

namespace cacheindex::node {

/// What is logged of answered requests: failures of the node, overload, slow ones, and changes with
/// the key that made them.
///
/// Threads: all methods may be called concurrently. Observe waits for nothing as long as there is
/// nothing to log.
class RequestLog {
 public:
  explicit RequestLog(std::chrono::milliseconds slow) : slow_ms_(slow.count()) {}

  void Observe(const api::RequestRecord& record);

  /// Requests slower than this are logged; 0 or less logs none.
  void SetSlow(std::chrono::milliseconds slow) noexcept { slow_ms_ = slow.count(); }

  /// Logs what is over; call it now and then.
  void LogEnded(Burst::Clock::time_point now);

 private:
  void LogFailure(const api::RequestRecord& record);

  std::atomic<std::int64_t> slow_ms_;
  Burst shed_;
  Burst failures_;
  std::mutex mutex_;
  /// Failures in a row that say the same get one line.
  std::string last_failure_;
};

}  // namespace cacheindex::node
