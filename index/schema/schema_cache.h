#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>

#include "cache/view.h"
#include "index/schema/schema.h"
#include "node/core/result.h"

namespace cacheindex::index {

/// Parsed schemas by collection, so that a search of a collection with thousands of fields does not
/// parse them again.
///
/// Threads: all methods may be called concurrently.
class SchemaCache {
 public:
  /// Returns the schema of `collection` as `view` sees it (collection.version tells which).
  Result<std::shared_ptr<const Schema>> Load(const cache::View& view,
                                             const cache::Collection& collection);

  /// Returns what is remembered of a collection at that version, nullptr when it is nothing.
  std::shared_ptr<const Schema> Find(cache::CollectionNumber collection, std::uint64_t version);

  /// Drops what is remembered of a collection that is gone.
  void Forget(cache::CollectionNumber collection);

 private:
  std::mutex mutex_;
  std::map<cache::CollectionNumber, std::shared_ptr<const Schema>> latest_;
};

}  // namespace cacheindex::index
