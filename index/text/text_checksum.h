#pragma once

#include <cstddef>
#include <filesystem>
#include <functional>

#include "node/core/result.h"

namespace cacheindex::index {

// Xapian's files have no checksums: a flipped bit is another list of documents. So whoever closes a
// text index leaves the file CHECKSUM in it, a hash of all its files, and whoever opens it holds
// them against it; whoever is about to change them removes it first. An index that was not closed
// has none.

/// Writes it. Requires that nobody writes the index. Cost: reads all of it.
/// Errors: kIo.
Result<void> WriteTextChecksum(const std::filesystem::path& directory);

/// Returns false when the files are not those that it was written for; true without one.
/// Errors: kIo.
Result<bool> IsTextAsWritten(const std::filesystem::path& directory);

/// As IsTextAsWritten, of an index that another process uses, which may begin to change it or
/// remove it at any time: that is no difference. Calls `read` after each block with its size.
Result<bool> IsForeignTextAsWritten(const std::filesystem::path& directory,
                                    const std::function<void(std::size_t bytes)>& read);

/// Leaves a mark by which IsTextAsWritten says no from now on, whatever the files are: the index is
/// known to be damaged. Errors: kIo, kExhausted.
Result<void> MarkTextDamaged(const std::filesystem::path& directory);

bool HasTextChecksum(const std::filesystem::path& directory);

/// Errors: kIo.
Result<void> RemoveTextChecksum(const std::filesystem::path& directory);

}  // namespace cacheindex::index
