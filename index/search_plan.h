#pragma once

#include <cstdint>
#include <vector>

#include "index/facets.h"
#include "index/filter.h"
#include "index/schema.h"
#include "index/sort_order.h"
#include "index/text_matcher.h"
#include "index/text_query.h"
#include "node/core/result.h"
#include "node/core/search.h"

namespace cacheindex::index {

/// One search, understood and checked against the schema: every limit and every mistake is found
/// here, before anything is read.
struct SearchPlan {
  TextQuery query;
  /// Where to look for the query's words. Empty when there is none.
  std::vector<TextField> text_fields;
  TextMatchOptions text_options;
  Filter filter;
  SortOrder order;
  FacetPlan facets;
  /// Hits to skip, and hits to show after them.
  std::size_t skip = 0;
  std::size_t take = 0;
};

/// Errors: those of the parts, and for the fields of `query_by` and `highlight_fields`; each names
/// what is wrong.
Result<SearchPlan> PlanSearch(const SearchRequest& request, const Schema& schema);

}  // namespace cacheindex::index
