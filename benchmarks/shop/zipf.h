#pragma once

#include <cstdint>
#include <vector>

#include "benchmarks/shop/random.h"

namespace cacheindex::shop {

/// Draws ranks 0 to size-1, rank r with a probability proportional to 1 / (r + 1)^exponent.
///
/// Walker's alias method: one table of 8 bytes per rank, one lookup per draw, exact to 2^-32.
/// Threads: immutable.
class ZipfSampler {
 public:
  struct Options {
    std::uint32_t size = 0;
    double exponent = 1.0;
  };

  /// Requires options.size > 0.
  explicit ZipfSampler(const Options& options);

  std::uint32_t Draw(Random& random) const noexcept {
    const std::uint64_t bits = random.Next();
    const std::uint64_t index = ((bits >> 32) * slots_.size()) >> 32;
    const Slot& slot = slots_[index];
    return static_cast<std::uint32_t>(bits) <= slot.threshold ? static_cast<std::uint32_t>(index)
                                                              : slot.alias;
  }

 private:
  struct Slot {
    /// The share of this slot that belongs to its own rank, in units of 2^-32.
    std::uint32_t threshold = 0;
    /// The rank that owns the rest.
    std::uint32_t alias = 0;
  };
  std::vector<Slot> slots_;
};

}  // namespace cacheindex::shop
