#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "index/columns/search_context.h"
#include "index/match/text_query.h"
#include "index/match/unit_plan.h"
#include "index/match/word_forms.h"
#include "index/match/word_list.h"
#include "index/text/text_index.h"
#include "node/core/result.h"

namespace cacheindex::index {

/// Longer words that one prefix stands for in one field, at most; beyond, the most frequent ones.
inline constexpr std::size_t kPrefixExpansionsMax = 2'000;

/// Words of all fields that go on from the last word of a unit of several words (`tn-2`), at most.
/// That word is often a digit, and no order says which of the longer words is meant: the words
/// before it do, so all that begin like it are needed.
inline constexpr std::size_t kBegunWordsMax = 50'000;

/// Words near to an asked one that are looked up, at most; the nearest ones.
inline constexpr std::size_t kSimilarWordsMax = 300;

/// Which words may have typos.
struct TypoOptions {
  /// Characters of a word that may have one edit, and two, at least.
  std::uint32_t one_edit_size = 4;
  std::uint32_t two_edits_size = 7;
  /// In words of digits alone, and in words of digits and letters.
  bool in_numbers = true;
  bool in_mixed_words = true;
};

/// Finds where the units of one query can be found.
///
/// Threads: one at a time. Lifetime: within that of the context, the reader and the fields.
class UnitPlanner {
 public:
  struct Options {
    /// The reader's.
    std::uint32_t document_count = 0;
    /// See WordForms.
    const StemmingDictionaries* stemming = nullptr;
  };
  UnitPlanner(SearchContext& context, const TextReader& reader,
              const std::vector<TextField>& fields, const Options& options);

  /// Plans the unit as it was asked, with the other forms of its last word in fields that ask for
  /// them (word_forms.h); quoted words have none.
  Result<UnitPlan> Plan(const QueryUnit& unit);

  /// Adds words that are up to `edits_max` edits away, at most `candidates_max`: nearer ones before
  /// others, whole words before longer ones, then more frequent ones.
  Result<void> AddSimilar(const QueryUnit& unit, const TypoOptions& options,
                          std::uint32_t edits_max, std::size_t candidates_max,
                          const WordList& words, UnitPlan& plan);

  /// Adds words, and model numbers written as one, that have the unit inside, written as one too,
  /// in fields with one of these choices.
  Result<void> AddContaining(const QueryUnit& unit, bool is_fallback,
                             const WordList::InfixLimits& limits, const WordList& words,
                             UnitPlan& plan);

 private:
  /// What an alternative is allowed in one field.
  struct Rules {
    bool is_prefix = false;
    bool is_allowed = true;
  };

  template <class RulesOf>
  Result<std::uint32_t> AddAlternative(std::span<const std::string> words, bool is_prefix,
                                       std::uint32_t penalty, const RulesOf& rules_of,
                                       UnitPlan& plan);
  /// Adds the other forms of the last of `words`; returns the frequency of the most frequent one.
  Result<std::uint32_t> AddForms(std::span<const std::string> words, UnitPlan& plan);
  Result<UnitSource> PlanField(std::span<const std::string> words, bool is_prefix,
                               const TextField& field);
  Result<WordSequence> FindNumbers(std::span<const std::string> words, bool is_prefix);
  /// Returns in how many documents a field has `word`, at most.
  template <class IsAllowed>
  Result<std::uint32_t> FrequencyOf(const std::string& word, const IsAllowed& is_allowed);
  void SetFrequency(std::uint32_t frequency, UnitPlan& plan) const;

  SearchContext* context_;
  const TextReader* reader_;
  const std::vector<TextField>* fields_;
  std::uint32_t document_count_;
  WordForms forms_;
  std::uint32_t weight_max_ = 0;
};

}  // namespace cacheindex::index
