#include "index/sort/sort_ranks.h"

#include <algorithm>
#include <functional>
#include <utility>

#include "index/sort/sort_computed.h"

namespace cacheindex::index {
namespace {

bool MissingComesFirst(const SortKey& key) {
  switch (key.missing) {
    case SortKey::Missing::kFirst:
      return true;
    case SortKey::Missing::kLast:
      return false;
    case SortKey::Missing::kAsUsual:
      break;
  }
  return key.kind == SortKey::Kind::kString && key.is_descending;
}

std::vector<std::int64_t> SortedScores(const DocumentSet& found, const TextScores& text) {
  std::vector<std::int64_t> scores;
  for (std::size_t i = 0; i < text.documents.size(); ++i) {
    if (found.Contains(text.documents[i])) {
      scores.push_back(text.scores[i]);
    }
  }
  std::sort(scores.begin(), scores.end(), std::greater<>());
  return scores;
}

}  // namespace

Result<SortRanks> SortRanks::Create(SearchContext& context, const SortKey& key,
                                    const DocumentSet& found, const SortSources& sources) {
  SortRanks ranks;
  ranks.flip_ = key.is_descending ? -1 : 0;
  ranks.missing_ = {MissingComesFirst(key) ? SortRank::kMissingFirst : SortRank::kMissingLast, 0};
  if (key.kind == SortKey::Kind::kTextMatch) {
    static const TextScores kNone;
    ranks.scores_ = sources.scores == nullptr ? &kNone : sources.scores;
    if (key.buckets > 0 || key.bucket_size > 0) {
      ranks.sorted_scores_ = SortedScores(found, *ranks.scores_);
      const std::size_t scored = ranks.sorted_scores_.size();
      ranks.bucket_size_ = key.buckets > 0
                               ? std::max<std::size_t>(1, (scored + key.buckets - 1) / key.buckets)
                               : key.bucket_size;
    }
    return ranks;
  }
  if (IsComputed(key)) {
    auto compute = ComputeSortValues(context, key, found, sources);
    if (!compute) {
      return std::move(compute).error();
    }
    ranks.compute_ = *std::move(compute);
    return ranks;
  }
  const auto pages = context.Pages(key.column);
  if (!pages) {
    return pages.error();
  }
  ranks.pages_ = *pages;
  return ranks;
}

SortRank SortRanks::At(DocumentNumber number) const {
  if (compute_) {
    const auto value = compute_(number);
    return value ? Of(*value) : missing_;
  }
  if (scores_ != nullptr) {
    const auto& documents = scores_->documents;
    const auto place = std::lower_bound(documents.begin(), documents.end(), number);
    if (place == documents.end() || *place != number) {
      return missing_;
    }
    return Of(scores_->scores[static_cast<std::size_t>(place - documents.begin())]);
  }
  const cache::ColumnPage* page = Page(number / cache::kWidePageDocuments);
  if (page == nullptr) {
    return missing_;
  }
  const cache::ColumnValues values = page->Find(number % cache::kWidePageDocuments);
  return values.size() == 0 ? missing_ : Of(values[0]);
}

std::int64_t SortRanks::Bucket(std::int64_t score) const noexcept {
  // By the place of the first of its equals, so that equal scores share a bucket.
  const auto first =
      std::lower_bound(sorted_scores_.begin(), sorted_scores_.end(), score, std::greater<>());
  const auto place = static_cast<std::size_t>(first - sorted_scores_.begin());
  return -static_cast<std::int64_t>(place / bucket_size_);
}

}  // namespace cacheindex::index
