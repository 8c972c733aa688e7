#pragma once

#include <array>
#include <optional>
#include <span>
#include <vector>

#include "index/document_set.h"
#include "index/search_context.h"
#include "index/sort/sort_plan.h"
#include "index/sort/sort_ranks.h"
#include "index/sort/sort_sources.h"
#include "index/sort/sort_strings.h"
#include "node/core/document.h"
#include "node/core/result.h"

namespace cacheindex::index {

/// A document with its ranks.
struct SortCandidate {
  std::array<SortRank, kSortKeysMax> ranks;
  DocumentNumber number = 0;
};

/// Compares documents by all keys, and by number when those agree: the newest first.
///
/// Threads: one at a time. Lifetime: within that of the context, the keys and the sources.
class SortComparator {
 public:
  /// Errors: as SortRanks::Create.
  static Result<SortComparator> Create(SearchContext& context, std::span<const SortKey> keys,
                                       const DocumentSet& found, const SortSources& sources);

  /// The first key. Requires that there are keys.
  const SortRanks& first() const noexcept { return ranks_.front(); }

  SortCandidate CandidateOf(DocumentNumber number) const;
  /// As CandidateOf, with the first key's rank known.
  SortCandidate CandidateOf(DocumentNumber number, const SortRank& first) const;

  /// Strings that their first bytes do not tell apart are looked up.
  bool IsBefore(const SortCandidate& a, const SortCandidate& b);

  /// Forgets looked up strings of documents for which `is_kept` does not hold, to bound memory.
  template <class Predicate>
  void Keep(const Predicate& is_kept) {
    for (auto& strings : strings_) {
      if (strings) {
        strings->Keep(is_kept);
      }
    }
  }
  bool uses_strings() const noexcept;

  /// Returns the whole string behind a rank of key `key`, nullptr when the key is no string or the
  /// document has none.
  const std::string* StringOf(std::size_t key, const SortCandidate& candidate);

  /// The first failure to look something up, after which the order means nothing.
  std::optional<Error> failure() const;

 private:
  // Whether a sort key leaves out the end of its string.
  bool IsCutOff(std::size_t key, const SortRank& rank) const;

  std::vector<SortRanks> ranks_;
  std::vector<std::optional<SortStrings>> strings_;
  std::vector<bool> is_descending_;
};

}  // namespace cacheindex::index
