#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "cache/numbers.h"
#include "node/core/result.h"

namespace cacheindex::node {

/// A collection that nobody may read, because its pages are damaged and may end the process.
struct FencedCollection {
  cache::CollectionNumber number{};
  std::string name;
};

/// Returns what the file FENCED of a generation names; nothing without one.
/// Errors: kIo; kCorruption when the file holds something else.
Result<std::vector<FencedCollection>> LoadFence(const std::filesystem::path& generation);

/// Replaces the file; removes it for an empty fence. Errors: kIo, kExhausted.
Result<void> SaveFence(const std::filesystem::path& generation,
                       const std::vector<FencedCollection>& fence);

/// Returns the numbers, sorted.
std::vector<cache::CollectionNumber> NumbersOf(const std::vector<FencedCollection>& fence);

/// Writes and reads the file at `path`, one collection a line: its number, a blank, its name.
Result<void> WriteCollections(const std::filesystem::path& path,
                              const std::vector<FencedCollection>& collections);
Result<std::vector<FencedCollection>> ReadCollections(const std::filesystem::path& path);

}  // namespace cacheindex::node
