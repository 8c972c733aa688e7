#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <optional>
#include <unordered_map>

#include "cache/numbers.h"
#include "node/core/position.h"
#include "node/core/search.h"

namespace cacheindex::node {

/// Answers of searches that asked for it (`use_cache`), the least recently used of which give way.
///
/// An answer holds as long as its collection has not changed since: whoever asks says when that was
/// (SearchIndex::ChangedAt), so a change is seen by the first search after it. What else an answer
/// comes from is part of its key.
/// Threads: all methods may be called concurrently.
class AnswerCache {
 public:
  /// What an answer is the answer to.
  struct Key {
    /// SearchIndex::identity() of what searches the collection.
    std::uint64_t index = 0;
    cache::CollectionNumber collection{};
    /// Of the collection's definition.
    std::uint64_t version = 0;
    /// Of the node's settings: synonyms, curations, presets and the like.
    std::uint64_t settings_revision = 0;
    SearchRequest request;

    // NOLINTNEXTLINE(modernize-use-nullptr): misfires on a defaulted comparison.
    bool operator==(const Key&) const = default;
  };

  /// Keeps nothing when `bytes_max` is 0.
  explicit AnswerCache(std::size_t bytes_max) : bytes_max_(bytes_max) {}

  /// Returns the answer and the position it is of, when it is still true: younger than its
  /// `cache_ttl`, and no older than `changed_at`.
  struct Known {
    SearchPage page;
    Position position{};
  };
  std::optional<Known> Find(const Key& key, Position changed_at);

  /// Remembers an answer of the collection's state at `position`.
  void Put(Key key, const SearchPage& page, Position position);

  void Clear();

  struct Statistics {
    std::uint64_t hits = 0;
    std::uint64_t misses = 0;
    std::size_t bytes = 0;
    std::size_t answers = 0;
  };
  Statistics statistics() const;

 private:
  using Clock = std::chrono::steady_clock;

  struct Entry {
    std::size_t hash = 0;
    Key key;
    // Shared, so that it is copied without the lock.
    std::shared_ptr<const Known> known;
    Clock::time_point expires;
    std::size_t bytes = 0;
  };
  using Entries = std::list<Entry>;

  // Of all that tells the searches of one shop apart: what shares a hash is compared one by one.
  static std::size_t HashOf(const Key& key);
  std::shared_ptr<const Known> FindShared(const Key& key, Position changed_at);
  // Requires the lock.
  Entries::iterator Locate(std::size_t hash, const Key& key);
  void Remove(Entries::iterator entry);

  const std::size_t bytes_max_;
  mutable std::mutex mutex_;
  // Most recently used first.
  Entries entries_;
  std::unordered_multimap<std::size_t, Entries::iterator> places_;
  Statistics statistics_;
};

}  // namespace cacheindex::node
