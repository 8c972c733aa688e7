#pragma once

#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include "cache/column_page.h"
#include "index/columns/document_set.h"
#include "index/columns/filter_ranges.h"
#include "index/columns/search_context.h"
#include "index/filter/filter_plan.h"
#include "node/core/result.h"

namespace cacheindex::index {

/// Compares the elements of a string field with the texts of a filter, by word numbers.
///
/// Most documents are decided by one look for a word that must occur; only those that have it are
/// compared element by element.
class WordMatcher {
 public:
  /// Looks the words of `texts` up. `is_whole_value` as in FilterClause.
  /// Errors: kUnprocessable when the prefixes stand for more than kPrefixWordsMax words, kTimeout.
  static Result<WordMatcher> Create(SearchContext& context, std::span<const FilterText> texts,
                                    bool is_whole_value);

  /// Returns the documents of `within` with an element in `words_column` that matches a text.
  Result<DocumentSet> Select(SearchContext& context, cache::ColumnNumber words_column,
                             const DocumentSet& within) const;

 private:
  struct Pattern {
    std::vector<std::int64_t> words;
    /// After the words: one of these.
    bool has_prefix = false;
    RangeSet prefix;
  };

  Result<void> Add(SearchContext& context, const FilterText& text);
  bool Matches(const cache::ColumnValues& values, std::vector<std::int64_t>& element) const;
  bool MatchesElement(std::vector<std::int64_t>& element) const;
  bool IsWhole(const Pattern& pattern, const std::vector<std::int64_t>& element) const;
  bool IsContained(const Pattern& pattern, const std::vector<std::int64_t>& sorted) const;

  bool is_whole_value_ = false;
  std::size_t completions_left_ = kPrefixWordsMax;
  std::vector<Pattern> patterns_;
  // Each pattern under a word that its elements must have (at their beginning, for whole values).
  std::vector<std::pair<std::int64_t, std::uint32_t>> anchors_;
  RangeSet anchor_words_;
  // Words that match on their own, wherever they are.
  RangeSet decisive_words_;
  std::vector<ValueRange> decisive_ranges_;
};

}  // namespace cacheindex::index
