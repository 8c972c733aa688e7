#include "index/schema/schema_cache.h"

#include <utility>

#include "index/schema/schema_storage.h"

namespace cacheindex::index {

Result<std::shared_ptr<const Schema>> SchemaCache::Load(const cache::View& view,
                                                        const cache::Collection& collection) {
  if (auto known = Find(collection.number, collection.version)) {
    return known;
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

std::shared_ptr<const Schema> SchemaCache::Find(cache::CollectionNumber collection,
                                                std::uint64_t version) {
  const std::scoped_lock lock(mutex_);
  const auto found = latest_.find(collection);
  return found != latest_.end() && found->second->version == version ? found->second : nullptr;
}

void SchemaCache::Forget(cache::CollectionNumber collection) {
  const std::scoped_lock lock(mutex_);
  latest_.erase(collection);
}

}  // namespace cacheindex::index
