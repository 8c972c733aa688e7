#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <mutex>
#include <string_view>
#include <vector>

#include "cache/store.h"
#include "index/search_index.h"
#include "node/config/config.h"
#include "node/core/result.h"
#include "node/stores/fence.h"

namespace cacheindex::node {

/// How long an answer waits for its write to become searchable. A text commit takes tens of
/// milliseconds, so this is reached only when the text index cannot be written.
inline constexpr std::chrono::seconds kSearchableWaitMax{60};

/// One generation of a store of documents, with what makes it searchable.
///
/// Threads: all methods may be called concurrently, except Close.
/// Lifetime: within that of the data directory's lock; outlives its snapshots.
class ServedStore {
 public:
  /// Opens the store in `directory`, creating an empty one in an empty directory.
  static Result<std::unique_ptr<ServedStore>> Open(const std::filesystem::path& directory,
                                                   const Config& config);
  /// As Open, with these collections fenced instead of those that the generation's FENCED names.
  static Result<std::unique_ptr<ServedStore>> Open(const std::filesystem::path& directory,
                                                   const Config& config,
                                                   std::vector<FencedCollection> fence);
  /// Calls Close.
  ~ServedStore();
  ServedStore(const ServedStore&) = delete;
  ServedStore& operator=(const ServedStore&) = delete;

  /// Finishes what is being written and stops following the log.
  void Close();

  cache::Store& store() { return *store_; }
  index::SearchIndex& index() { return index_; }
  const std::filesystem::path& directory() const { return directory_; }
  std::vector<FencedCollection> fence() const;
  /// Fences a collection too, from here on and for later starts.
  /// Errors: kIo, kExhausted when later starts will not know; this one does.
  Result<void> Fence(const FencedCollection& collection);
  /// How many text indexes were found missing, damaged or too far behind when it was opened, and
  /// are built again since.
  std::uint32_t missing_texts() const { return missing_texts_; }
  /// Leaves a line about them in the log.
  void LogMissingTexts() const;

  /// Runs `job` and returns when what it wrote is durable and searchable (invariant 1).
  /// Requires that the calling thread holds no snapshot.
  Result<void> Write(const cache::Store::Job& job);

 private:
  ServedStore() = default;

  std::filesystem::path directory_;
  mutable std::mutex fencing_;
  std::vector<FencedCollection> fence_;
  std::uint32_t missing_texts_ = 0;
  // The store calls the index's listener until it is closed, so it is declared after it.
  index::SearchIndex index_;
  std::unique_ptr<cache::Store> store_;
};

}  // namespace cacheindex::node
