// Explains hits from the words columns of the snapshot: for the few hits of a page that is cheaper
// than asking the text index for every word again.

#include <algorithm>
#include <utility>

#include "index/match_windows.h"
#include "index/text_matcher.h"
#include "index/text_score.h"
#include "index/word_order.h"

namespace cacheindex::index {
namespace {

// Returns 4 for the whole unit, 3 for a longer word, 0 when it is not there.
std::uint32_t FactorOf(const TextMatches::UnitWords& unit, const TextField& field,
                       const cache::ColumnValues& words) {
  if (!unit.words.empty() && ContainsInOrder(words, unit.words)) {
    return kWholeWordFactor;
  }
  if (field.is_prefix && !unit.longer_words.empty()) {
    for (std::uint32_t i = 0; i < words.size(); ++i) {
      if (std::binary_search(unit.longer_words.begin(), unit.longer_words.end(), words[i])) {
        return kPrefixFactor;
      }
    }
  }
  return 0;
}

std::int64_t ScoreOf(const TextScores& scores, DocumentNumber number) {
  const auto found = std::lower_bound(scores.documents.begin(), scores.documents.end(), number);
  if (found == scores.documents.end() || *found != number) {
    return 0;
  }
  return scores.scores[static_cast<std::size_t>(found - scores.documents.begin())];
}

// The factor of each unit in each field.
using Factors = std::vector<std::vector<std::uint32_t>>;

bool IsMatched(const Factors& factors, MatchWindow window) {
  for (std::size_t unit = window.begin; unit < window.begin + window.size; ++unit) {
    const bool is_anywhere =
        std::any_of(factors.begin(), factors.end(),
                    [unit](const auto& in_field) { return in_field[unit] > 0; });
    if (!is_anywhere) {
      return false;
    }
  }
  return true;
}

}  // namespace

Result<TextMatch> ExplainMatch(SearchContext& context, const TextReader& /*reader*/,
                               const TextQuery& query, const std::vector<TextField>& fields,
                               const TextMatches& matches, DocumentNumber number) {
  TextMatch match{.score = ScoreOf(matches.scores, number)};
  const std::size_t kept = UnitsOfScore(match.score);
  if (kept == 0 || kept > matches.units.size()) {
    return match;
  }
  match.tokens_matched = static_cast<std::uint32_t>(kept);
  match.num_tokens_dropped = static_cast<std::uint32_t>(query.units.size() - kept);
  std::uint32_t weight_max = 0;
  Factors factors;
  for (const TextField& field : fields) {
    weight_max = std::max(weight_max, field.weight);
    const cache::ColumnNumber column = field.field->storage.words;
    const auto pages = context.Pages(column);
    if (!pages) {
      return pages.error();
    }
    const cache::ColumnValues words = WordsOf(**pages, column, number);
    auto& in_field = factors.emplace_back();
    for (const TextMatches::UnitWords& unit : matches.units) {
      in_field.push_back(FactorOf(unit, field, words));
    }
  }
  const auto windows = WindowsOfSize(matches.drop_tokens_mode, matches.units.size(), kept);
  auto window = std::find_if(windows.begin(), windows.end(),
                             [&](MatchWindow tried) { return IsMatched(factors, tried); });
  if (window == windows.end()) {
    // The text index is older than this snapshot and saw other words.
    window = windows.begin();
  }
  for (std::size_t i = 0; i < fields.size(); ++i) {
    const std::uint32_t weight = FieldWeight(fields[i].weight, weight_max);
    std::int64_t score = 0;
    for (std::size_t unit = window->begin; unit < window->begin + window->size; ++unit) {
      score += weight * factors[i][unit] * matches.units[unit].rarity;
    }
    if (score > 0) {
      ++match.fields_matched;
    }
    if (score > match.best_field_score) {
      match.best_field_score = score;
      match.best_field_weight = weight;
    }
  }
  return match;
}

}  // namespace cacheindex::index
