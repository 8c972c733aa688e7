#pragma once

#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "cache/store.h"
#include "node/core/json.h"
#include "node/core/result.h"
#include "node/core/search.h"
#include "node/stores/managed_source.h"
#include "node/stores/served_store.h"
#include "node/stores/stores.h"

namespace cacheindex::node {

/// One store as one request sees it.
struct OpenStore {
  /// Of a source's store, and nullptr of the native one.
  const ManagedSource* source = nullptr;
  /// Keeps a source's generation open although a newer one takes its place.
  ManagedSource::Lease lease;
  ServedStore* store;
  cache::Snapshot snapshot;
};

/// A collection, where it is.
struct FoundCollection {
  const OpenStore* place = nullptr;
  cache::CollectionNumber number{};
  /// Of its schema, as the snapshot has it.
  std::uint64_t version = 0;

  /// Returns the whole collection, with its definition.
  Result<cache::Collection> Describe() const;
  /// Returns the names of its fields that are never shown.
  Result<std::vector<std::string>> HiddenFields() const {
    return index().HiddenFields(snapshot(), number, version);
  }
  /// What an answer from here reflects.
  AnswerPositions Positions() const;
  /// Where a collection stands that is set aside, nullopt of all others.
  std::optional<replication::LogPosition> KeptAt() const;
  const cache::Snapshot& snapshot() const { return place->snapshot; }
  index::SearchIndex& index() const { return place->store->index(); }

  /// Returns the JSON of the document `id` where the stored one waits to be assembled again: null
  /// when it is gone. nullopt when the stored one is right, as it always is in a native collection.
  Result<std::optional<Json>> Compose(std::string_view id) const;
  /// Returns whether Compose may return any.
  Result<bool> IsAnyWaiting() const;
};

/// What one request reads: of every store that it asks for a collection of, one snapshot, so that
/// everything in an answer is of the same moment (invariant 3).
///
/// Use one for each request and not longer. Threads: one at a time. Lifetime: within that of
/// the stores.
class StoreReader {
 public:
  explicit StoreReader(Stores& stores) : stores_(&stores) {}
  StoreReader(const StoreReader&) = delete;
  StoreReader& operator=(const StoreReader&) = delete;
  ~StoreReader() = default;

  /// Returns the collection that `name` means: one of that name, else what the alias of that name
  /// points to. The result is valid as long as the reader. Cost: a snapshot, the first time, and
  /// one look-up of the name.
  /// Errors: kNotFound "Collection not found"; kUnavailable when its source has not built it yet;
  /// what Native says.
  Result<FoundCollection> Find(std::string_view name);

  /// Opens the native store.
  /// Errors: kUnavailable when too many snapshots are open.
  Result<const OpenStore*> Native();
  /// Looks for a native collection only, nullopt when none has this name.
  Result<std::optional<FoundCollection>> FindNative(std::string_view name);

  /// Opens the store of a source.
  /// Errors: kUnavailable before its first build is done, or when too many snapshots are open.
  Result<const OpenStore*> Managed(const ManagedSource& source);

 private:
  Result<FoundCollection> FindManaged(const ManagedSource& source, std::string_view name);

  Stores* stores_;
  std::optional<OpenStore> native_;
  std::vector<std::unique_ptr<OpenStore>> managed_;
};

}  // namespace cacheindex::node
