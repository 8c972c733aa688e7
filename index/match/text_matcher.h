#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "index/columns/document_set.h"
#include "index/columns/search_context.h"
#include "index/match/query_variants.h"
#include "index/match/text_query.h"
#include "index/match/text_scores.h"
#include "index/match/unit_plan.h"
#include "index/match/unit_planner.h"
#include "index/match/word_lists.h"
#include "index/text/text_index.h"
#include "node/core/result.h"
#include "node/core/search.h"

namespace cacheindex::index {

/// Words with typos that one word stands for when a request does not say how many, at most.
inline constexpr std::size_t kTypoCandidates = 50;

/// Words with typos that one word stands for, whatever a request says.
inline constexpr std::size_t kTypoCandidatesMax = 10'000;

struct TextMatchOptions {
  /// When fewer documents match, words are dropped; 0: never.
  std::uint32_t drop_tokens_threshold = 1;
  SearchRequest::DropTokens drop_tokens_mode = SearchRequest::DropTokens::kByRarity;
  /// Queries of more units drop from the right only.
  std::uint32_t drop_tokens_words_max = 3;
  /// Look for typos and drop words whatever was found.
  bool exhaustive = false;

  /// When fewer documents match, words with typos will do; 0: never.
  std::uint32_t typo_tokens_threshold = 1;
  TypoOptions typos{};
  std::size_t typo_candidates = kTypoCandidates;
  SearchRequest::SplitJoin split_join_tokens = SearchRequest::SplitJoin::kFallback;
  WordList::InfixLimits infix{};
  SynonymOptions synonyms{};
  /// See WordForms; the request's.
  std::shared_ptr<const StemmingDictionaries> stemming{};

  SearchRequest::TextMatchType text_match_type = SearchRequest::TextMatchType::kMaxScore;
  bool prioritize_exact_match = true;
  bool prioritize_token_position = false;
  bool prioritize_num_matching_fields = true;
};

/// What a text query found, and what it takes to explain it.
struct TextMatches {
  TextScores scores;
  /// The ways to ask the query that were tried, as it was asked first: the plans of their units.
  std::vector<std::vector<UnitPlan>> variants;
};

/// Returns those of some documents that a request lets through otherwise; asked more than once, and
/// about any documents.
using DocumentFilter = std::function<Result<DocumentSet>(const DocumentSet& documents)>;

/// Finds the documents of `within` that match `query`: every unit, or what it may stand for, occurs
/// in any one of `fields`, no excluded one does. A query without units finds all of `within` but
/// what it excludes, with scores of 0; one that excludes nothing either, as its words are all
/// stopwords, finds nothing.
///
/// Tried in this order, each when what was found before is not enough: the words as they are and
/// their synonyms; words split in two and joined, and words inside others; words with one typo,
/// with two; fewer words.
///
/// Of those only what `filter`, when there is one, lets through. A query that finds little asks it
/// about that, instead of about all of `within`: a number of a million documents lies in megabytes
/// (benchmarks: the listing row of `search`).
///
/// The words come from the text index, whose state may be a little older than the snapshot; whether
/// words stand next to each other is read from the snapshot. Scores: text_score.h.
///
/// Errors: kUnavailable when the reader fell behind (start over with a refreshed one), kTimeout at
/// the context's deadline.
Result<TextMatches> MatchText(SearchContext& context, const TextReader& reader, WordLists& words,
                              const TextQuery& query, const std::vector<TextField>& fields,
                              const DocumentSet& within, const TextMatchOptions& options,
                              const DocumentFilter& filter = {});

/// Tells why one of the found documents stands where it does.
Result<TextMatch> ExplainMatch(SearchContext& context, const TextQuery& query,
                               const std::vector<TextField>& fields, const TextMatches& matches,
                               DocumentNumber number);

/// Returns what to mark in a hit: the query and all that its words stood for.
TextQuery MatchedWords(const TextQuery& query, const TextMatches& matches);

}  // namespace cacheindex::index
