#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>

#include "cache/numbers.h"
#include "index/text/text_index.h"
#include "index/text/text_reader_pool.h"
#include "node/core/result.h"

namespace cacheindex::index {

/// The readers of every collection's text index, as searches find them.
///
/// Threads: all methods may be called concurrently.
class TextReaders {
 public:
  /// Returns a reader of the index of `collection`; of an empty one where there is none.
  /// Errors: kUnavailable while it is being built again.
  Result<TextReader> Open(cache::CollectionNumber collection) const;

  /// Null: the index is being built again.
  void Set(cache::CollectionNumber collection, std::shared_ptr<TextReaderPool> pool);
  void Forget(cache::CollectionNumber collection);
  /// Whoever keeps the index builds it again.
  void ReportDamage(cache::CollectionNumber collection) const;
  /// Whether somebody found the index of `collection` damaged.
  bool IsDamaged(cache::CollectionNumber collection) const;
  /// How many are being built again.
  std::uint32_t building() const;
  /// How often that began.
  std::uint64_t rebuilds() const;

 private:
  mutable std::mutex mutex_;
  std::map<cache::CollectionNumber, std::shared_ptr<TextReaderPool>> pools_;
  std::uint64_t rebuilds_ = 0;
};

}  // namespace cacheindex::index
