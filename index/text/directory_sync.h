#pragma once

#include <filesystem>

#include "node/core/result.h"

namespace cacheindex::index {

/// Makes creations, renames and removals in `directory` survive a power cut.
Result<void> SyncDirectory(const std::filesystem::path& directory);

}  // namespace cacheindex::index
