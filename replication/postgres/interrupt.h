#pragma once

#include <chrono>

namespace cacheindex::replication {

/// Ends the waiting of a thread that sleeps on a socket: level-triggered and final.
///
/// Threads: all methods may be called concurrently.
class Interrupt {
 public:
  Interrupt();
  ~Interrupt();
  Interrupt(const Interrupt&) = delete;
  Interrupt& operator=(const Interrupt&) = delete;

  void Trigger() const noexcept;
  bool is_triggered() const noexcept;
  /// Readable from the trigger on.
  int descriptor() const noexcept { return descriptor_; }

  enum class Wake { kReady, kTimeout, kInterrupted };
  /// Waits until `descriptor` is readable (or writable, when asked for), the time passes, or the
  /// trigger. A negative descriptor waits for the trigger only.
  Wake Wait(int descriptor, bool for_writing, std::chrono::milliseconds patience) const noexcept;

 private:
  int descriptor_;
};

}  // namespace cacheindex::replication
