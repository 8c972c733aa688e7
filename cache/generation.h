#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "node/core/result.h"

namespace cacheindex::cache {

/// Returns the directory of the live generation of the store in `store_directory`: what CURRENT
/// names. Creates and changes nothing.
///
/// Errors: kCorruption when CURRENT is missing or names no generation, or that generation has lost
/// its data file: an operator must decide, nothing is recreated (invariant 9). kIo.
Result<std::filesystem::path> FindCurrentGeneration(const std::filesystem::path& store_directory);

/// As FindCurrentGeneration; makes a store with an empty generation 1 where the directory is
/// missing or empty. A store gets its name when all of it is there, so one that lacks something was
/// damaged, not interrupted.
Result<std::filesystem::path> OpenCurrentGeneration(const std::filesystem::path& store_directory);

/// Makes a generation with nothing in it, durably. Nobody looks for it before SwitchGeneration.
/// Errors: kConflict when the directory holds a data file already, kIo, kExhausted.
Result<void> CreateGeneration(const std::filesystem::path& generation);

/// Makes `generation` the live one: CURRENT is replaced by rename, and the directory is fsynced.
///
/// Errors: kInvalidArgument when `generation` is not a plain name, kNotFound when there is no such
/// directory or no data file in it, kIo.
Result<void> SwitchGeneration(const std::filesystem::path& store_directory,
                              std::string_view generation);

/// Checks that `file` is a file with something in it.
/// Errors: kCorruption saying how it is not; kIo.
Result<void> CheckPresent(const std::filesystem::path& file);

}  // namespace cacheindex::cache
