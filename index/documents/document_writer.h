#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cache/write_transaction.h"
#include "index/documents/writer_schemas.h"
#include "node/core/document.h"
#include "node/core/json.h"
#include "node/core/result.h"

namespace cacheindex::index {

/// One document that somebody wants to write.
struct DocumentWrite {
  /// As it was sent. Must outlive the write.
  std::string_view text;
  /// Wins over the text's own id.
  std::optional<std::string> id;
  /// The parsed text, made beforehand on another thread to spare the writer's; used up by the first
  /// run of a job, which parses again when it runs a second time.
  std::optional<Json> parsed;
};

struct DocumentWriteOptions {
  WriteAction action = WriteAction::kCreate;
  std::optional<DirtyValues> dirty_values;
  /// Nobody can be told: a value over a limit is dropped, a required one may be missing, fields
  /// over the collection's limit are not discovered. Only a document that is too large is refused.
  bool is_lenient = false;
};

/// What became of it.
struct DocumentWritten {
  /// Set when it was refused; then nothing was written.
  std::optional<Error> error;
  std::string id;
  /// The document as it may be shown: the stored bytes, unless its schema hides something.
  std::string json;
};

/// Writes one document as the contract says (api/README.md 2.6): action, automatic id, merge,
/// types, discovery of fields.
///
/// Errors: only the store's own (see cache::WriteTransaction), and kNotFound when the collection is
/// gone. A refused document is a DocumentWritten with its error, and leaves no trace.
Result<DocumentWritten> WriteDocument(cache::WriteTransaction& transaction, WriterSchemas& schemas,
                                      cache::CollectionNumber collection, DocumentWrite& write,
                                      const DocumentWriteOptions& options);

/// Replaces the members `names` (sorted, no "id") of a stored document by `members`, which has none
/// but these; those that it lacks are removed. What comes of it is what writing the whole document
/// would bring, for a fraction of the work; always lenient.
///
/// Returns nullopt, and writes nothing, when there is no such document or it cannot be done so (a
/// name is written with escapes): then the whole document is to be written. Errors: as
/// WriteDocument.
Result<std::optional<DocumentWritten>> ReplaceMembers(
    cache::WriteTransaction& transaction, WriterSchemas& schemas,
    cache::CollectionNumber collection, std::string_view id, const std::vector<std::string>& names,
    Json members, const DocumentWriteOptions& options);

}  // namespace cacheindex::index
