#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "index/columns/document_set.h"
#include "index/columns/search_context.h"
#include "index/match/match_windows.h"
#include "index/match/text_matcher.h"
#include "index/match/text_scores.h"
#include "index/match/unit_matcher.h"
#include "index/match/unit_plan.h"
#include "index/text/text_index.h"
#include "node/core/result.h"

namespace cacheindex::index {

/// Adds what `more` has; a document that both have keeps the higher score.
void MergeScores(TextScores more, TextScores& scores);

/// Evaluates one way to ask a query at a time: which documents have all its units, and their scores
/// (text_score.h).
///
/// Threads: one at a time. Lifetime: within that of the context, the reader and the options.
class VariantMatcher {
 public:
  /// `filter` may be empty.
  VariantMatcher(SearchContext& context, const TextReader& reader, DocumentSet within,
                 const TextMatchOptions& options, const DocumentFilter& filter);

  /// Takes the documents that match out of what can be found.
  Result<void> Exclude(const UnitPlan& plan);
  /// Called after the last Exclude and before the first Match.
  void Begin();
  /// Returns what can be found, after the filter.
  Result<const DocumentSet*> Allowed();

  struct Scale {
    /// What the kept units count as.
    std::size_t units = 0;
    /// Units of the query as it was asked.
    std::size_t query_size = 0;
    /// Of the variant.
    std::uint32_t penalty = 0;
  };
  /// Finds the documents that match all kept units; dropped ones that they have all the same make
  /// them worth more.
  Result<TextScores> Match(const std::vector<UnitPlan>& plans, const KeptUnits& kept,
                           const Scale& scale);

 private:
  /// What has been found so far: columns of equal length.
  struct Partial {
    std::vector<DocumentNumber> documents;
    std::vector<std::int64_t> sums;
    std::vector<std::uint32_t> penalties;
  };

  void ListAllowed();
  /// Asks the filter about everything, unless that was done.
  Result<void> FilterAll();
  /// Finds the documents that match the unit to look for first.
  Result<UnitMatches> MatchFirst(const UnitPlan& plan);
  /// Keeps what the filter lets through.
  Result<void> FilterMatches(UnitMatches& matches);
  bool IsWeightFirst() const;
  std::int64_t WorthOf(UnitMark mark) const;
  /// `matches` is a subset of the documents so far.
  void AddUnit(std::int64_t rarity, UnitMatches& matches, bool is_first, Partial& partial) const;
  Result<void> AddDropped(const std::vector<UnitPlan>& plans, const KeptUnits& kept,
                          Partial& partial);

  SearchContext* context_;
  const TextMatchOptions* options_;
  const DocumentFilter* filter_;
  /// `within_` is not filtered yet.
  bool is_unfiltered_;
  std::uint32_t filtered_matches_ = 0;
  DocumentSet within_;
  std::optional<std::vector<DocumentNumber>> allowed_;
  UnitMatcher units_;
};

}  // namespace cacheindex::index
