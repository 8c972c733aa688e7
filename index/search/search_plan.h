#pragma once

#include <cstdint>
#include <vector>

#include "index/facet/facets.h"
#include "index/filter/filter.h"
#include "index/group/document_groups.h"
#include "index/match/text_matcher.h"
#include "index/match/text_query.h"
#include "index/schema/schema.h"
#include "index/sort/sort_order.h"
#include "node/core/result.h"
#include "node/core/search.h"

namespace cacheindex::index {

/// A filter besides the search's own.
struct PlannedFilter {
  Filter filter;
  bool spares_pinned = false;
};

/// One search, understood and checked against the schema: every limit and every mistake is found
/// here, before anything is read.
struct SearchPlan {
  TextQuery query;
  /// Where to look for the query's words. Empty when there is none, and where the request names
  /// only unknown fields and does not want to be told: then nothing is found.
  std::vector<TextField> text_fields;
  TextMatchOptions text_options;
  Filter filter;
  std::vector<PlannedFilter> further_filters;
  SortOrder order;
  FacetPlan facets;
  /// Empty: hits stand by themselves.
  std::vector<GroupField> group_fields;
  /// Hits, or groups, to skip, and those to show after them.
  std::size_t skip = 0;
  std::size_t take = 0;
};

/// What the request names itself must be visible to its key, and what answers show of values as
/// well where the key names it. Errors: those of the parts, and for the fields of `query_by` and
/// `highlight_fields`; each names what is wrong.
Result<SearchPlan> PlanSearch(const SearchRequest& request, const Schema& schema);

}  // namespace cacheindex::index
