#include "node/stores/served_store.h"

#include <algorithm>
#include <utility>

#include "node/logging/log.h"

namespace cacheindex::node {

Result<std::unique_ptr<ServedStore>> ServedStore::Open(const std::filesystem::path& directory,
                                                       const Config& config) {
  auto fence = LoadFence(directory);
  return fence ? Open(directory, config, *std::move(fence)) : std::move(fence).error();
}

Result<std::unique_ptr<ServedStore>> ServedStore::Open(const std::filesystem::path& directory,
                                                       const Config& config,
                                                       std::vector<FencedCollection> fence) {
  std::unique_ptr<ServedStore> served(new ServedStore());
  served->fence_ = std::move(fence);
  served->directory_ = directory;
  auto store = cache::Store::Open({.directory = directory,
                                   .map_size_bytes = config.store.map_size_bytes,
                                   .map_size_max_bytes = config.store.map_size_max_bytes,
                                   .snapshots_max = config.store.snapshots_max,
                                   .fenced = NumbersOf(served->fence_)},
                                  &served->index_.listener());
  if (!store) {
    return std::move(store).error().WithContext("open store " + directory.string());
  }
  served->store_ = std::move(*store);
  if (auto started = served->index_.Start(*served->store_, directory); !started) {
    return std::move(started).error().WithContext("open text index");
  }
  served->missing_texts_ = served->index_.statistics().building;
  return served;
}

std::vector<FencedCollection> ServedStore::fence() const {
  const std::scoped_lock lock(fencing_);
  return fence_;
}

Result<void> ServedStore::Fence(const FencedCollection& collection) {
  const std::scoped_lock lock(fencing_);
  store_->Fence(collection.number);
  const bool is_known = std::any_of(
      fence_.begin(), fence_.end(),
      [&](const FencedCollection& fenced) { return fenced.number == collection.number; });
  if (is_known) {
    return {};
  }
  fence_.push_back(collection);
  return SaveFence(directory_, fence_);
}

void ServedStore::LogMissingTexts() const {
  if (missing_texts_ > 0) {
    Log(LogPart::kStores, LogLevel::kWarning, "text_index_rebuild",
        {{"directory", directory_.string()},
         {"indexes", missing_texts_},
         {"reason",
          "missing, damaged or too far behind: their collections cannot be searched until /readyz "
          "is ready"}});
  }
}

ServedStore::~ServedStore() { Close(); }

void ServedStore::Close() {
  if (store_ != nullptr) {
    index_.Stop();
    store_->Close();
  }
}

Result<void> ServedStore::Write(const cache::Store::Job& job) {
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
