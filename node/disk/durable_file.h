#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <system_error>

#include "node/core/result.h"

namespace cacheindex::node {

/// Says what the file system refused: kExhausted when it is full, else kIo.
Error FileError(const std::error_code& failure, std::string_view action);

/// Makes a finished file or directory survive a power cut.
Result<void> Synchronize(const std::filesystem::path& path);

/// Writes a small file whole or not at all, durably: beside it, then renamed.
Result<void> WriteDurably(const std::filesystem::path& path, std::string_view text);

}  // namespace cacheindex::node
