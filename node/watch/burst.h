#pragma once

#include <chrono>
#include <cstdint>
#include <mutex>
#include <optional>

namespace cacheindex::node {

/// Many events of a kind, of which only the first is worth a line, and the end with their number.
///
/// Threads: all methods may be called concurrently.
class Burst {
 public:
  using Clock = std::chrono::steady_clock;

  /// A burst is over when nothing came for so long.
  static constexpr std::chrono::seconds kQuiet{5};

  struct Ended {
    std::uint64_t events = 0;
    std::chrono::duration<double> lasted{0};
  };

  /// Returns whether this event begins a burst.
  bool Note(Clock::time_point now);

  /// Returns what the burst was once it is over.
  std::optional<Ended> TakeEnded(Clock::time_point now);

 private:
  std::mutex mutex_;
  std::uint64_t events_ = 0;
  Clock::time_point first_;
  Clock::time_point last_;
};

}  // namespace cacheindex::node
