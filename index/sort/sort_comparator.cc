#include "index/sort/sort_comparator.h"

#include <algorithm>
#include <cstdint>
#include <string>
#include <utility>

#include "index/encoding/id_order.h"

namespace cacheindex::index {

Result<SortComparator> SortComparator::Create(SearchContext& context, std::span<const SortKey> keys,
                                              const DocumentSet& found,
                                              const SortSources& sources) {
  auto ties = SortTies::Create(context);
  if (!ties) {
    return std::move(ties).error();
  }
  SortComparator comparator(*std::move(ties));
  for (const SortKey& key : keys) {
    auto ranks = SortRanks::Create(context, key, found, sources);
    if (!ranks) {
      return std::move(ranks).error();
    }
    comparator.ranks_.push_back(*std::move(ranks));
    const bool needs_strings = key.kind == SortKey::Kind::kString;
    comparator.strings_.push_back(
        needs_strings ? std::optional<SortStrings>(std::in_place, context, key) : std::nullopt);
    comparator.is_descending_.push_back(key.is_descending);
    comparator.is_insertion_.push_back(key.kind == SortKey::Kind::kInsertion);
  }
  return comparator;
}

SortCandidate SortComparator::CandidateOf(DocumentNumber number) const {
  return CandidateOf(number, ranks_.empty() ? SortRank() : ranks_.front().At(number));
}

SortCandidate SortComparator::CandidateOf(DocumentNumber number, const SortRank& first) const {
  SortCandidate candidate;
  candidate.number = number;
  candidate.place = ties_.PlaceOf(number);
  candidate.ranks[0] = first;
  for (std::size_t i = 1; i < ranks_.size(); ++i) {
    candidate.ranks[i] = ranks_[i].At(number);
  }
  return candidate;
}

bool SortComparator::IsBefore(const SortCandidate& a, const SortCandidate& b) {
  for (std::size_t i = 0; i < ranks_.size(); ++i) {
    if (a.ranks[i] != b.ranks[i]) {
      return a.ranks[i] < b.ranks[i];
    }
    if (a.number == b.number || !HasMoreText(i, a.ranks[i])) {
      continue;
    }
    // References into node-based maps: they survive the second look-up.
    const std::string* text_a = TextOf(i, a);
    const std::string* text_b = TextOf(i, b);
    const auto by_text = text_a == nullptr || text_b == nullptr ? std::strong_ordering::equal
                                                                : CompareTexts(i, *text_a, *text_b);
    if (by_text != 0) {
      return is_descending_[i] ? by_text > 0 : by_text < 0;
    }
  }
  return ties_.IsBefore(a.number, a.place, b.number, b.place);
}

const std::string* SortComparator::TextOf(std::size_t key, const SortCandidate& candidate) {
  if (candidate.ranks[key].tier != SortRank::kPresent) {
    return nullptr;
  }
  if (is_insertion_[key]) {
    return ties_.IdOf(candidate.number);
  }
  return strings_[key] ? &strings_[key]->Of(candidate.number) : nullptr;
}

std::strong_ordering SortComparator::CompareTexts(std::size_t key, const std::string& a,
                                                  const std::string& b) const {
  return is_insertion_[key] ? CompareIds(a, b) : a <=> b;
}

bool SortComparator::remembers() const noexcept {
  return !ties_.is_empty() || std::ranges::any_of(strings_, [](const auto& strings) {
    return strings && !strings->is_empty();
  });
}

std::optional<Error> SortComparator::failure() const {
  for (const auto& strings : strings_) {
    if (strings && strings->failure()) {
      return strings->failure();
    }
  }
  return ties_.failure();
}

bool SortComparator::HasMoreText(std::size_t key, const SortRank& rank) const {
  if (!strings_[key]) {
    return is_insertion_[key];
  }
  // A sort key whose last byte is 0 holds the whole string.
  const std::int64_t value = is_descending_[key] ? ~rank.value : rank.value;
  return (static_cast<std::uint64_t>(value) & 0xFFU) != 0;
}

}  // namespace cacheindex::index
