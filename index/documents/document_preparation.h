#pragma once

#include <vector>

#include "index/schema/schema.h"
#include "node/core/document.h"
#include "node/core/json.h"
#include "node/core/result.h"

namespace cacheindex::index {

/// Words of one field of one document, at most; more must not be indexed.
inline constexpr std::size_t kFieldWordsMax = 100'000;
/// Elements of one array field of one document, at most.
inline constexpr std::size_t kFieldValuesMax = 65'536;
/// Bytes of one facet string, at most: it becomes an entry of a dictionary.
inline constexpr std::size_t kFacetValueBytesMax = 8'192;
/// Bytes of one document, at most.
inline constexpr std::size_t kDocumentBytesMax = std::size_t{32} << 20;

struct PreparationOptions {
  DirtyValues dirty_values = DirtyValues::kReject;
  /// Values over a limit are dropped and required ones may be missing: nothing is refused when
  /// `dirty_values` is kCoerceOrDrop and all fields are optional.
  bool is_lenient = false;
  /// The document fitted the fields and rules before this place of the schema when it was
  /// written: they are passed over, and what they would discover is not discovered.
  std::size_t first_checked = 0;
};

/// Checks `document` against `schema` and coerces what is of another type, as `options` say;
/// dropped values are removed from it. Returns the fields that must be added to the schema before
/// the document is written, and wider ones for those of its open fields that cannot hold a value of
/// this document; nothing is added for a refused one.
///
/// Errors: kInvalidArgument (or kUnprocessable for a limit) naming the field.
Result<std::vector<FieldDefinition>> PrepareDocument(const Schema& schema,
                                                     const PreparationOptions& options,
                                                     Json& document);

/// Makes `definition` wider so that it holds `value` (an element, for array fields), if it is open
/// and that loses nothing of the kinds of values it holds. Returns whether it did.
bool Widen(FieldDefinition& definition, const Json& value);

/// Returns why a text is too long for a field.
/// Errors: kUnprocessable naming the field.
Result<void> CheckText(const Schema& schema, const FieldDefinition& definition,
                       const std::string& text);

/// What is said of a document whose members would become more fields than a collection may have.
Error TooManyFields();

/// Returns what the contract does where the client does not say (api/README.md 2.6).
DirtyValues DefaultDirtyValues(const Schema& schema);

}  // namespace cacheindex::index
