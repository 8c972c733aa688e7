#pragma once

#include <memory>

#include "cache/write_transaction.h"
#include "index/collection_changes.h"
#include "index/documents/number_cache.h"
#include "index/schema/writer_schemas.h"

namespace cacheindex::index {

/// Keeps the columns and dictionaries of every collection true to its documents, inside the
/// transaction that writes them (invariant 3).
///
/// Threads: the writer's only. Lifetime: outlives the store that calls it.
class DocumentColumns : public cache::DocumentListener {
 public:
  explicit DocumentColumns(WriterSchemas& schemas) : schemas_(&schemas) {}

  std::unique_ptr<Session> Begin(cache::WriteTransaction& transaction) override;

  /// When collections changed. May be called from any thread.
  CollectionChanges& changes() noexcept { return changes_; }

 private:
  class ColumnSession;

  WriterSchemas* schemas_;
  NumberCache numbers_;
  CollectionChanges changes_;
};

/// Writes the columns of a stored document for those of its fields that stand at `first_new` or
/// later in `schema.fields`: they were just added to the schema. Returns whether one of them is
/// text.
Result<bool> WriteNewFields(cache::WriteTransaction& transaction, const Schema& schema,
                            std::size_t first_new, DocumentNumber number, const Json& document);

}  // namespace cacheindex::index
