#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "cache/column_page.h"
#include "index/columns/document_set.h"
#include "index/columns/search_context.h"
#include "index/sort/sort_plan.h"
#include "index/sort/sort_sources.h"
#include "node/core/document.h"
#include "node/core/result.h"

namespace cacheindex::index {

/// Where one key puts a document: smaller is earlier.
struct SortRank {
  enum Tier : std::uint8_t { kMissingFirst, kPresent, kMissingLast };
  Tier tier = kMissingLast;
  std::int64_t value = 0;

  // NOLINTNEXTLINE(modernize-use-nullptr): misfires on a defaulted comparison.
  auto operator<=>(const SortRank&) const = default;
};

/// Turns the values of one key into ranks.
///
/// Lifetime: within that of the context, the key and the sources.
class SortRanks {
 public:
  /// Errors: those of the filters of `_eval`, and of the view.
  static Result<SortRanks> Create(SearchContext& context, const SortKey& key,
                                  const DocumentSet& found, const SortSources& sources);

  /// The rank of a document that has no value.
  SortRank missing() const noexcept { return missing_; }
  /// The rank of a document with this value (number, sort key or score).
  SortRank Of(std::int64_t value) const noexcept {
    return {SortRank::kPresent, (bucket_size_ == 0 ? value : Bucket(value)) ^ flip_};
  }
  SortRank At(DocumentNumber number) const;

  /// The values stand in a column as they are; else they are scores or are computed.
  bool is_column() const noexcept { return scores_ == nullptr && !compute_; }
  /// Requires is_column(). Returns nullptr where no document has a value.
  const cache::ColumnPage* Page(std::uint32_t number) const noexcept {
    return pages_ == nullptr ? nullptr : pages_->Find(number);
  }
  /// Returns the earliest rank that a value of the page can have.
  SortRank Best(const cache::ColumnPage& page) const noexcept {
    return Of(flip_ == 0 ? page.minimum() : page.maximum());
  }
  /// nullptr when the values are not scores.
  const TextScores* scores() const noexcept { return scores_; }

 private:
  // The number of the score's bucket, higher for better scores.
  std::int64_t Bucket(std::int64_t score) const noexcept;

  SortRank missing_;
  // All ones for descending keys: the complement reverses the order and cannot overflow.
  std::int64_t flip_ = 0;
  const cache::ColumnPages* pages_ = nullptr;
  // Returns the value of a document; empty when values are not computed.
  std::function<std::optional<std::int64_t>(DocumentNumber)> compute_;
  const TextScores* scores_ = nullptr;
  // For bucketed scores: how many share a rank, and all scores, best first.
  std::size_t bucket_size_ = 0;
  std::vector<std::int64_t> sorted_scores_;
};

}  // namespace cacheindex::index
