#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>

#include "node/core/result.h"

namespace cacheindex::index {

// Xapian's pages have no checksums: a flipped bit is another list of documents. So beside each of
// its files lies one with a checksum of every page that was committed.
//
//   NAME.glass      pages of 8 KiB; each begins with the revision that wrote it, u32 big-endian
//   iamglass        the revision that is committed; one page, whatever its size
//   *.checksums     of page n, at 8 n: its revision + 1, or 0 where nothing is known yet, and its
//                   checksum, both u32 little-endian
//
// A revision writes a page only before it is committed, and another one names itself in it. So a
// checksum is of its page as long as both name the same revision; a page with a later one was
// written after it, and nothing is said of that before the next update. Damage that makes a page
// name another revision that was committed is taken for that; and half a page that a power cut left
// of one that was not committed, for damage.

enum class TextPages : std::uint8_t {
  kAll,
  /// What the operating system has in memory, where what was just written is.
  kInMemory,
};

/// Brings the checksums up to what is committed. Requires that nobody commits meanwhile. Cost: a
/// call of the system for each page (about 0.2 us), and reading those that are new.
/// Errors: kIo, kExhausted; kCorruption when the version file is none. What was known is known
/// then.
Result<void> UpdateTextChecksums(const std::filesystem::path& directory, TextPages pages);

/// Returns false when a page is not what its checksum is of, is older or lost, or when
/// MarkTextDamaged was called. Requires that nobody writes the index. Cost: reads all of it.
/// Errors: kIo.
Result<bool> IsTextAsWritten(const std::filesystem::path& directory);

/// As IsTextAsWritten, of an index that another process uses, which may change it or remove it at
/// any time. A page that is seen half written, or a directory that is half removed, is a difference
/// that a second look does not find. Calls `read` after each page with its size.
Result<bool> IsForeignTextAsWritten(const std::filesystem::path& directory,
                                    const std::function<void(std::size_t bytes)>& read);

/// Leaves a mark by which IsTextAsWritten says no from now on, whatever the files are: the index is
/// known to be damaged. Errors: kIo, kExhausted.
Result<void> MarkTextDamaged(const std::filesystem::path& directory);

}  // namespace cacheindex::index
