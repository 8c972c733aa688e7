#pragma once

#include "index/columns/document_set.h"
#include "index/columns/search_context.h"
#include "index/filter/filter_plan.h"
#include "node/core/result.h"

namespace cacheindex::index {

/// Whether SelectByText reads documents for `clause`.
bool ReadsDocuments(const FilterClause& clause) noexcept;

/// Whether SelectByText needs no words for `clause`.
bool UsesWholeValues(const FilterClause& clause) noexcept;

/// Returns the documents of `within` with an element that matches a text of `clause` (kText),
/// whatever the negation says.
///
/// Whole values are compared as numbers: ordinals of a facet's dictionary, else hashes, one
/// comparison a value. Words have a column of their own. Only for what has no words, and for the
/// beginnings of whole values, documents of fields that are no facets are read.
/// Errors: kUnprocessable above kPrefixWordsMax or kDocumentsReadMax, kTimeout, and those of the
/// view.
Result<DocumentSet> SelectByText(SearchContext& context, const FilterClause& clause,
                                 const DocumentSet& within);

}  // namespace cacheindex::index
