#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "api/stored_key.h"
#include "cache/settings.h"
#include "node/core/json.h"
#include "node/core/result.h"

namespace cacheindex::node {

/// The stored keys (api/README.md 2.7): kept in the settings, and in memory for those who check
/// requests.
///
/// Of a key's value only the digest is kept. The one exception are keys for searches alone: a
/// scoped key can only be verified with its parent's value.
///
/// Threads: all methods may be called concurrently, after Load.
class KeyRing {
 public:
  /// Keys, at most.
  static constexpr std::size_t kKeysMax = 10'000;

  explicit KeyRing(cache::Settings& settings) : settings_(settings) {}

  Result<void> Load();

  // Bodies and answers are the contract's.
  Result<Json> Create(const Json& body);
  Result<Json> List();
  Result<Json> Get(std::uint32_t id) const;
  Result<Json> Delete(std::uint32_t id);

  std::shared_ptr<const api::StoredKey> Find(std::string_view digest) const;
  std::vector<std::shared_ptr<const api::StoredKey>> FindParents(std::string_view prefix) const;

 private:
  struct Entry {
    /// As it is kept in the settings.
    Json record;
    std::shared_ptr<const api::StoredKey> key;
  };

  Result<void> Add(Json record);
  void Forget(std::uint32_t id);
  Result<void> DropExpired();

  cache::Settings& settings_;
  /// Held by whoever changes something, also while the settings are written.
  std::mutex writers_;
  /// Held for moments only: readers check every request.
  mutable std::shared_mutex mutex_;
  std::map<std::uint32_t, Entry> entries_;
  std::unordered_map<std::string, std::uint32_t> ids_by_digest_;
  /// Of keys that scoped keys can be made from.
  std::unordered_multimap<std::string, std::uint32_t> ids_by_prefix_;
  /// Ids are not given twice while the node runs.
  std::uint32_t next_id_ = 0;
};

}  // namespace cacheindex::node
