#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "tests/tidy/rules.h"

// The architecture: which folders and rooms there are, in which order they stand, and who may
// include whom.

namespace cacheindex::tidy {

/// Returns the top-level folder of a file, or "node/core".
std::string FolderOf(std::string_view path);
/// Whether the folder is one of the project's own libraries.
bool IsProduction(std::string_view path);
/// Returns the room of a file: the longest row of the law that its path begins with; empty for
/// tests and benchmarks.
std::string_view RoomOf(std::string_view path);

/// Returns a line for each pair of rooms of which one includes the other: from, to, how many
/// includes. From the bottom to the top.
std::vector<std::string> IncludeGraph(const std::vector<SourceFile>& files);

}  // namespace cacheindex::tidy
