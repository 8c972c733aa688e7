#pragma once

#include <cstdint>
#include <filesystem>

#include "node/core/result.h"

namespace cacheindex::cache {

/// Returns the xxh3 (64 bit) of all bytes of `file`. Cost: reads it once, a block at a time.
/// Errors: kIo.
Result<std::uint64_t> HashOfFile(const std::filesystem::path& file);

}  // namespace cacheindex::cache
