#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "cache/settings.h"
#include "cache/store.h"
#include "node/config/config.h"
#include "node/core/result.h"
#include "node/disk/data_directory.h"
#include "node/stores/managed_source.h"
#include "node/stores/served_store.h"

namespace cacheindex::node {

/// Everything that a node serves: the native store, the settings beside it, and the stores of the
/// sources that it follows. What requests read is found with a StoreReader.
///
/// Threads: all methods may be called concurrently, except Close.
/// Lifetime: within that of the data directory's lock.
class Stores {
 public:
  /// Opens the native store and the settings. `config` must outlive it.
  static Result<std::unique_ptr<Stores>> Open(const DataDirectory& directory, const Config& config);
  /// Calls Close.
  ~Stores();
  Stores(const Stores&) = delete;
  Stores& operator=(const Stores&) = delete;

  /// Opens the stores of the configured sources and follows them from here on; call it once, before
  /// anything reads.
  /// Errors: kConflict when a native collection or an alias has the name of a managed one.
  Result<void> Follow(const DataDirectory& directory, const Config& config);

  /// Stops following and finishes what is being written.
  void Close();

  ServedStore& native() { return *native_; }
  cache::Settings& settings() { return *settings_; }

  /// Returns what the alias `name` points to, nullopt when there is none.
  Result<std::optional<std::string>> FindAlias(std::string_view name) const;

  /// Returns the sources, in the order of their names.
  std::span<const std::unique_ptr<ManagedSource>> sources() const { return sources_; }
  /// Returns the source that manages the collection called `name`, nullptr when none does. Cost:
  /// nothing when there are no sources.
  ManagedSource* FindManager(std::string_view name) const;
  /// A managed collection.
  struct ManagedName {
    ManagedSource* source = nullptr;
    std::string collection;
  };
  /// As FindManager, of the collection that `name` means: through an alias unless a native
  /// collection has that name.
  Result<ManagedName> ResolveManaged(std::string_view name);

  /// Returns the native collection that `name` means, for writing.
  /// Errors: kNotFound "Collection not found"; kInvalidArgument when a source manages it.
  Result<cache::CollectionNumber> FindWritable(std::string_view name);

 private:
  Stores() = default;

  /// Returns an error when the name of a managed collection is taken.
  Result<void> CheckName(const cache::View& native, const std::string& source,
                         const std::string& collection) const;

  std::string identity_;
  std::unique_ptr<cache::Settings> settings_;
  std::unique_ptr<ServedStore> native_;
  // Fixed once Follow is done, so that looking up a name takes no lock.
  std::vector<std::unique_ptr<ManagedSource>> sources_;
  std::map<std::string, ManagedSource*, std::less<>> managers_;
};

/// The kind under which settings() keeps aliases: name -> collection name.
inline constexpr std::string_view kAliasKind = "alias";

}  // namespace cacheindex::node
