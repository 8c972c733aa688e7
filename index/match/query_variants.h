#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "index/match/text_query.h"
#include "index/words/text_rules.h"
#include "node/core/search.h"

namespace cacheindex::index {

/// Ways to ask one query, at most; more synonyms than that are left out, those of several places at
/// once first.
inline constexpr std::size_t kQueryVariantsMax = 24;

/// One way to ask a query.
struct QueryVariant {
  std::vector<QueryUnit> units{};
  /// See text_score.h; 0: as it was asked.
  std::uint32_t penalty = 0;
};

struct SynonymOptions {
  /// How the words are split: as those of the query.
  const TextRules* text_rules = &TextRules::Default();
  std::vector<SynonymRule> rules{};
  /// The query's last word may be the start of the one that has synonyms.
  bool is_prefix = false;
  /// Edits between a word of the query and the one that has synonyms.
  std::uint32_t edits_max = 0;
  bool is_demoted = false;
};

/// Returns the query as it was asked, and then with synonyms instead of what they stand for, in one
/// place and in several. Quoted phrases have no synonyms.
std::vector<QueryVariant> ExpandSynonyms(const TextQuery& query, const SynonymOptions& options);

/// Returns the query with two neighbouring words written as one, for each two.
std::vector<QueryVariant> JoinWords(const TextQuery& query);

/// Returns the query with one word written as two neighbouring ones, for each way to do so.
std::vector<QueryVariant> SplitWords(const TextQuery& query);

}  // namespace cacheindex::index
