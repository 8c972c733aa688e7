#pragma once

#include <map>
#include <mutex>

#include "cache/numbers.h"
#include "node/core/position.h"

namespace cacheindex::index {

/// When each collection's documents last changed, as far as this process wrote them: what is
/// remembered of an older state is no longer true.
///
/// The writer notes a change before it can be seen, so that a reader that sees it finds it noted.
/// Threads: all methods may be called concurrently.
class CollectionChanges {
 public:
  void Note(cache::CollectionNumber collection, Position position) {
    const std::lock_guard lock(mutex_);
    changed_at_[collection] = position;
  }
  /// Returns the first position of a collection that has not changed since the start.
  Position Of(cache::CollectionNumber collection) const {
    const std::lock_guard lock(mutex_);
    const auto found = changed_at_.find(collection);
    return found == changed_at_.end() ? Position{} : found->second;
  }
  void Forget(cache::CollectionNumber collection) {
    const std::lock_guard lock(mutex_);
    changed_at_.erase(collection);
  }

 private:
  mutable std::mutex mutex_;
  std::map<cache::CollectionNumber, Position> changed_at_;
};

}  // namespace cacheindex::index
