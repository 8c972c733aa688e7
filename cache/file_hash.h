#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>

#include "node/core/result.h"

namespace cacheindex::cache {

/// Returns the xxh3 (64 bit) of all bytes of `file`. Cost: reads it once, a block at a time.
/// Calls `read` after each with its size.
/// Errors: kIo.
Result<std::uint64_t> HashOfFile(const std::filesystem::path& file,
                                 const std::function<void(std::size_t bytes)>& read = {});

}  // namespace cacheindex::cache
