#pragma once

#include <memory>

#include "cache/write_transaction.h"
#include "index/documents/collection_changes.h"
#include "index/documents/field_writer.h"
#include "index/documents/fresh_words.h"
#include "index/documents/number_cache.h"
#include "index/documents/writer_schemas.h"

namespace cacheindex::index {

/// Keeps the columns and dictionaries of every collection true to its documents, inside the
/// transaction that writes them (invariant 3).
///
/// Threads: the writer's only. Lifetime: outlives the store that calls it; within that of what it
/// is given.
class DocumentColumns : public cache::DocumentListener {
 public:
  /// The words of new documents go to `fresh` besides.
  DocumentColumns(WriterSchemas& schemas, FreshWords& fresh) : schemas_(&schemas), fresh_(&fresh) {}

  std::unique_ptr<Session> Begin(cache::WriteTransaction& transaction) override;
  void Committed() override { fresh_->Publish(); }

  /// When collections changed. May be called from any thread.
  CollectionChanges& changes() noexcept { return changes_; }

 private:
  class ColumnSession;

  WriterSchemas* schemas_;
  FreshWords* fresh_;
  NumberCache numbers_;
  FieldWriter fields_{numbers_};
  DocumentWords words_;
  CollectionChanges changes_;
};

}  // namespace cacheindex::index
