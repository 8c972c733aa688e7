// Explains hits from the words columns of the snapshot: for the few hits of a page that is cheaper
// than asking the text index for every word again.

#include <algorithm>
#include <utility>

#include "index/match/text_matcher.h"
#include "index/match/text_score.h"
#include "index/match/word_order.h"

namespace cacheindex::index {
namespace {

// What a unit counts where it occurs as it was asked; each step of a penalty takes one off.
constexpr std::uint32_t kWholeFactor = 16;

// Returns 0 when the unit is not there.
std::uint32_t FactorOf(const UnitPlan& unit, const TextField& field,
                       const cache::ColumnValues& words) {
  std::uint32_t factor = 0;
  for (const UnitAlternative& alternative : unit.alternatives) {
    const WordSequence& numbers = alternative.numbers;
    const std::uint32_t whole = kWholeFactor - std::min(alternative.penalty, kUnitPenaltyMax);
    if (whole <= factor) {
      continue;
    }
    if (ContainsInOrder(words, numbers.words)) {
      factor = whole;
    } else if (field.is_prefix && !numbers.longer_words.empty() &&
               ContainsBegun(words, numbers.words_before(), numbers.longer_words)) {
      factor = std::max(factor, whole - kLongerPenalty);
    }
  }
  return factor;
}

std::int64_t ScoreOf(const TextScores& scores, DocumentNumber number) {
  const auto found = std::lower_bound(scores.documents.begin(), scores.documents.end(), number);
  if (found == scores.documents.end() || *found != number) {
    return 0;
  }
  return scores.scores[static_cast<std::size_t>(found - scores.documents.begin())];
}

// How one way to ask the query occurs in one document.
struct Occurrence {
  /// Units that occur in any field.
  std::size_t units = 0;
  std::uint32_t fields = 0;
  std::int64_t best_score = 0;
  std::uint32_t best_weight = 0;
};

Occurrence Find(const std::vector<UnitPlan>& variant, const std::vector<TextField>& fields,
                const std::vector<cache::ColumnValues>& words) {
  std::uint32_t weight_max = 0;
  for (const TextField& field : fields) {
    weight_max = std::max(weight_max, field.weight);
  }
  Occurrence occurrence;
  std::vector<bool> is_found(variant.size());
  for (std::size_t i = 0; i < fields.size(); ++i) {
    const std::uint32_t weight = FieldWeight(fields[i].weight, weight_max);
    std::int64_t score = 0;
    for (std::size_t unit = 0; unit < variant.size(); ++unit) {
      const std::uint32_t factor = FactorOf(variant[unit], fields[i], words[i]);
      is_found[unit] = is_found[unit] || factor > 0;
      score += std::int64_t{weight} * factor * variant[unit].rarity;
    }
    occurrence.fields += score > 0 ? 1 : 0;
    if (score > occurrence.best_score) {
      occurrence.best_score = score;
      occurrence.best_weight = weight;
    }
  }
  occurrence.units = static_cast<std::size_t>(std::count(is_found.begin(), is_found.end(), true));
  return occurrence;
}

}  // namespace

Result<TextMatch> ExplainMatch(SearchContext& context, const TextQuery& query,
                               const std::vector<TextField>& fields, const TextMatches& matches,
                               DocumentNumber number) {
  TextMatch match{.score = ScoreOf(matches.scores, number)};
  const std::size_t kept = UnitsOfScore(match.score);
  if (kept == 0 || kept > query.units.size()) {
    return match;
  }
  match.tokens_matched = static_cast<std::uint32_t>(kept);
  match.num_tokens_dropped = static_cast<std::uint32_t>(query.units.size() - kept);
  match.typo_prefix_score = PenaltyOfScore(match.score);
  std::vector<cache::ColumnValues> words;
  for (const TextField& field : fields) {
    const cache::ColumnNumber column = field.field->storage.words;
    const auto pages = context.Pages(column);
    if (!pages) {
      return pages.error();
    }
    words.push_back(WordsOf(**pages, column, number));
  }
  // The way to ask of which most is there; as it was asked among equals.
  Occurrence best;
  for (const std::vector<UnitPlan>& variant : matches.variants) {
    const Occurrence occurrence = Find(variant, fields, words);
    if (best.fields == 0 || occurrence.units > best.units) {
      best = occurrence;
    }
  }
  match.fields_matched = best.fields;
  match.best_field_score = best.best_score;
  match.best_field_weight = best.best_weight;
  return match;
}

}  // namespace cacheindex::index
