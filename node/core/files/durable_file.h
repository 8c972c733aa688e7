#pragma once

#include <filesystem>
#include <string_view>

#include "node/core/result.h"

namespace cacheindex {

/// Makes a finished file, or what was created, renamed and removed in a directory, survive a power
/// cut. Errors: kIo, kExhausted; after one nobody knows what survives, and no second call can tell.
Result<void> Synchronize(const std::filesystem::path& path);

/// Writes a small file whole or not at all, durably: beside it, then renamed.
/// Errors: kIo, kExhausted.
Result<void> WriteDurably(const std::filesystem::path& path, std::string_view text);

}  // namespace cacheindex
