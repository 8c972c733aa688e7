#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "node/core/result.h"

namespace cacheindex::cache {

/// Returns the directory of the live generation of the store in `store_directory`: what CURRENT
/// names. Creates generation 1 in an empty or missing directory.
///
/// Errors: kCorruption when generations exist but CURRENT is missing or names none of them: an
/// operator must decide, nothing is recreated (invariant 9). kIo.
Result<std::filesystem::path> OpenCurrentGeneration(const std::filesystem::path& store_directory);

/// Makes `generation` the live one: CURRENT is replaced by rename, and the directory is fsynced.
///
/// Errors: kInvalidArgument when `generation` is not a plain name, kNotFound when there is no such
/// directory, kIo.
Result<void> SwitchGeneration(const std::filesystem::path& store_directory,
                              std::string_view generation);

}  // namespace cacheindex::cache
