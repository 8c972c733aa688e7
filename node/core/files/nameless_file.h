#pragma once

#include <filesystem>

#include "node/core/files/file_descriptor.h"
#include "node/core/result.h"

namespace cacheindex {

/// Creates a file in `directory` for reading and writing that has no name, and so is gone with its
/// descriptor, whatever happens to the process.
/// Errors: kIo, kExhausted.
Result<FileDescriptor> CreateNamelessFile(const std::filesystem::path& directory);

}  // namespace cacheindex
