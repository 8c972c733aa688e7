#pragma once

namespace cacheindex::node {

/// Runs the command line and returns the exit code: 0 for success, 1 when it failed, 2 when it was
/// misused.
int RunCommand(int argument_count, const char* const* arguments);

}  // namespace cacheindex::node
