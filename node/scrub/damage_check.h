#pragma once

#include "node/config/config.h"
#include "node/core/result.h"
#include "node/disk/data_directory.h"

namespace cacheindex::node {

/// Looks for what ended the process, where a crash mark says that something did (crash_mark.h), so
/// that it does not end it again: every store is read in a process of its own, and where that fails
/// every collection of it.
///
/// What is damaged is fenced off (fence.h), and looked at again at each start; a source's store is
/// built again from its source instead. Leaves a line in the log for each. Does nothing without a
/// mark and a fence. Returns whether something is served that is not as it was written.
///
/// Requires that this process has one thread and no store is open. Cost: reads everything that the
/// stores hold after a crash, otherwise what is fenced.
/// Errors: kCorruption, with the way out, when no collection of the native store can be opened;
/// kIo, kExhausted.
Result<bool> CheckDamage(const DataDirectory& directory, const Config& config);

}  // namespace cacheindex::node
