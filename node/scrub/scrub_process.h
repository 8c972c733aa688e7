#pragma once

#include <sys/types.h>

#include <cstdint>
#include <filesystem>
#include <optional>

namespace cacheindex::node {

/// What the process that scrubs one generation of a store is told on its command line.
struct ScrubOrder {
  std::filesystem::path generation;
  std::uint32_t megabytes_per_second = 0;
  /// Who started it; it ends with that process.
  pid_t parent = 0;
  /// The number of the only collection to read.
  std::optional<std::uint32_t> only;
};

/// Reads everything in a generation that the parent has open, but what is fenced, and says on
/// standard output what it reads and finds (scrub_report.h): documents against their hashes, ids
/// and numbers against each other, column pages and entries against their checksums, and the
/// pages of text indexes against theirs.
///
/// It may be ended by a damaged page: what it said that it reads then is what ended it. It runs at
/// a low priority, leaves no core file, and holds what it reads of the store for milliseconds at a
/// time. Returns the code to exit with: EXIT_SUCCESS when it said that it is done, kScrubHasFailed
/// when it said why not.
int RunScrub(const ScrubOrder& order);

/// No code that a sanitizer or a library would end a process with.
inline constexpr int kScrubHasFailed = 44;

}  // namespace cacheindex::node
