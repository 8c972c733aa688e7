#pragma once

#include <algorithm>
#include <chrono>
#include <thread>

namespace cacheindex::test {

/// Waits until `condition` holds; returns whether it did before `patience` passed, which ends a
/// test that has failed and nothing else.
///
/// For what nobody announces: a count in another thread, an answer of another process. It looks
/// again after a pause that grows, so that a quick change costs no time and a slow one no
/// processor. Where there is something to wait on, wait on that instead. This is the only pause in
/// the tests, and the tidy test keeps it so.
template <class Condition>
bool Eventually(const Condition& condition,
                std::chrono::seconds patience = std::chrono::seconds(60)) {
  constexpr std::chrono::microseconds kPauseMin{50};
  constexpr std::chrono::microseconds kPauseMax{10'000};
  const auto deadline = std::chrono::steady_clock::now() + patience;
  for (auto pause = kPauseMin; !condition(); pause = std::min(2 * pause, kPauseMax)) {
    if (std::chrono::steady_clock::now() > deadline) {
      return false;
    }
    std::this_thread::sleep_for(pause);
  }
  return true;
}

}  // namespace cacheindex::test
