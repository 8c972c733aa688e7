#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "cache/write_transaction.h"
#include "node/core/json.h"
#include "node/core/result.h"

namespace cacheindex::replication {

/// Where assembled documents go: implemented by node/ with the index, which knows schemas and
/// fields discovered on the way.
///
/// Threads: called from jobs of the store's writer only.
class DocumentSink {
 public:
  virtual ~DocumentSink() = default;

  /// Creates the managed collection that `schema` (the contract's object, api/README.md 2.6)
  /// describes, or returns the one of that name.
  /// Errors: kConflict when a collection of that name has another schema: a new generation is due.
  virtual Result<cache::CollectionNumber> EnsureCollection(cache::WriteTransaction& transaction,
                                                           const Json& schema) = 0;

  /// Replaces or creates one document. A value that its field cannot hold is dropped from the
  /// columns' view as the contract's coerce_or_drop does; the document is never refused for it.
  /// Writing the bytes that are stored already costs nothing and changes nothing.
  /// Errors: kUnprocessable when the document itself can never be stored, and nothing was written;
  /// others of the store.
  virtual Result<void> Put(cache::WriteTransaction& transaction, cache::CollectionNumber collection,
                           std::string_view id, Json document) = 0;

  /// Replaces the members `names` (sorted, no "id") of a stored document by `members`, which has
  /// none but these; those that it lacks are removed. As Put of the whole document, for less work.
  /// Returns false, and writes nothing, where there is no such document or it cannot be done so:
  /// then the whole is to be put. Errors: as Put.
  virtual Result<bool> ReplaceMembers(cache::WriteTransaction& transaction,
                                      cache::CollectionNumber collection, std::string_view id,
                                      const std::vector<std::string>& names, Json members) = 0;

  /// Harmless when there is none.
  virtual Result<void> Delete(cache::WriteTransaction& transaction,
                              cache::CollectionNumber collection, std::string_view id) = 0;
};

}  // namespace cacheindex::replication
