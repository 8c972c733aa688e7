#pragma once

#include <filesystem>

#include "node/config/config.h"

namespace cacheindex::node {

// What can be done with the stores of a stopped node. Each store is read by a process of its own:
// a page that contradicts the others can end the process that reads it, and is then reported with
// the store's path. All of them write what they did and found to standard output, what went wrong
// to standard error, and return the exit code of the command.
//
// Require that this process has one thread.

/// Checks everything against each other. Returns 0 when nothing was found.
int VerifyStores(const Config& config);

/// Copies everything to `target`, which must be missing or empty. What is damaged is not copied.
int BackUpStores(const Config& config, const std::filesystem::path& target);

/// Makes the data directory out of a backup, and checks that it can be read.
int RestoreStores(const Config& config, const std::filesystem::path& backup);

}  // namespace cacheindex::node
