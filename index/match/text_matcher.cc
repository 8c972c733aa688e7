#include "index/match/text_matcher.h"

#include <algorithm>
#include <utility>

#include "index/columns/word_dictionary.h"
#include "index/match/match_windows.h"
#include "index/match/nearness.h"
#include "index/match/variant_matcher.h"

namespace cacheindex::index {
namespace {

constexpr std::uint32_t kEditsMax = 2;

// One way to ask the query, and where its units can be found.
struct PlannedVariant {
  QueryVariant variant;
  /// Words may be dropped from it.
  bool may_drop = true;
  /// As written, without typos.
  std::vector<UnitPlan> exact;
  std::vector<UnitPlan> plans;
};

class Matcher {
 public:
  Matcher(SearchContext& context, const TextReader& reader, WordLists& words,
          const std::vector<TextField>& fields, DocumentSet within, const TextMatchOptions& options,
          const DocumentFilter& filter, std::uint32_t document_count)
      : context_(&context),
        words_(&words),
        fields_(&fields),
        options_(&options),
        planner_(context, reader, fields,
                 {.document_count = document_count, .stemming = options.stemming.get()}),
        matcher_(context, reader, std::move(within), options, filter) {}

  Result<void> Exclude(const QueryUnit& unit) {
    const auto plan = planner_.Plan(unit);
    if (!plan) {
      return plan.error();
    }
    return matcher_.Exclude(*plan);
  }

  // Called after the last Exclude.
  Result<TextMatches> Run(const TextQuery& query) {
    matcher_.Begin();
    query_size_ = query.units.size();
    Result<void> done = MatchAsAsked(query);
    if (done && (options_->exhaustive || Found() < options_->typo_tokens_threshold)) {
      done = MatchTypos();
    }
    if (done && options_->drop_tokens_threshold > 0) {
      done = MatchFewer();
    }
    if (!done) {
      return std::move(done).error();
    }
    TextMatches matches;
    matches.scores = std::move(scores_);
    for (PlannedVariant& planned : variants_) {
      matches.variants.push_back(std::move(planned.plans));
    }
    return matches;
  }

  // What may be found at all. Called after the last Exclude.
  Result<const DocumentSet*> Allowed() { return matcher_.Allowed(); }

 private:
  std::size_t Found() const { return scores_.documents.size(); }

  Result<void> Add(QueryVariant variant) {
    PlannedVariant planned{
        .variant = std::move(variant), .may_drop = true, .exact = {}, .plans = {}};
    for (const QueryUnit& unit : planned.variant.units) {
      auto plan = planner_.Plan(unit);
      if (!plan) {
        return std::move(plan).error();
      }
      planned.exact.push_back(std::move(*plan));
    }
    planned.plans = planned.exact;
    variants_.push_back(std::move(planned));
    return {};
  }

  Result<void> MatchAsAsked(const TextQuery& query) {
    for (QueryVariant& variant : ExpandSynonyms(query, options_->synonyms)) {
      if (auto added = Add(std::move(variant)); !added) {
        return added;
      }
    }
    if (IsInfixWanted(false)) {
      if (auto added = AddContaining(false); !added) {
        return added;
      }
    }
    if (auto matched = MatchAll(0, 0); !matched) {
      return matched;
    }
    const bool is_off = options_->split_join_tokens == SearchRequest::SplitJoin::kOff;
    const bool is_always = options_->split_join_tokens == SearchRequest::SplitJoin::kAlways;
    if (!is_off && (is_always || Found() == 0)) {
      if (auto matched = MatchSplitAndJoined(query); !matched) {
        return matched;
      }
    }
    if (Found() > 0 || !IsInfixWanted(true)) {
      return {};
    }
    if (auto added = AddContaining(true); !added) {
      return added;
    }
    return MatchAll(0, 0);
  }

  Result<void> MatchSplitAndJoined(const TextQuery& query) {
    const std::size_t first = variants_.size();
    const WordDictionary dictionary(context_->view(), context_->schema().words_column);
    for (const auto& ways : {JoinWords(query), SplitWords(query)}) {
      for (const QueryVariant& way : ways) {
        auto is_known = IsKnown(dictionary, way);
        if (!is_known) {
          return std::move(is_known).error();
        }
        if (*is_known && variants_.size() < first + kQueryVariantsMax) {
          if (auto added = Add(way); !added) {
            return added;
          }
          variants_.back().may_drop = false;
        }
      }
    }
    return MatchAll(first, 0);
  }

  // Whether some document had every word once; the last one of a prefix is not looked for.
  static Result<bool> IsKnown(const WordDictionary& dictionary, const QueryVariant& variant) {
    for (const QueryUnit& unit : variant.units) {
      for (std::size_t i = 0; i + (unit.is_prefix ? 1 : 0) < unit.words.size(); ++i) {
        const auto number = dictionary.Find(unit.words[i]);
        if (!number || !*number) {
          return number ? Result<bool>(false) : Result<bool>(number.error());
        }
      }
    }
    return true;
  }

  bool IsInfixWanted(bool is_fallback) const {
    const auto wanted =
        is_fallback ? SearchRequest::Infix::kFallback : SearchRequest::Infix::kAlways;
    return std::any_of(fields_->begin(), fields_->end(),
                       [wanted](const TextField& field) { return field.infix == wanted; });
  }

  // Adds to the query as it was asked the words that have its first one inside.
  Result<void> AddContaining(bool is_fallback) {
    const auto list = words_->Read(*context_);
    if (!list) {
      return list.error();
    }
    PlannedVariant& asked = variants_.front();
    UnitPlan& plan = asked.exact.front();
    auto added = planner_.AddContaining(asked.variant.units.front(), is_fallback, options_->infix,
                                        **list, plan);
    asked.plans.front() = plan;
    return added;
  }

  // How many edits words may have: those that nobody has, and the others.
  struct TypoStep {
    std::uint32_t unknown = 0;
    std::uint32_t known = 0;
  };

  // A word that nobody has is looked up first: what it stands for is most likely all that is wrong.
  std::vector<TypoStep> TypoSteps() const {
    if (options_->exhaustive) {
      return {{kEditsMax, kEditsMax}};
    }
    std::vector<TypoStep> steps;
    const std::vector<UnitPlan>& units = variants_.front().exact;
    if (std::any_of(units.begin(), units.end(), IsUnknown)) {
      steps = {{1, 0}, {2, 0}};
    }
    steps.push_back({2, 1});
    steps.push_back({2, 2});
    return steps;
  }

  // More edits may also turn a longer word into a whole one, which fewer fields allow: as many
  // words need not be the same.
  static bool HaveSameWords(const UnitPlan& left, const UnitPlan& right) {
    return std::equal(left.alternatives.begin(), left.alternatives.end(),
                      right.alternatives.begin(), right.alternatives.end(),
                      [](const UnitAlternative& one, const UnitAlternative& other) {
                        return one.penalty == other.penalty && one.words == other.words;
                      });
  }

  static bool IsUnknown(const UnitPlan& plan) { return plan.frequency == 0; }

  Result<void> MatchTypos() {
    if (options_->typo_tokens_threshold == 0) {
      return {};
    }
    const auto list = words_->Read(*context_);
    if (!list) {
      return list.error();
    }
    PlannedVariant& asked = variants_.front();
    for (const TypoStep step : TypoSteps()) {
      bool has_others = false;
      for (std::size_t i = 0; i < asked.plans.size(); ++i) {
        UnitPlan plan = asked.exact[i];
        auto added = planner_.AddSimilar(asked.variant.units[i], options_->typos,
                                         IsUnknown(plan) ? step.unknown : step.known,
                                         options_->typo_candidates, **list, plan);
        if (!added) {
          return added;
        }
        has_others = has_others || !HaveSameWords(plan, asked.plans[i]);
        asked.plans[i] = std::move(plan);
      }
      if (has_others) {
        if (auto matched = MatchAll(0, 0); !matched) {
          return matched;
        }
      }
      if (Found() >= options_->typo_tokens_threshold) {
        return {};
      }
      const bool is_hopeless = step.unknown == kEditsMax &&
                               std::any_of(asked.plans.begin(), asked.plans.end(), IsUnknown);
      if (is_hopeless && !options_->exhaustive) {
        return {};
      }
    }
    return {};
  }

  Result<void> MatchFewer() {
    for (std::size_t dropped = 1; dropped < query_size_; ++dropped) {
      if (Found() >= options_->drop_tokens_threshold && !options_->exhaustive) {
        return {};
      }
      if (auto matched = MatchAll(0, dropped); !matched) {
        return matched;
      }
    }
    return {};
  }

  // Adds what the variants from `first` on find without `dropped` of their units.
  Result<void> MatchAll(std::size_t first, std::size_t dropped) {
    for (std::size_t i = first; i < variants_.size(); ++i) {
      const PlannedVariant& planned = variants_[i];
      const std::size_t count = planned.plans.size();
      if (count <= dropped || (dropped > 0 && !planned.may_drop)) {
        continue;
      }
      std::vector<std::uint32_t> frequencies;
      for (const UnitPlan& plan : planned.plans) {
        frequencies.push_back(plan.frequency);
      }
      const auto mode =
          EffectiveMode(options_->drop_tokens_mode, count, options_->drop_tokens_words_max);
      for (const KeptUnits& kept : ChoicesOfSize(mode, frequencies, count - dropped)) {
        auto found = matcher_.Match(planned.plans, kept,
                                    {.units = query_size_ - dropped,
                                     .query_size = query_size_,
                                     .penalty = planned.variant.penalty});
        if (!found) {
          return std::move(found).error();
        }
        MergeScores(std::move(*found), scores_);
      }
    }
    return {};
  }

  SearchContext* context_;
  WordLists* words_;
  const std::vector<TextField>* fields_;
  const TextMatchOptions* options_;
  UnitPlanner planner_;
  VariantMatcher matcher_;
  std::size_t query_size_ = 0;
  /// As it was asked first.
  std::vector<PlannedVariant> variants_;
  TextScores scores_;
};

}  // namespace

Result<TextMatches> MatchText(SearchContext& context, const TextReader& reader, WordLists& words,
                              const TextQuery& query, const std::vector<TextField>& fields,
                              const DocumentSet& within, const TextMatchOptions& options,
                              const DocumentFilter& filter) {
  const auto document_count = reader.DocumentCount();
  if (!document_count) {
    return document_count.error();
  }
  Matcher matcher(context, reader, words, fields, within, options, filter, *document_count);
  for (const QueryUnit& unit : query.excluded) {
    if (auto excluded = matcher.Exclude(unit); !excluded) {
      return std::move(excluded).error();
    }
  }
  if (query.units.empty()) {
    TextMatches matches;
    if (query.is_match_all || !query.excluded.empty()) {
      const auto allowed = matcher.Allowed();
      if (!allowed) {
        return allowed.error();
      }
      (*allowed)->ForEach(
          [&](DocumentNumber number) { matches.scores.documents.push_back(number); });
      matches.scores.scores.resize(matches.scores.documents.size());
    }
    return matches;
  }
  auto matches = matcher.Run(query);
  if (!matches) {
    return matches;
  }
  const NearnessOptions nearness{.prefers_exact = options.prioritize_exact_match,
                                 .prefers_early = options.prioritize_token_position};
  if (auto raised =
          RaiseNear(context, fields, matches->variants.front(), nearness, matches->scores);
      !raised) {
    return std::move(raised).error();
  }
  return matches;
}

}  // namespace cacheindex::index
