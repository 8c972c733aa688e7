#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <utility>
#include <vector>

#include "cache/numbers.h"
#include "node/core/result.h"

namespace cacheindex::index {

/// Where the text indexes of one generation lie.
///
///   text-<collection>-<build>/       one Xapian database; the highest build is the live one
///   text-<collection>-<build>.new/   one that is being built
///
/// Invariants:
///  (1) A build loses its ".new" by a rename after it is complete and durable. So what has one was
///      never live, and may be removed unread.
///  (2) A live build is removed only when a later one replaced it and it could be read, or with its
///      collection (invariant 9).
///
/// Threads: one at a time.
class TextDirectories {
 public:
  explicit TextDirectories(std::filesystem::path directory) : directory_(std::move(directory)) {}

  /// Returns the live build, nullopt when there is none.
  Result<std::optional<std::uint32_t>> Live(cache::CollectionNumber collection) const;
  /// Returns a number for a new build, after removing those that never finished.
  Result<std::uint32_t> BeginBuild(cache::CollectionNumber collection) const;
  /// Makes a build the live one. Nobody may have its files open.
  Result<void> FinishBuild(cache::CollectionNumber collection, std::uint32_t build) const;
  Result<void> RemoveBuild(cache::CollectionNumber collection, std::uint32_t build) const;

  std::filesystem::path LivePath(cache::CollectionNumber collection, std::uint32_t build) const;
  std::filesystem::path NewPath(cache::CollectionNumber collection, std::uint32_t build) const;

  /// Returns every collection that has anything here.
  Result<std::vector<cache::CollectionNumber>> Collections() const;
  /// Copies all live builds into the existing directory `target`. Nobody may commit meanwhile.
  Result<void> CopyTo(const std::filesystem::path& target) const;
  /// Removes everything of a collection that no longer exists.
  Result<void> RemoveCollection(cache::CollectionNumber collection) const;

 private:
  std::filesystem::path directory_;
};

}  // namespace cacheindex::index
