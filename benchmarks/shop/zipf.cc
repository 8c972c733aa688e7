#include "benchmarks/shop/zipf.h"

#include <algorithm>
#include <cmath>
#include <cstddef>

namespace cacheindex::shop {

ZipfSampler::ZipfSampler(const Options& options) : slots_(options.size) {
  // Shares are scaled so that a slot's fair share is 1.
  std::vector<double> share(options.size);
  double sum = 0;
  for (std::size_t rank = 0; rank < share.size(); ++rank) {
    share[rank] = std::pow(static_cast<double>(rank + 1), -options.exponent);
    sum += share[rank];
  }
  std::vector<std::uint32_t> poor;
  std::vector<std::uint32_t> rich;
  for (std::uint32_t rank = 0; rank < options.size; ++rank) {
    share[rank] *= options.size / sum;
    (share[rank] < 1 ? poor : rich).push_back(rank);
  }
  constexpr double kWhole = 4294967295.0;
  while (!poor.empty() && !rich.empty()) {
    const std::uint32_t taker = poor.back();
    const std::uint32_t giver = rich.back();
    poor.pop_back();
    slots_[taker] = {static_cast<std::uint32_t>(share[taker] * kWhole), giver};
    share[giver] -= 1 - share[taker];
    if (share[giver] < 1) {
      rich.pop_back();
      poor.push_back(giver);
    }
  }
  // What rounding left over has a share of 1.
  for (const auto* rest : {&poor, &rich}) {
    for (const std::uint32_t rank : *rest) {
      slots_[rank] = {UINT32_MAX, rank};
    }
  }
}

}  // namespace cacheindex::shop
