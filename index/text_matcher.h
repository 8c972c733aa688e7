#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "index/document_set.h"
#include "index/schema.h"
#include "index/search_context.h"
#include "index/text_index.h"
#include "index/text_query.h"
#include "index/text_scores.h"
#include "node/core/result.h"
#include "node/core/search.h"

namespace cacheindex::index {

/// Longer words that one prefix stands for in one field, at most; beyond, the most frequent ones.
inline constexpr std::size_t kPrefixExpansionsMax = 2'000;

/// A string field in which a query's words are looked for.
struct TextField {
  const Field* field = nullptr;
  /// Any scale; see FieldWeight.
  std::uint32_t weight = 1;
  /// The query's last word may be the start of a longer one.
  bool is_prefix = true;
};

struct TextMatchOptions {
  /// When fewer documents match, words are dropped; 0: never.
  std::uint32_t drop_tokens_threshold = 1;
  SearchRequest::DropTokens drop_tokens_mode = SearchRequest::DropTokens::kRightToLeft;
  /// Queries of more units drop from the right only.
  std::uint32_t drop_tokens_words_max = 3;
  /// Drop words whatever was found.
  bool exhaustive = false;
};

/// What a text query found, and what it takes to explain it.
struct TextMatches {
  TextScores scores;
  /// Units dropped before enough was found.
  std::uint32_t units_dropped = 0;

  /// What each of the query's units is in the words columns.
  struct UnitWords {
    /// Empty: a word that no document ever had.
    std::vector<std::int64_t> words;
    /// Longer words that a prefix stands for, sorted.
    std::vector<std::int64_t> longer_words;
    std::int64_t rarity = 0;
  };
  std::vector<UnitWords> units;
  SearchRequest::DropTokens drop_tokens_mode = SearchRequest::DropTokens::kRightToLeft;
};

/// Finds the documents of `within` that match `query`: every unit occurs in any one of `fields`, no
/// excluded one does. When fewer than the threshold do, units are dropped one by one, and what
/// matches the rest comes after. A query without units finds all of `within` but what it excludes;
/// scores are 0 then, except that punctuation alone finds nothing.
///
/// The words come from the text index, whose state may be a little older than the snapshot; whether
/// words stand next to each other is read from the snapshot. Scores: text_score.h.
///
/// Errors: kUnavailable when the reader fell behind (start over with a refreshed one), kTimeout at
/// the context's deadline.
Result<TextMatches> MatchText(SearchContext& context, const TextReader& reader,
                              const TextQuery& query, const std::vector<TextField>& fields,
                              const DocumentSet& within, const TextMatchOptions& options);

/// Tells why one of the found documents stands where it does.
Result<TextMatch> ExplainMatch(SearchContext& context, const TextReader& reader,
                               const TextQuery& query, const std::vector<TextField>& fields,
                               const TextMatches& matches, DocumentNumber number);

}  // namespace cacheindex::index
