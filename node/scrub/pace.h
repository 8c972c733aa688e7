#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>

namespace cacheindex::node {

/// Says when work may go on that shall not be faster than so many bytes a second. Time that the
/// work itself takes counts; time that it lost does not, so it never catches up in a burst.
///
/// Threads: one at a time.
class Pace {
 public:
  using Clock = std::chrono::steady_clock;

  /// `bytes_per_second` is not 0.
  explicit Pace(std::uint64_t bytes_per_second, Clock::time_point now = Clock::now())
      : bytes_per_second_(static_cast<double>(bytes_per_second)), due_(now) {}

  /// Returns when to go on after `bytes` more, of which the last were read at `now`.
  Clock::time_point After(std::uint64_t bytes, Clock::time_point now) noexcept {
    // A slice's own time: more is time lost.
    constexpr std::chrono::seconds kCreditMax{1};
    const std::chrono::duration<double> share(static_cast<double>(bytes) / bytes_per_second_);
    due_ = std::max(due_, now - kCreditMax) + std::chrono::duration_cast<Clock::duration>(share);
    return due_;
  }

 private:
  const double bytes_per_second_;
  Clock::time_point due_;
};

}  // namespace cacheindex::node
