#pragma once

#include <cassert>
#include <cstddef>
#include <cstdint>
#include <random>
#include <vector>

namespace cacheindex::test {

/// Random choices that depend on the seed and nothing else: the standard's distributions differ
/// between libraries, so a printed seed would not reproduce with them.
class Random {
 public:
  explicit Random(std::uint64_t seed) : engine_(seed) {}

  /// Returns a number from 0 to `bound` - 1. Requires bound > 0.
  std::size_t Below(std::size_t bound) {
    assert(bound > 0);
    return static_cast<std::size_t>(engine_() % bound);
  }
  /// Both included.
  std::int64_t Between(std::int64_t low, std::int64_t high) {
    return low + static_cast<std::int64_t>(Below(static_cast<std::size_t>(high - low) + 1));
  }
  bool Chance(std::size_t percent) { return Below(100) < percent; }

  template <class T>
  const T& Pick(const std::vector<T>& choices) {
    return choices[Below(choices.size())];
  }

  /// Returns `count` of `choices` (all when there are fewer), each once, in random order.
  template <class T>
  std::vector<T> Sample(std::vector<T> choices, std::size_t count) {
    for (std::size_t i = 0; i + 1 < choices.size(); ++i) {
      std::swap(choices[i], choices[i + Below(choices.size() - i)]);
    }
    if (choices.size() > count) {
      choices.resize(count);
    }
    return choices;
  }

 private:
  std::mt19937_64 engine_;
};

}  // namespace cacheindex::test
