#pragma once

#include "index/columns/document_set.h"
#include "index/columns/search_context.h"
#include "index/filter/filter_plan.h"
#include "node/core/json.h"
#include "node/core/result.h"

namespace cacheindex::index {

/// Whether `expression` holds for one object, compared value by value.
bool HoldsFor(const FilterExpression& expression, const Json& element);

/// Returns the documents of `candidates` in which `same_element` (kSameElement) holds for one and
/// the same element. Reads every candidate: columns know which values a document has, but not which
/// of them stand together.
/// Errors: kUnprocessable above kDocumentsReadMax, kTimeout, and those of the view.
Result<DocumentSet> KeepSameElement(SearchContext& context, const FilterExpression& same_element,
                                    const DocumentSet& candidates);

/// Returns the documents of `candidates` with an element that matches a text of `clause` (kText),
/// whatever the negation says. Reads every candidate, for what no column knows: what stands between
/// words.
/// Errors: as KeepSameElement.
Result<DocumentSet> KeepMatchingText(SearchContext& context, const FilterClause& clause,
                                     const DocumentSet& candidates);

}  // namespace cacheindex::index
