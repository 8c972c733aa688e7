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
};

/// Checks `document` against `schema` and coerces what is of another type, as `options` say;
/// dropped values are removed from it. Returns the fields that must be added to the schema before
/// the document is written; nothing is added for a refused one.
///
/// Errors: kInvalidArgument (or kUnprocessable for a limit) naming the field.
Result<std::vector<FieldDefinition>> PrepareDocument(const Schema& schema,
                                                     const PreparationOptions& options,
                                                     Json& document);

/// Returns what the contract does where the client does not say (API.md 2.6).
DirtyValues DefaultDirtyValues(const Schema& schema);

}  // namespace cacheindex::index
