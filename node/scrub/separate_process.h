#pragma once

#include <functional>

#include "node/core/result.h"

namespace cacheindex::node {

/// Runs `job` in a process of its own and waits for it: what ends that process, a damaged page that
/// LMDB stumbles over for one, does not end this one. Returns what `job` returned, from 0 to 127,
/// or the negative number of the signal that ended the process. It leaves no core file.
///
/// Requires that this process has one thread and no store is open.
/// Errors: kIo.
Result<int> RunSeparately(const std::function<int()>& job);

}  // namespace cacheindex::node
