#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

#include "node/core/result.h"

namespace cacheindex::node {

// The file MANIFEST of a backup says which files are in it, how large they are and what they hold.
// It is written last, and taken away by the first node that runs on the directory: whoever has one
// is a backup as it was made.

inline constexpr const char* kManifest = "MANIFEST";

/// Returns whether there is one.
bool HasManifest(const std::filesystem::path& backup);

/// Writes the manifest of everything that is in `backup`, durably.
Result<void> WriteManifest(const std::filesystem::path& backup);

/// What a backup holds, besides its manifest.
struct BackupFiles {
  /// Paths below it, sorted.
  std::vector<std::filesystem::path> files;
  /// One line for each file that is not as it was made, with its path; empty when all are.
  std::vector<std::string> differences;
};

enum class Compare {
  // Which files there are, and their sizes.
  kSizes,
  // Also every byte.
  kContents,
};
/// Holds what is there against the manifest.
/// Errors: kCorruption when the manifest itself is damaged or cut off; kIo.
Result<BackupFiles> CompareWithManifest(const std::filesystem::path& backup, Compare how);

/// Makes a copy that a node is started on its own: checks that its files are there, and removes the
/// manifest, which would be wrong from now on. Does nothing where there is none.
/// Errors: as above; kCorruption naming the files that differ.
Result<void> RetireManifest(const std::filesystem::path& data_directory);

/// Says which files of a backup differ, and what to do.
Error DifferenceError(const std::filesystem::path& backup, const BackupFiles& files);

}  // namespace cacheindex::node
