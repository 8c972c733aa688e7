#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "index/columns/document_set.h"
#include "index/columns/search_context.h"
#include "index/columns/sort_ties.h"
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
  /// Where it stands when those agree; see SortTies.
  std::int64_t place = 0;
  DocumentNumber number = 0;
};

/// Compares documents by all keys, and as SortTies says when those agree.
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

  /// Forgets looked up strings and ids of documents for which `is_kept` does not hold, to bound
  /// memory.
  template <class Predicate>
  void Keep(const Predicate& is_kept) {
    for (auto& strings : strings_) {
      if (strings) {
        strings->Keep(is_kept);
      }
    }
    ties_.Keep(is_kept);
  }
  /// Whether there is anything that Keep could forget.
  bool remembers() const noexcept;

  /// Returns the whole string (or id) behind a rank of key `key`, nullptr when the key has none or
  /// the document has none. Those of equal ranks are told apart by CompareTexts.
  const std::string* TextOf(std::size_t key, const SortCandidate& candidate);

  /// Compares what TextOf returned for the same key, before its direction.
  std::strong_ordering CompareTexts(std::size_t key, const std::string& a,
                                    const std::string& b) const;

  /// The first failure to look something up, after which the order means nothing.
  std::optional<Error> failure() const;

 private:
  explicit SortComparator(SortTies ties) : ties_(std::move(ties)) {}

  // Whether documents of this rank may still be told apart by their texts.
  bool HasMoreText(std::size_t key, const SortRank& rank) const;

  std::vector<SortRanks> ranks_;
  std::vector<std::optional<SortStrings>> strings_;
  std::vector<bool> is_descending_;
  // By key: whether it is the order in which documents stand by themselves.
  std::vector<bool> is_insertion_;
  SortTies ties_;
};

}  // namespace cacheindex::index
