#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "node/core/result.h"

namespace cacheindex::node {

/// The file CRASH of a data directory: the signal that ended the process, where it was one that a
/// damaged page causes (SIGSEGV, SIGBUS, SIGABRT, SIGILL, SIGFPE). A kill, or a power cut, leaves
/// none: the stores survive these.

/// Lets such a signal leave the mark, from here on and for the whole process.
void LeaveCrashMarkIn(const std::filesystem::path& data_directory);

/// Returns what the mark says; nullopt without one. Errors: kIo.
Result<std::optional<std::string>> FindCrashMark(const std::filesystem::path& data_directory);

/// Errors: kIo.
Result<void> RemoveCrashMark(const std::filesystem::path& data_directory);

}  // namespace cacheindex::node
