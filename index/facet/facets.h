#pragma once

#include <string>
#include <vector>

#include "index/columns/document_set.h"
#include "index/columns/search_context.h"
#include "index/documents/visible_fields.h"
#include "index/facet/facet_plan.h"
#include "index/facet/facet_query.h"
#include "index/facet/facet_selection.h"
#include "index/group/document_groups.h"
#include "node/core/result.h"
#include "node/core/search.h"

namespace cacheindex::index {

/// What `facet_by`, `facet_query` and `max_facet_values` ask for (api/README.md 2.5), as a plan.
///
/// Counts are exact: a document counts once for each different value it has. Values are ordered by
/// count, the most frequent first, then the shorter, then the greater by bytes; where another order
/// leaves some equal, these decide. Fields of a wildcard are ordered by name, and left out without
/// a value: which fields are known besides those that documents have is each node's own, as is the
/// order in which documents and values arrived.
///
/// Threads: immutable.
class FacetPlan {
 public:
  /// Unknown fields are left out when the request does not validate names.
  /// Errors: kNotFound for a field that is no facet, kUnprocessable for the limits of facet_plan.h,
  /// kInvalidArgument for everything else that is wrong.
  static Result<FacetPlan> Parse(const SearchRequest& request, const VisibleFields& visible);

  bool IsEmpty() const noexcept { return fields_.empty(); }
  const std::vector<FacetField>& fields() const noexcept { return fields_; }
  std::uint32_t values_max() const noexcept { return values_max_; }
  /// What is shown of the objects that values stand in.
  const KeyScope& scope() const noexcept { return scope_; }

  /// Returns a value that is shown, with what `matcher` marks up between this plan's tags.
  FacetValue Show(ShownFacetValue value, const FacetMatcher& matcher) const;

  /// Returns the counts among `found`, one for each field in the order of `facet_by`. With
  /// `groups`, which may be nullptr, groups are counted instead of documents.
  ///
  /// Cost: 1 to 2 ns for each found document and field (benchmarks/columns), and a look-up in the
  /// dictionary for each value that is shown or ties with the last one; `facet_query` and
  /// alphabetical order look at all.
  /// Errors: kTimeout, and those of the view.
  Result<std::vector<FacetCounts>> Count(SearchContext& context, const DocumentSet& found,
                                         const DocumentGroups* groups = nullptr) const;

 private:
  std::vector<FacetField> fields_;
  std::uint32_t values_max_ = 0;
  KeyScope scope_;
  std::string highlight_start_tag_;
  std::string highlight_end_tag_;
};

}  // namespace cacheindex::index
