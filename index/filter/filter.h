#pragma once

#include <string_view>

#include "index/columns/document_set.h"
#include "index/columns/search_context.h"
#include "index/documents/visible_fields.h"
#include "index/filter/filter_plan.h"
#include "node/core/result.h"

namespace cacheindex::index {

struct FilterOptions {
  /// When false, a comparison with a field that the schema does not have matches nothing instead of
  /// being an error.
  bool validate_field_names = true;
};

/// What `filter_by` asks for (api/README.md 2.3), as a plan that can be evaluated many times.
///
/// Semantics, where the contract leaves them open:
///  - `:=` compares whole values of strings (whole_form.h): case, accents, width and the amount of
///    white space do not matter, punctuation and symbols do, as facets count them apart.
///  - `:` wants all words of the value in one element (tokenizer.h), so punctuation does not
///  matter.
///    A value without words (`+`, an emoji) is looked for as it is anywhere in an element; nothing
///    at all (``) only is what has nothing.
///  - `value*`, back-quoted or not: the last word may go on; with `:=` the element may go on after
///    the value. A bare `*` matches every document with a value in the field.
///  - `:!=` and `:!` match what `:=` and `:` do not, documents without the field included. On
///    arrays `:=` wants one element to match, so `:!=` wants none. A list with `:!=` wants none of
///    its values.
///  - Inside `field.{...}` the same holds for one element of the objects; a negation wants an
///    element of which it is true.
///
/// Threads: immutable.
class Filter {
 public:
  /// Errors: kNotFound for an unknown field, kTooLarge and kUnprocessable for the limits of
  /// filter_plan.h, kInvalidArgument for everything else that is wrong; the messages say what and
  /// where.
  static Result<Filter> Parse(std::string_view text, const VisibleFields& fields,
                              const FilterOptions& options);

  /// Returns the documents of `within` that the filter lets through. The schema of `context` must
  /// be the one that the filter was parsed with.
  ///
  /// Cost: about a nanosecond for each document and number or whole value, several for words
  /// (benchmarks/columns). Documents are read for `field.{...}`, and for a string that is no facet
  /// also by `:=value*` and by `:` with a value without words.
  /// Errors: kTimeout, kUnprocessable when kDocumentsReadMax or kPrefixWordsMax is exceeded, and
  /// those of the view.
  Result<DocumentSet> Evaluate(SearchContext& context, const DocumentSet& within) const;

  /// Whether it lets only documents through whose ids it names: then to evaluate it costs nothing.
  bool NamesDocuments() const noexcept;

  /// Whether it lets everything through.
  bool IsEmpty() const noexcept { return expression_.kind == FilterExpression::Kind::kEverything; }

 private:
  FilterExpression expression_;
};

}  // namespace cacheindex::index
