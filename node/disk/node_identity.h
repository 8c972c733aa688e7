#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "node/core/result.h"

namespace cacheindex::node {

/// The file of the data directory that holds a node's name.
std::filesystem::path NodeIdentityPath(const std::filesystem::path& data_directory);

/// Returns this node's name among all nodes that follow a source: sixteen hexadecimal digits, made
/// at random when it first starts and kept in the file NODE of the data directory. A backup has
/// none, so what is restored from it is a node of its own. Errors: kIo; kCorruption when the file
/// holds something else.
Result<std::string> LoadNodeIdentity(const std::filesystem::path& data_directory);

/// Returns the name of this node's replication slot for a source: [a-z0-9_], at most 63.
std::string SlotName(std::string_view source, std::string_view identity);

}  // namespace cacheindex::node
