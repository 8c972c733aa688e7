#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <stop_token>
#include <thread>
#include <vector>

#include "node/stores/managed_generation.h"
#include "replication/following/source.h"

namespace cacheindex::node {

/// The generations of one source's store, in directories generation-1, generation-2, ... below its
/// own. CURRENT names the live one; a greater number is one that is being built, a smaller one was
/// replaced and is removed.
///
/// Threads: all methods may be called concurrently. Lifetime: outlives the source that uses it; no
/// generation may be held when it is destroyed.
class ManagedGenerations : public replication::Generations {
 public:
  ManagedGenerations(std::filesystem::path directory, const Config& config);
  ManagedGenerations(const ManagedGenerations&) = delete;
  ManagedGenerations& operator=(const ManagedGenerations&) = delete;
  /// Lets go of everything and waits until what was retired is removed.
  ~ManagedGenerations() override;

  /// Returns the live generation, nullptr before OpenLive.
  std::shared_ptr<ManagedGeneration> live() const;

  Result<std::shared_ptr<replication::Generation>> OpenLive() override;
  Result<std::shared_ptr<replication::Generation>> OpenNext() override;
  Result<void> DiscardNext() override;
  Result<void> PublishNext() override;

  /// Remembers, across restarts and until PublishNext, that a rebuild was asked for.
  Result<void> RememberRebuild();
  bool IsRebuildRemembered() const;

 private:
  /// Removes the directories of generations that nobody will open again.
  Result<void> RemoveIf(const std::function<bool(std::uint64_t number)>& is_useless) const;
  std::filesystem::path DirectoryOf(std::uint64_t number) const;
  void Release(std::shared_ptr<ManagedGeneration> retired);
  void ReleaseRetired(const std::stop_token& stop);

  std::filesystem::path directory_;
  const Config* config_;
  mutable std::mutex mutex_;
  std::shared_ptr<ManagedGeneration> live_;
  std::shared_ptr<ManagedGeneration> next_;
  /// The greatest number that was discarded: its files may still be there, and are not to be used.
  std::uint64_t discarded_ = 0;
  /// Held until nobody else does, so that no request pays for closing a store.
  std::vector<std::shared_ptr<ManagedGeneration>> retired_;
  std::condition_variable_any has_retired_;
  std::jthread releaser_;
};

/// Makes an empty generation the live one, for a store whose live one was lost or cannot be opened.
/// What is left of the others is removed when that is opened.
Result<void> ReplaceLiveGeneration(const std::filesystem::path& store_directory);

/// Makes the next start of a node build the store in `store_directory` anew.
Result<void> MarkForRebuild(const std::filesystem::path& store_directory);

}  // namespace cacheindex::node
