#pragma once

#include <chrono>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "cache/settings.h"
#include "cache/store.h"
#include "index/search_index.h"
#include "node/config.h"
#include "node/core/result.h"
#include "node/data_directory.h"

namespace cacheindex::node {

/// How long an answer waits for its write to become searchable. A text commit takes tens of
/// milliseconds, so this is reached only when the text index cannot be written.
inline constexpr std::chrono::seconds kSearchableWaitMax{60};

/// The store of the native collections, with what makes it searchable and the node's settings
/// beside it.
///
/// Threads: all methods may be called concurrently, except Close.
/// Lifetime: within that of the data directory's lock.
class NativeStore {
 public:
  static Result<std::unique_ptr<NativeStore>> Open(const DataDirectory& directory,
                                                   const Config& config);
  /// Calls Close.
  ~NativeStore();

  /// Finishes what is being written and stops following the log.
  void Close();

  cache::Store& store() { return *store_; }
  cache::Settings& settings() { return *settings_; }
  index::SearchIndex& index() { return index_; }
  /// The live generation's directory.
  const std::filesystem::path& directory() const { return directory_; }

  /// Returns the collection that `name` means: one of that name, else what the alias of that name
  /// points to.
  /// Errors: kNotFound "Collection not found".
  Result<cache::Collection> Resolve(const cache::View& view, std::string_view name);

  /// As Resolve, without copying the definition: for hot reads.
  Result<cache::CollectionNumber> ResolveNumber(const cache::View& view, std::string_view name);

  /// Runs `job` and returns when what it wrote is durable and searchable (invariant 1).
  /// Requires that the calling thread holds no snapshot.
  Result<void> Write(const cache::Store::Job& job);

 private:
  NativeStore() = default;

  std::filesystem::path directory_;
  std::unique_ptr<cache::Settings> settings_;
  // The store calls the index's listener until it is closed, so it is declared after it.
  index::SearchIndex index_;
  std::unique_ptr<cache::Store> store_;
};

/// The kind under which settings() keeps aliases: name -> collection name.
inline constexpr std::string_view kAliasKind = "alias";

}  // namespace cacheindex::node
