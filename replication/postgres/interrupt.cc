#include "replication/postgres/interrupt.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>

namespace cacheindex::replication {

// Without a descriptor (none are left) waiting is still right: poll() ignores negative ones, and
// all waits have a limit.
Interrupt::Interrupt() : descriptor_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {}

Interrupt::~Interrupt() { ::close(descriptor_); }

void Interrupt::Trigger() const noexcept {
  const std::uint64_t one = 1;
  [[maybe_unused]] const auto written = ::write(descriptor_, &one, sizeof one);
}

bool Interrupt::is_triggered() const noexcept {
  return Wait(-1, false, std::chrono::milliseconds(0)) == Wake::kInterrupted;
}

Interrupt::Wake Interrupt::Wait(int descriptor, bool for_writing,
                                std::chrono::milliseconds patience) const noexcept {
  const auto wanted = static_cast<short>(for_writing ? POLLIN | POLLOUT : POLLIN);
  pollfd descriptors[] = {{descriptor_, POLLIN, 0}, {descriptor, wanted, 0}};
  const auto limit = std::clamp<std::int64_t>(patience.count(), 0, 1'000'000);
  const int ready = ::poll(descriptors, 2, static_cast<int>(limit));
  if (ready > 0 && descriptors[0].revents != 0) {
    return Wake::kInterrupted;
  }
  return ready > 0 ? Wake::kReady : Wake::kTimeout;
}

}  // namespace cacheindex::replication
