#pragma once

#include <filesystem>
#include <span>
#include <string>

#include "cache/settings.h"
#include "node/core/result.h"
#include "node/disk/data_directory.h"
#include "node/stores/served_store.h"

namespace cacheindex::node {

/// A store, and its name below stores/.
struct NamedStore {
  std::string name;
  ServedStore* store;
};

/// Writes a copy of everything the node holds to `target`, while it goes on serving. The copy is a
/// data directory itself: what was acknowledged before the call is in it, and each store and the
/// settings are of one moment. Its manifest says what is in it, and only the owner can read it. It
/// appears under its name only when it is complete; an older copy that has the name goes only then.
///
/// Errors: kInvalidArgument when `target` is not an absolute path, or lies in the data directory
/// (other than where copies go that have no other place); kConflict when it exists and is
/// neither empty nor a copy that was never used as a data directory, kIo, kExhausted.
Result<void> WriteBackup(const DataDirectory& directory, cache::Settings& settings,
                         std::span<const NamedStore> stores, const std::filesystem::path& target);

struct Restored {
  /// Whether the files were held against a manifest; backups of earlier versions have none.
  bool is_compared = false;
};

/// Makes a data directory out of a backup. `data_directory` must be missing or empty: nothing is
/// overwritten.
/// Errors: kCorruption naming the files that are not as the backup was made, before anything is
/// written; kConflict, kIo, kExhausted.
Result<Restored> RestoreBackup(const std::filesystem::path& backup,
                               const std::filesystem::path& data_directory);

}  // namespace cacheindex::node
