#include <utility>

#include "node/services/node_service.h"
#include "node/stores/store_reader.h"

namespace cacheindex::node {

Result<void> NodeService::LoadSettings() {
  auto loaded = keys_.Load();
  loaded = loaded ? rate_limits_.Load() : std::move(loaded);
  return loaded ? resources_.Load() : std::move(loaded);
}

Result<Json> NodeService::CreateKey(const Json& body) { return keys_.Create(body); }
Result<Json> NodeService::ListKeys() { return keys_.List(); }
Result<Json> NodeService::GetKey(std::uint32_t id) { return keys_.Get(id); }
Result<Json> NodeService::DeleteKey(std::uint32_t id) { return keys_.Delete(id); }

std::shared_ptr<const api::StoredKey> NodeService::FindKey(std::string_view digest) {
  return keys_.Find(digest);
}

std::vector<std::shared_ptr<const api::StoredKey>> NodeService::FindParentKeys(
    std::string_view prefix) {
  return keys_.FindParents(prefix);
}

Result<Json> NodeService::ListResources(api::ResourceKind kind) { return resources_.List(kind); }

Result<Json> NodeService::GetResource(api::ResourceKind kind, std::string_view name) {
  return resources_.Get(kind, name);
}

Result<Json> NodeService::PutResource(api::ResourceKind kind, std::string_view name,
                                      const Json& body) {
  return resources_.Put(kind, name, body);
}

Result<Json> NodeService::DeleteResource(api::ResourceKind kind, std::string_view name) {
  return resources_.Delete(kind, name);
}

Result<Resources::Set> NodeService::FindSet(const api::ItemSet& set) {
  if (!set.is_of_collection) {
    return Resources::Set{.kind = set.kind, .name = std::string(set.name)};
  }
  StoreReader reader(*stores_);
  auto found = reader.Find(set.name);
  if (!found) {
    return std::move(found).error();
  }
  auto collection = found->Describe();
  if (!collection) {
    return std::move(collection).error();
  }
  return Resources::Set{
      .kind = set.kind, .name = OwnSetName(set.kind, collection->name), .may_be_missing = true};
}

Result<Json> NodeService::ListItems(const api::ItemSet& set) {
  const auto found = FindSet(set);
  return found ? resources_.ListItems(*found) : found.error();
}

Result<Json> NodeService::GetItem(const api::ItemSet& set, std::string_view id) {
  const auto found = FindSet(set);
  return found ? resources_.GetItem(*found, id) : found.error();
}

Result<Json> NodeService::PutItem(const api::ItemSet& set, std::string_view id, const Json& body) {
  const auto found = FindSet(set);
  return found ? resources_.PutItem(*found, id, body) : found.error();
}

Result<Json> NodeService::DeleteItem(const api::ItemSet& set, std::string_view id) {
  const auto found = FindSet(set);
  return found ? resources_.DeleteItem(*found, id) : found.error();
}

}  // namespace cacheindex::node
