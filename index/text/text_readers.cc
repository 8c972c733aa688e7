#include "index/text/text_readers.h"

#include <algorithm>
#include <utility>

namespace cacheindex::index {

Result<TextReader> TextReaders::Open(cache::CollectionNumber collection) const {
  std::shared_ptr<TextReaderPool> pool;
  {
    const std::scoped_lock lock(mutex_);
    const auto found = pools_.find(collection);
    if (found == pools_.end()) {
      return TextReader();
    }
    pool = found->second;
  }
  if (pool == nullptr) {
    return Error(ErrorCode::kUnavailable, "the text index of this collection is being built again");
  }
  return pool->Open();
}

void TextReaders::Set(cache::CollectionNumber collection, std::shared_ptr<TextReaderPool> pool) {
  const std::scoped_lock lock(mutex_);
  const auto [known, is_new] = pools_.try_emplace(collection);
  // Null again is the same one, gone on with after an error.
  if (pool == nullptr && (is_new || known->second != nullptr)) {
    ++rebuilds_;
  }
  known->second = std::move(pool);
}

void TextReaders::Forget(cache::CollectionNumber collection) {
  const std::scoped_lock lock(mutex_);
  pools_.erase(collection);
}

void TextReaders::ReportDamage(cache::CollectionNumber collection) const {
  const std::scoped_lock lock(mutex_);
  const auto found = pools_.find(collection);
  if (found != pools_.end() && found->second != nullptr) {
    found->second->ReportDamage();
  }
}

bool TextReaders::IsDamaged(cache::CollectionNumber collection) const {
  const std::scoped_lock lock(mutex_);
  const auto found = pools_.find(collection);
  return found != pools_.end() && found->second != nullptr && found->second->is_damaged();
}

std::uint64_t TextReaders::rebuilds() const {
  const std::scoped_lock lock(mutex_);
  return rebuilds_;
}

std::uint32_t TextReaders::building() const {
  const std::scoped_lock lock(mutex_);
  return static_cast<std::uint32_t>(std::count_if(
      pools_.begin(), pools_.end(), [](const auto& pool) { return pool.second == nullptr; }));
}

}  // namespace cacheindex::index
