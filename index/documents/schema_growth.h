#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "cache/view.h"
#include "cache/write_transaction.h"
#include "index/documents/document_preparation.h"
#include "index/schema/schema.h"
#include "node/core/document.h"
#include "node/core/json.h"
#include "node/core/result.h"

namespace cacheindex::index {

/// How the schema of a collection must grow before a document is written.
struct SchemaGrowth {
  /// Why the document is refused; then nothing else is set.
  std::optional<Error> refusal;
  /// Fields to be added, in place of narrower ones of the same name.
  std::vector<FieldDefinition> fields;
  /// Documents that have values of these fields already.
  std::vector<DocumentNumber> documents;
};

/// Prepares a document (document_preparation.h), which is to be stored under `id`, and finds out
/// what its fields mean for the documents that are stored. A name that no stored document can have
/// costs no look at them.
///
/// Errors: the store's own; a refusal is no error.
Result<SchemaGrowth> PlanGrowth(const cache::View& view, Schema& schema, std::string_view id,
                                const PreparationOptions& options, Json& document);

/// Adds the fields of `growth`, and what stored documents have of them, in one transaction: columns
/// and documents agree at every moment (invariant 3).
Result<void> Grow(cache::WriteTransaction& transaction, Schema& schema, SchemaGrowth growth);

}  // namespace cacheindex::index
