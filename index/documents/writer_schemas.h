#pragma once

#include <map>
#include <memory>

#include "cache/write_transaction.h"
#include "index/schema/schema.h"
#include "node/core/result.h"

namespace cacheindex::index {

/// The schemas as the running write transaction sees them, with the fields that its documents
/// brought.
///
/// A version is never given twice, not even by transactions that were given up, so that a schema is
/// known by its version.
/// Threads: the writer's only.
class WriterSchemas {
 public:
  /// Returns the schema of the collection, which the caller may extend through schema_storage.h.
  /// Valid until the collection's next Load.
  /// Errors: kNotFound when the collection does not exist (any more).
  Result<Schema*> Load(const cache::WriteTransaction& transaction, cache::CollectionNumber number);

  void Forget(cache::CollectionNumber number) { schemas_.erase(number); }

 private:
  std::map<cache::CollectionNumber, std::unique_ptr<Schema>> schemas_;
};

}  // namespace cacheindex::index
