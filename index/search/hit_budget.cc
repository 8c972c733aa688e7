#include "index/search/hit_budget.h"

#include <string>

namespace cacheindex::index {
namespace {

std::uint64_t BytesOf(const SearchHit& hit) {
  return sizeof hit + hit.document.size() + BytesOf(hit.highlights);
}

}  // namespace

Result<void> HitBudget::Take(const SearchHit& hit) {
  const std::uint64_t bytes = BytesOf(hit);
  if (bytes > left_) {
    return Error(ErrorCode::kTooLarge,
                 "The hits have more than " + std::to_string(kHitBytesMax >> 20) +
                     " MiB; ask for fewer, or for less of them with `include_fields`.");
  }
  left_ -= bytes;
  return {};
}

}  // namespace cacheindex::index
