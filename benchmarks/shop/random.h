#pragma once

#include <cstdint>

namespace cacheindex::shop {

/// What a random sequence is for. Each thing of the shop draws from a sequence of its own, so that
/// it can be computed alone, and so that adding one thing does not change another.
enum class Stream : std::uint64_t { kCatalogue = 1, kProduct, kSku, kPopularity, kOrder, kQuery };

/// The random sequence of one numbered thing: SplitMix64 from a hash of (seed, stream, number).
///
/// The standard distributions differ between libraries; this one is the same everywhere.
/// Threads: not shared.
class Random {
 public:
  Random(std::uint64_t seed, Stream stream, std::uint64_t number) noexcept
      : state_(Mix(Mix(Mix(seed) ^ static_cast<std::uint64_t>(stream)) ^ number)) {}

  std::uint64_t Next() noexcept {
    state_ += kStep;
    return Mix(state_);
  }

  /// Returns a number in [0, bound). Requires bound > 0.
  std::uint32_t Below(std::uint32_t bound) noexcept {
    return static_cast<std::uint32_t>(((Next() >> 32) * bound) >> 32);
  }

  /// Returns a number in [first, last].
  std::uint32_t Between(std::uint32_t first, std::uint32_t last) noexcept {
    return first + Below(last - first + 1);
  }

  /// Returns a number in [0, 1).
  double Unit() noexcept { return static_cast<double>(Next() >> 11) * 0x1p-53; }

  bool Chance(std::uint32_t percent) noexcept { return Below(100) < percent; }

 private:
  static constexpr std::uint64_t kStep = 0x9e3779b97f4a7c15;

  static std::uint64_t Mix(std::uint64_t value) noexcept {
    value = (value ^ (value >> 30)) * 0xbf58476d1ce4e5b9;
    value = (value ^ (value >> 27)) * 0x94d049bb133111eb;
    return value ^ (value >> 31);
  }

  std::uint64_t state_;
};

}  // namespace cacheindex::shop
