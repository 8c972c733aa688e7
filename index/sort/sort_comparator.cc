#include "index/sort/sort_comparator.h"

#include <algorithm>
#include <cstdint>
#include <string>
#include <utility>

namespace cacheindex::index {

Result<SortComparator> SortComparator::Create(SearchContext& context, std::span<const SortKey> keys,
                                              const DocumentSet& found,
                                              const SortSources& sources) {
  SortComparator comparator;
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
  }
  return comparator;
}

SortCandidate SortComparator::CandidateOf(DocumentNumber number) const {
  return CandidateOf(number, ranks_.empty() ? SortRank() : ranks_.front().At(number));
}

SortCandidate SortComparator::CandidateOf(DocumentNumber number, const SortRank& first) const {
  SortCandidate candidate;
  candidate.number = number;
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
    if (strings_[i] && a.ranks[i].tier == SortRank::kPresent && IsCutOff(i, a.ranks[i])) {
      // References into a node-based map: they survive the second look-up.
      const std::string& text_a = strings_[i]->Of(a.number);
      const std::string& text_b = strings_[i]->Of(b.number);
      if (text_a != text_b) {
        return is_descending_[i] ? text_b < text_a : text_a < text_b;
      }
    }
  }
  return a.number > b.number;
}

bool SortComparator::uses_strings() const noexcept {
  return std::any_of(strings_.begin(), strings_.end(),
                     [](const auto& strings) { return strings.has_value(); });
}

const std::string* SortComparator::StringOf(std::size_t key, const SortCandidate& candidate) {
  const bool has_string = strings_[key] && candidate.ranks[key].tier == SortRank::kPresent;
  return has_string ? &strings_[key]->Of(candidate.number) : nullptr;
}

std::optional<Error> SortComparator::failure() const {
  for (const auto& strings : strings_) {
    if (strings && strings->failure()) {
      return strings->failure();
    }
  }
  return std::nullopt;
}

bool SortComparator::IsCutOff(std::size_t key, const SortRank& rank) const {
  // A sort key whose last byte is 0 holds the whole string.
  const std::int64_t value = is_descending_[key] ? ~rank.value : rank.value;
  return (static_cast<std::uint64_t>(value) & 0xFFU) != 0;
}

}  // namespace cacheindex::index
