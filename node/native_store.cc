#include "node/native_store.h"

#include <utility>

#include "cache/generation.h"

namespace cacheindex::node {

Result<std::unique_ptr<NativeStore>> NativeStore::Open(const DataDirectory& directory,
                                                       const Config& config) {
  std::unique_ptr<NativeStore> native(new NativeStore());
  auto settings = cache::Settings::Open(directory.settings());
  if (!settings) {
    return std::move(settings).error().WithContext("open settings");
  }
  native->settings_ = std::move(*settings);
  auto generation = cache::OpenCurrentGeneration(directory.store(kNativeStore));
  if (!generation) {
    return std::move(generation).error();
  }
  native->directory_ = std::move(*generation);
  auto store = cache::Store::Open({.directory = native->directory_,
                                   .map_size_bytes = config.store.map_size_bytes,
                                   .map_size_max_bytes = config.store.map_size_max_bytes,
                                   .snapshots_max = config.store.snapshots_max},
                                  &native->index_.listener());
  if (!store) {
    return std::move(store).error().WithContext("open store " + native->directory_.string());
  }
  native->store_ = std::move(*store);
  if (auto started = native->index_.Start(*native->store_, native->directory_); !started) {
    return std::move(started).error().WithContext("open text index");
  }
  return native;
}

NativeStore::~NativeStore() { Close(); }

void NativeStore::Close() {
  if (store_ != nullptr) {
    index_.Stop();
    store_->Close();
  }
}

Result<cache::Collection> NativeStore::Resolve(const cache::View& view, std::string_view name) {
  auto collection = view.FindCollection(name);
  if (!collection) {
    return std::move(collection).error();
  }
  if (*collection) {
    return std::move(**collection);
  }
  if (name.size() <= cache::Settings::kNameBytesMax) {
    auto target = settings_->Find(kAliasKind, name);
    if (!target) {
      return std::move(target).error();
    }
    if (*target) {
      collection = view.FindCollection(**target);
      if (!collection) {
        return std::move(collection).error();
      }
    }
  }
  if (!*collection) {
    return Error(ErrorCode::kNotFound, "Collection not found");
  }
  return std::move(**collection);
}

Result<cache::CollectionNumber> NativeStore::ResolveNumber(const cache::View& view,
                                                           std::string_view name) {
  auto head = view.FindCollectionHead(name);
  if (!head) {
    return std::move(head).error();
  }
  if (*head) {
    return (*head)->number;
  }
  auto collection = Resolve(view, name);
  if (!collection) {
    return std::move(collection).error();
  }
  return collection->number;
}

Result<void> NativeStore::Write(const cache::Store::Job& job) {
  auto committed = store_->Write(job);
  if (!committed) {
    return std::move(committed).error();
  }
  if (!committed->changed_text) {
    return {};
  }
  return index_.WaitSearchable(committed->position,
                               std::chrono::steady_clock::now() + kSearchableWaitMax);
}

}  // namespace cacheindex::node
