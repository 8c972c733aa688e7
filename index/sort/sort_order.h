#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

#include "index/columns/document_set.h"
#include "index/columns/search_context.h"
#include "index/documents/visible_fields.h"
#include "index/filter/filter.h"
#include "index/match/text_scores.h"
#include "index/sort/sort_groups.h"
#include "index/sort/sort_plan.h"
#include "index/sort/sort_sources.h"
#include "node/core/document.h"
#include "node/core/result.h"
#include "node/core/search.h"

namespace cacheindex::index {

/// What `sort_by` asks for (api/README.md 2.5), as a plan.
///
/// Ties are broken by `_text_match` when there is a query, fewer than three keys were named and
/// `_text_match` is not among them, and then always as SortTies says: by id where other nodes build
/// the collection too, else by creation; the last first. So the order is total, pages never
/// overlap, and every node has the same.
///
/// Strings are ordered by their normal form (tokenizer.h).
/// Threads: immutable.
class SortOrder {
 public:
  /// An empty `sort_by` means `_text_match:desc` when there is a query, then the schema's default
  /// sorting field, descending, when it has one that is visible.
  /// Keys of unknown fields are left out when `options` do not validate names; where none is left,
  /// `sort_by` counts as empty.
  /// Errors: kNotFound for a field that cannot be sorted on, kUnprocessable for too many keys,
  /// kInvalidArgument for everything else that is wrong.
  static Result<SortOrder> Parse(std::string_view sort_by, const VisibleFields& fields,
                                 bool has_text_query, const FilterOptions& options = {});

  bool UsesTextScores() const noexcept;
  /// Whether it orders groups by their size, which only makes sense when there are groups.
  bool UsesGroupSizes() const noexcept;
  /// For a search whose groups were left out.
  void IgnoreGroupSizes() noexcept;
  const std::vector<SortKey>& keys() const noexcept { return keys_; }

  /// Returns the `count` best of `found`, best first; all when there are fewer. `scores` may be
  /// nullptr when UsesTextScores is false; found documents without a score come last.
  ///
  /// Cost: about 2 ns a found document for a number (benchmarks/columns), as pages that cannot
  /// contribute are skipped. Strings that agree in their first eight bytes are looked up.
  /// Errors: kTimeout, and those of the view.
  Result<std::vector<DocumentNumber>> Top(SearchContext& context, const DocumentSet& found,
                                          const TextScores* scores, std::size_t count) const;

  /// Returns the best groups of `found` in the order of their best documents, each with its best
  /// documents. Every document of `found` is in one of `sources.groups`.
  /// Errors: as Top.
  Result<std::vector<RankedGroup>> TopGroups(SearchContext& context, const DocumentSet& found,
                                             const SortSources& sources,
                                             const GroupSelection& selection) const;

  /// Returns how far a document is from the places that the order names, as far as it has one.
  Result<std::vector<GeoDistance>> Distances(SearchContext& context, DocumentNumber number) const;

 private:
  // At most kSortKeysMax.
  std::vector<SortKey> keys_;
};

}  // namespace cacheindex::index
