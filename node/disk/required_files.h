#pragma once

#include <string>
#include <string_view>

#include "node/core/error.h"
#include "node/core/result.h"
#include "node/disk/data_directory.h"

namespace cacheindex::node {

/// The name that WayOut knows the settings by.
inline constexpr std::string_view kSettingsName = "settings";

/// Checks that what was made when a node first ran in the directory is there still. Returns whether
/// one ever did: its first start makes the settings, then the native store, then NODE, so whoever
/// finds a later one knows that the earlier ones were there. Changes nothing.
///
/// Errors: kCorruption naming the file that was lost, and what to do; kIo.
Result<bool> CheckRequiredFiles(const DataDirectory& directory);

/// Returns what an operator does about the store called `name` when it was lost or is damaged.
std::string WayOut(std::string_view name);

/// Appends the way out to an error that says that the store is lost or damaged; others stay.
Error WithWayOut(Error error, std::string_view name);

}  // namespace cacheindex::node
