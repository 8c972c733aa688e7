#pragma once

#include <cstdint>
#include <filesystem>

#include "node/core/json.h"

namespace cacheindex::node {

/// Returns the contract's /metrics.json: system and process figures, all as strings (api/README.md
/// 2.9). What the system does not tell is left out.
Json SystemMetrics(const std::filesystem::path& data_directory);

/// Pages of this process that had to be read from disk since its start.
std::uint64_t PageIns();

/// Bytes of this process's memory that are no page cache (RssAnon).
std::uint64_t PrivateMemoryBytes();

}  // namespace cacheindex::node
