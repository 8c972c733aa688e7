#pragma once

#include <cstdint>

#include "node/core/result.h"
#include "node/core/search.h"

namespace cacheindex::index {

/// Hits of all searches of one request, document and highlights, in bytes. A document may have 32
/// MiB, so that one page of 250 could have more than the machine.
inline constexpr std::uint64_t kHitBytesMax = std::uint64_t{128} << 20;

/// How many bytes the hits that are still to be shown may have.
class HitBudget {
 public:
  /// Errors: kTooLarge when `hit` is one too many.
  Result<void> Take(const SearchHit& hit);

 private:
  std::uint64_t left_ = kHitBytesMax;
};

}  // namespace cacheindex::index
