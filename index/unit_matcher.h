#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "index/document_set.h"
#include "index/search_context.h"
#include "index/text_index.h"
#include "index/text_matcher.h"
#include "index/text_query.h"
#include "node/core/result.h"

namespace cacheindex::index {

/// Where one unit of a query can be found, and how much that is worth.
struct UnitPlan {
  struct InField {
    const Field* field = nullptr;
    std::uint32_t weight = 0;
    /// One for each word of the unit, and their frequencies.
    std::vector<std::string> terms;
    std::vector<std::uint32_t> frequencies;
    /// What a prefix stands for besides the word itself.
    std::vector<TextReader::Expansion> longer;
  };
  std::vector<InField> fields;
  /// Numbers of the words; empty when the snapshot does not know one of them.
  std::vector<std::int64_t> words;
  std::int64_t rarity = 0;
  /// Postings that have to be looked at, at most.
  std::uint64_t cost = 0;
};

/// Documents that match a unit, ascending, and the unit's value in each (text_score.h).
struct UnitMatches {
  std::vector<DocumentNumber> documents;
  std::vector<std::uint16_t> values;
};

/// Evaluates single units of one query.
///
/// Threads: one at a time. Lifetime: within that of the context and the reader.
class UnitMatcher {
 public:
  UnitMatcher(SearchContext& context, const TextReader& reader)
      : context_(&context), reader_(&reader) {}

  /// `document_count` is the reader's.
  Result<UnitPlan> Plan(const QueryUnit& unit, const std::vector<TextField>& fields,
                        std::uint32_t document_count);

  /// Returns which documents of `within` match. `candidates`, when given, are the only ones that
  /// count: ascending, all of `within`.
  Result<UnitMatches> Match(const UnitPlan& plan, const DocumentSet& within,
                            std::optional<std::span<const DocumentNumber>> candidates);

 private:
  using Documents = std::vector<DocumentNumber>;

  Result<UnitPlan::InField> PlanField(const QueryUnit& unit, const TextField& field,
                                      std::uint32_t weight_max);
  Result<std::vector<std::int64_t>> FindWords(const QueryUnit& unit);

  /// Finds the documents with one term, the cheaper way.
  Result<void> Postings(const std::string& term, std::uint32_t frequency, const DocumentSet& within,
                        std::optional<std::span<const DocumentNumber>> candidates,
                        Documents& documents);
  /// Finds the documents with all words of the unit next to each other in the field.
  Result<void> MatchWords(const UnitPlan& plan, const UnitPlan::InField& field,
                          const DocumentSet& within,
                          std::optional<std::span<const DocumentNumber>> candidates,
                          Documents& documents);
  Result<void> MatchLonger(const UnitPlan::InField& field, const DocumentSet& within,
                           std::optional<std::span<const DocumentNumber>> candidates,
                           Documents& documents);
  Result<void> KeepAdjacent(const UnitPlan& plan, const UnitPlan::InField& field,
                            Documents& documents);
  /// Moves the marks into matches, and clears them.
  UnitMatches TakeMarks(std::optional<std::span<const DocumentNumber>> candidates, bool is_sorted);

  SearchContext* context_;
  const TextReader* reader_;
  /// The unit's value by document number, 0 where it does not match, and the documents that have
  /// one.
  std::vector<std::uint16_t> marks_;
  Documents marked_;
};

}  // namespace cacheindex::index
