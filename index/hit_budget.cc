#include "index/hit_budget.h"

#include <string>

namespace cacheindex::index {
namespace {

std::uint64_t BytesOf(const SearchHit& hit) {
  std::uint64_t bytes = sizeof hit + hit.document.size();
  for (const FieldHighlight& highlight : hit.highlights) {
    for (const HighlightFragment& fragment : highlight.fragments) {
      bytes += sizeof fragment + fragment.snippet.size();
      bytes += fragment.value ? fragment.value->size() : 0;
    }
  }
  return bytes;
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
