#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "index/columns/document_set.h"
#include "index/columns/search_context.h"
#include "index/match/unit_marks.h"
#include "index/match/unit_plan.h"
#include "index/text/text_index.h"
#include "node/core/result.h"

namespace cacheindex::index {

/// Documents that match a unit, ascending, and how well each does.
struct UnitMatches {
  std::vector<DocumentNumber> documents;
  std::vector<UnitMark> marks;
};

/// Evaluates single units of one query.
///
/// Threads: one at a time. Lifetime: within that of the context and the reader.
class UnitMatcher {
 public:
  UnitMatcher(SearchContext& context, const TextReader& reader)
      : context_(&context), reader_(&reader) {}

  /// Returns which documents of `within` match. `candidates`, when given, are the only ones that
  /// count: ascending, all of `within`. When `is_weight_first`, an occurrence in a field of more
  /// weight is always worth more.
  Result<UnitMatches> Match(const UnitPlan& plan, const DocumentSet& within,
                            std::optional<std::span<const DocumentNumber>> candidates,
                            bool is_weight_first);

 private:
  using Candidates = std::optional<std::span<const DocumentNumber>>;

  /// Finds the documents with one term, the cheaper way.
  Result<void> Postings(const std::string& term, std::uint32_t frequency, const DocumentSet& within,
                        Candidates candidates, std::vector<Posting>& postings);
  /// Finds the documents with the first `count` words of the source; the impact is the smallest of
  /// theirs.
  Result<void> MatchAll(const UnitSource& source, std::size_t count, const DocumentSet& within,
                        Candidates candidates, std::vector<Posting>& postings);
  /// Finds the documents with all words of the source next to each other.
  Result<void> MatchWhole(const UnitPlan& plan, const UnitSource& source, const DocumentSet& within,
                          Candidates candidates, std::vector<Posting>& postings);
  /// As above, with a longer word in the place of the last one.
  Result<void> MatchLonger(const UnitPlan& plan, const UnitSource& source,
                           const DocumentSet& within, Candidates candidates,
                           std::vector<Posting>& postings);
  /// Keeps the documents whose words in the field please `is_match`.
  template <class IsMatch>
  Result<void> KeepMatching(const UnitSource& source, const IsMatch& is_match,
                            std::vector<Posting>& postings);

  SearchContext* context_;
  const TextReader* reader_;
};

}  // namespace cacheindex::index
