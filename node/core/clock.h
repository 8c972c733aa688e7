#pragma once

#include <chrono>
#include <cstdint>

namespace cacheindex {

/// The time of day as users write it: seconds since 1970. It may jump; what measures a duration or
/// waits takes std::chrono::steady_clock.
inline std::int64_t UnixSeconds() {
  return std::chrono::duration_cast<std::chrono::seconds>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
}

}  // namespace cacheindex
