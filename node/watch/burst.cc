#include "node/watch/burst.h"

#include <utility>

namespace cacheindex::node {

bool Burst::Note(Clock::time_point now) {
  const std::lock_guard lock(mutex_);
  last_ = now;
  if (events_++ == 0) {
    first_ = now;
    return true;
  }
  return false;
}

std::optional<Burst::Ended> Burst::TakeEnded(Clock::time_point now) {
  const std::lock_guard lock(mutex_);
  if (events_ == 0 || now - last_ < kQuiet) {
    return std::nullopt;
  }
  return Ended{.events = std::exchange(events_, 0), .lasted = last_ - first_};
}

}  // namespace cacheindex::node
