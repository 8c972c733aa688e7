#pragma once

#include <filesystem>

#include "node/core/result.h"
#include "node/native_store.h"

namespace cacheindex::node {

/// Writes a copy of everything the node holds to `target`, while it goes on serving. The copy is a
/// data directory itself: what was acknowledged before the call is in it, and documents and
/// settings are each of one moment. It appears under its name only when it is complete.
///
/// Errors: kInvalidArgument when `target` is not an absolute path, kConflict when it exists, kIo,
/// kExhausted.
Result<void> WriteBackup(NativeStore& native, const std::filesystem::path& target);

/// Makes a data directory out of a backup. `data_directory` must be missing or empty: nothing is
/// overwritten.
Result<void> RestoreBackup(const std::filesystem::path& backup,
                           const std::filesystem::path& data_directory);

}  // namespace cacheindex::node
