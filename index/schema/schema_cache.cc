#include "index/schema/schema_cache.h"

#include <utility>

#include "index/schema/schema_storage.h"

namespace cacheindex::index {

Result<std::shared_ptr<const Schema>> SchemaCache::Load(const cache::View& view,
                                                        const cache::Collection& collection) {
  {
    const std::scoped_lock lock(mutex_);
    const auto found = latest_.find(collection.number);
    if (found != latest_.end() && found->second->version == collection.version) {
      return found->second;
    }
  }
  auto loaded = LoadSchema(view, collection);
  if (!loaded) {
    return std::move(loaded).error();
  }
  auto schema = std::make_shared<const Schema>(std::move(*loaded));
  const std::scoped_lock lock(mutex_);
  auto& latest = latest_[collection.number];
  // A slow reader of an old snapshot must not push out what all new readers need.
  if (latest == nullptr || latest->version < schema->version) {
    latest = schema;
  }
  return schema;
}

void SchemaCache::Forget(cache::CollectionNumber collection) {
  const std::scoped_lock lock(mutex_);
  latest_.erase(collection);
}

}  // namespace cacheindex::index
