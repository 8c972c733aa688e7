#include "index/match/variant_matcher.h"

#include <algorithm>
#include <span>
#include <utility>

#include "index/match/text_score.h"

namespace cacheindex::index {
namespace {

// A list of the allowed documents pays when they are so few that posting lists are searched for
// them, instead of read.
constexpr std::size_t kAllowedShare = 32;

// A filter that was not asked yet is asked only about what the first unit finds, when that is less
// than this part of all documents, and so often; then it is cheaper to ask it once about all.
constexpr std::size_t kFilteredShare = 32;
constexpr std::uint32_t kFilteredMatchesMax = 2;

}  // namespace

void MergeScores(TextScores more, TextScores& scores) {
  if (scores.documents.empty()) {
    scores = std::move(more);
    return;
  }
  TextScores merged;
  const std::size_t size = scores.documents.size() + more.documents.size();
  merged.documents.reserve(size);
  merged.scores.reserve(size);
  std::size_t i = 0;
  std::size_t j = 0;
  while (i < scores.documents.size() || j < more.documents.size()) {
    const bool has_first = i < scores.documents.size();
    const bool has_second = j < more.documents.size();
    const bool is_both = has_first && has_second && scores.documents[i] == more.documents[j];
    const bool takes_first = has_first && (!has_second || scores.documents[i] <= more.documents[j]);
    merged.documents.push_back(takes_first ? scores.documents[i] : more.documents[j]);
    merged.scores.push_back(is_both ? std::max(scores.scores[i], more.scores[j])
                                    : (takes_first ? scores.scores[i] : more.scores[j]));
    i += takes_first ? 1 : 0;
    j += is_both || !takes_first ? 1 : 0;
  }
  scores = std::move(merged);
}

VariantMatcher::VariantMatcher(SearchContext& context, const TextReader& reader, DocumentSet within,
                               const TextMatchOptions& options, const DocumentFilter& filter)
    : context_(&context),
      options_(&options),
      filter_(&filter),
      is_unfiltered_(static_cast<bool>(filter)),
      within_(std::move(within)),
      units_(context, reader) {}

Result<void> VariantMatcher::Exclude(const UnitPlan& plan) {
  const auto matches = units_.Match(plan, within_, std::nullopt, false);
  if (!matches) {
    return matches.error();
  }
  for (const DocumentNumber number : matches->documents) {
    within_.Remove(number);
  }
  return {};
}

void VariantMatcher::Begin() {
  if (!is_unfiltered_) {
    ListAllowed();
  }
}

Result<const DocumentSet*> VariantMatcher::Allowed() {
  if (auto filtered = FilterAll(); !filtered) {
    return std::move(filtered).error();
  }
  return &within_;
}

void VariantMatcher::ListAllowed() {
  if (within_.Count() < within_.capacity() / kAllowedShare) {
    allowed_.emplace();
    within_.ForEach([this](DocumentNumber number) { allowed_->push_back(number); });
  }
}

Result<void> VariantMatcher::FilterAll() {
  if (!std::exchange(is_unfiltered_, false)) {
    return {};
  }
  auto filtered = (*filter_)(within_);
  if (!filtered) {
    return std::move(filtered).error();
  }
  within_ = *std::move(filtered);
  ListAllowed();
  return {};
}

Result<UnitMatches> VariantMatcher::MatchFirst(const UnitPlan& plan) {
  const bool is_selective = plan.cost < within_.capacity() / kFilteredShare;
  const bool filters_matches =
      is_unfiltered_ && is_selective && filtered_matches_ < kFilteredMatchesMax;
  if (!filters_matches) {
    if (auto filtered = FilterAll(); !filtered) {
      return std::move(filtered).error();
    }
  }
  std::optional<std::span<const DocumentNumber>> candidates;
  if (allowed_) {
    candidates = *allowed_;
  }
  auto matches = units_.Match(plan, within_, candidates, IsWeightFirst());
  if (matches && filters_matches && !matches->documents.empty()) {
    if (auto filtered = FilterMatches(*matches); !filtered) {
      return std::move(filtered).error();
    }
  }
  return matches;
}

Result<void> VariantMatcher::FilterMatches(UnitMatches& matches) {
  ++filtered_matches_;
  DocumentSet documents = context_->EmptySet();
  for (const DocumentNumber number : matches.documents) {
    documents.Add(number);
  }
  const auto kept = (*filter_)(documents);
  if (!kept) {
    return kept.error();
  }
  std::size_t count = 0;
  for (std::size_t i = 0; i < matches.documents.size(); ++i) {
    if (kept->Contains(matches.documents[i])) {
      matches.documents[count] = matches.documents[i];
      matches.marks[count] = matches.marks[i];
      ++count;
    }
  }
  matches.documents.resize(count);
  matches.marks.resize(count);
  return {};
}

Result<TextScores> VariantMatcher::Match(const std::vector<UnitPlan>& plans, const KeptUnits& kept,
                                         const Scale& scale) {
  KeptUnits order = kept;
  // The rarest first: what it leaves decides how much of the others has to be read.
  std::stable_sort(order.begin(), order.end(), [&](std::size_t left, std::size_t right) {
    return plans[left].cost < plans[right].cost;
  });
  Partial partial;
  for (const std::size_t unit : order) {
    const bool is_first = unit == order.front();
    const std::uint64_t cost = plans[unit].cost;
    context_->Expect(is_first ? cost
                              : std::min(cost, partial.documents.size() * kPostingsPerSeek *
                                                   plans[unit].sources.size()));
    auto matches = is_first
                       ? MatchFirst(plans[unit])
                       : units_.Match(plans[unit], within_, partial.documents, IsWeightFirst());
    if (!matches) {
      return std::move(matches).error();
    }
    AddUnit(plans[unit].rarity, *matches, is_first, partial);
    if (partial.documents.empty()) {
      return TextScores();
    }
  }
  if (auto added = AddDropped(plans, kept, partial); !added) {
    return std::move(added).error();
  }
  TextScores scores{.documents = std::move(partial.documents), .scores = std::move(partial.sums)};
  for (std::size_t i = 0; i < scores.scores.size(); ++i) {
    // A variant of other length is worth as much as the query that it stands for.
    const std::int64_t sum = scores.scores[i] * static_cast<std::int64_t>(scale.query_size) /
                             static_cast<std::int64_t>(plans.size());
    scores.scores[i] = TextScore(scale.units, partial.penalties[i] + scale.penalty, sum);
  }
  return scores;
}

bool VariantMatcher::IsWeightFirst() const {
  return options_->text_match_type == SearchRequest::TextMatchType::kMaxWeight;
}

std::int64_t VariantMatcher::WorthOf(UnitMark mark) const {
  if (options_->text_match_type == SearchRequest::TextMatchType::kSumScore) {
    return Worth(mark.all());
  }
  const bool counts_all = options_->prioritize_num_matching_fields && !IsWeightFirst();
  return Worth(mark.best() + (counts_all ? (mark.all() - mark.best()) / 4 : 0));
}

void VariantMatcher::AddUnit(std::int64_t rarity, UnitMatches& matches, bool is_first,
                             Partial& partial) const {
  const std::size_t size = matches.documents.size();
  std::vector<std::int64_t> sums(size);
  std::vector<std::uint32_t> penalties(size);
  std::size_t before = 0;
  for (std::size_t i = 0; i < size; ++i) {
    sums[i] = WorthOf(matches.marks[i]) * rarity;
    penalties[i] = matches.marks[i].penalty();
    if (!is_first) {
      while (partial.documents[before] != matches.documents[i]) {
        ++before;
      }
      sums[i] += partial.sums[before];
      penalties[i] += partial.penalties[before];
    }
  }
  partial.documents = std::move(matches.documents);
  partial.sums = std::move(sums);
  partial.penalties = std::move(penalties);
}

Result<void> VariantMatcher::AddDropped(const std::vector<UnitPlan>& plans, const KeptUnits& kept,
                                        Partial& partial) {
  for (std::size_t unit = 0; unit < plans.size(); ++unit) {
    if (std::binary_search(kept.begin(), kept.end(), unit)) {
      continue;
    }
    const auto matches = units_.Match(plans[unit], within_, partial.documents, IsWeightFirst());
    if (!matches) {
      return matches.error();
    }
    std::size_t at = 0;
    for (std::size_t i = 0; i < matches->documents.size(); ++i) {
      while (partial.documents[at] != matches->documents[i]) {
        ++at;
      }
      partial.sums[at] += WorthOf(matches->marks[i]) * plans[unit].rarity;
    }
  }
  return {};
}

}  // namespace cacheindex::index
