#include "index/text_matcher.h"

#include <algorithm>
#include <numeric>
#include <optional>
#include <span>
#include <utility>

#include "index/match_windows.h"
#include "index/text_score.h"
#include "index/unit_matcher.h"
#include "index/word_dictionary.h"

namespace cacheindex::index {
namespace {

// A list of the allowed documents pays when they are so few that posting lists are searched for
// them, instead of read.
constexpr std::size_t kAllowedShare = 32;

// Adds what `more` has and `scores` has not.
void Merge(TextScores more, TextScores& scores) {
  if (scores.documents.empty()) {
    scores = std::move(more);
    return;
  }
  TextScores merged;
  const std::size_t size = scores.documents.size() + more.documents.size();
  merged.documents.reserve(size);
  merged.scores.reserve(size);
  const auto take = [&merged](const TextScores& from, std::size_t& i) {
    merged.documents.push_back(from.documents[i]);
    merged.scores.push_back(from.scores[i]);
    ++i;
  };
  std::size_t i = 0;
  std::size_t j = 0;
  while (i < scores.documents.size() || j < more.documents.size()) {
    const bool has_first = i < scores.documents.size();
    const bool has_second = j < more.documents.size();
    if (has_first && has_second && scores.documents[i] == more.documents[j]) {
      ++j;
    } else if (has_first && (!has_second || scores.documents[i] < more.documents[j])) {
      take(scores, i);
    } else {
      take(more, j);
    }
  }
  scores = std::move(merged);
}

class Matcher {
 public:
  Matcher(SearchContext& context, const TextReader& reader, const std::vector<TextField>& fields,
          DocumentSet within)
      : fields_(&fields), within_(std::move(within)), units_(context, reader) {}

  Result<void> Plan(const TextQuery& query, std::uint32_t document_count) {
    for (const QueryUnit& unit : query.units) {
      auto plan = units_.Plan(unit, *fields_, document_count);
      if (!plan) {
        return std::move(plan).error();
      }
      plans_.push_back(std::move(*plan));
    }
    return {};
  }

  Result<void> Exclude(const QueryUnit& unit) {
    const auto plan = units_.Plan(unit, *fields_, 0);
    if (!plan) {
      return plan.error();
    }
    const auto matches = units_.Match(*plan, within_, std::nullopt);
    if (!matches) {
      return matches.error();
    }
    for (const DocumentNumber number : matches->documents) {
      within_.Remove(number);
    }
    return {};
  }

  // Called after the last Exclude.
  void ListAllowed() {
    if (within_.Count() < within_.capacity() / kAllowedShare) {
      allowed_.emplace();
      within_.ForEach([this](DocumentNumber number) { allowed_->push_back(number); });
    }
  }

  // Finds the documents that match all units of the window.
  Result<TextScores> Match(MatchWindow window) {
    std::vector<std::size_t> order(window.size);
    std::iota(order.begin(), order.end(), window.begin);
    // The rarest first: what it leaves decides how much of the others has to be read.
    std::stable_sort(order.begin(), order.end(), [this](std::size_t left, std::size_t right) {
      return plans_[left].cost < plans_[right].cost;
    });
    TextScores scores;
    std::optional<std::span<const DocumentNumber>> candidates;
    if (allowed_) {
      candidates = *allowed_;
    }
    for (const std::size_t unit : order) {
      auto matches = units_.Match(plans_[unit], within_, candidates);
      if (!matches) {
        return std::move(matches).error();
      }
      AddUnit(plans_[unit].rarity, *matches, unit == order.front(), scores);
      if (scores.documents.empty()) {
        return scores;
      }
      candidates = scores.documents;
    }
    for (std::int64_t& score : scores.scores) {
      score = TextScore(window.size, score);
    }
    return scores;
  }

  const DocumentSet& within() const { return within_; }
  const std::vector<UnitPlan>& plans() const { return plans_; }

 private:
  // `matches` is a subset of the documents so far.
  static void AddUnit(std::int64_t rarity, UnitMatches& matches, bool is_first,
                      TextScores& scores) {
    std::vector<std::int64_t> sums(matches.documents.size());
    std::size_t before = 0;
    for (std::size_t i = 0; i < sums.size(); ++i) {
      sums[i] = matches.values[i] * rarity;
      if (!is_first) {
        while (scores.documents[before] != matches.documents[i]) {
          ++before;
        }
        sums[i] += scores.scores[before];
      }
    }
    scores.documents = std::move(matches.documents);
    scores.scores = std::move(sums);
  }

  const std::vector<TextField>* fields_;
  DocumentSet within_;
  std::optional<std::vector<DocumentNumber>> allowed_;
  UnitMatcher units_;
  std::vector<UnitPlan> plans_;
};

// What ExplainMatch needs and the text index has under other names.
Result<void> DescribeUnits(SearchContext& context, const TextQuery& query,
                           const std::vector<UnitPlan>& plans, TextMatches& matches) {
  const WordDictionary dictionary(context.view(), context.schema().words_column);
  for (std::size_t i = 0; i < plans.size(); ++i) {
    TextMatches::UnitWords unit{
        .words = plans[i].words, .longer_words = {}, .rarity = plans[i].rarity};
    if (query.units[i].is_prefix) {
      auto longer = dictionary.FindPrefix(query.units[i].words.front(), kPrefixExpansionsMax);
      if (!longer) {
        return std::move(longer).error();
      }
      unit.longer_words = std::move(*longer);
      std::sort(unit.longer_words.begin(), unit.longer_words.end());
    }
    matches.units.push_back(std::move(unit));
  }
  return {};
}

Result<void> MatchUnits(Matcher& matcher, std::size_t unit_count, const TextMatchOptions& options,
                        TextMatches& matches) {
  const bool may_drop = options.drop_tokens_threshold > 0;
  for (std::size_t size = unit_count; size > 0; --size) {
    for (const MatchWindow window : WindowsOfSize(matches.drop_tokens_mode, unit_count, size)) {
      auto found = matcher.Match(window);
      if (!found) {
        return std::move(found).error();
      }
      Merge(std::move(*found), matches.scores);
    }
    matches.units_dropped = static_cast<std::uint32_t>(unit_count - size);
    const bool is_enough = matches.scores.documents.size() >= options.drop_tokens_threshold;
    if (!may_drop || (is_enough && !options.exhaustive)) {
      return {};
    }
  }
  return {};
}

}  // namespace

Result<TextMatches> MatchText(SearchContext& context, const TextReader& reader,
                              const TextQuery& query, const std::vector<TextField>& fields,
                              const DocumentSet& within, const TextMatchOptions& options) {
  const auto document_count = reader.DocumentCount();
  if (!document_count) {
    return document_count.error();
  }
  Matcher matcher(context, reader, fields, within);
  for (const QueryUnit& unit : query.excluded) {
    if (auto excluded = matcher.Exclude(unit); !excluded) {
      return std::move(excluded).error();
    }
  }
  TextMatches matches;
  if (query.units.empty()) {
    if (query.is_match_all || !query.excluded.empty()) {
      matcher.within().ForEach(
          [&](DocumentNumber number) { matches.scores.documents.push_back(number); });
      matches.scores.scores.resize(matches.scores.documents.size());
    }
    return matches;
  }
  matcher.ListAllowed();
  matches.drop_tokens_mode =
      EffectiveMode(options.drop_tokens_mode, query.units.size(), options.drop_tokens_words_max);
  if (auto planned = matcher.Plan(query, *document_count); !planned) {
    return std::move(planned).error();
  }
  if (auto matched = MatchUnits(matcher, query.units.size(), options, matches); !matched) {
    return std::move(matched).error();
  }
  if (auto described = DescribeUnits(context, query, matcher.plans(), matches); !described) {
    return std::move(described).error();
  }
  return matches;
}

}  // namespace cacheindex::index
