#pragma once

#include <filesystem>
#include <functional>

#include "node/core/result.h"

namespace cacheindex::node {

/// What may be in the place of a new directory.
enum class MayReplace {
  kNothing,
  /// A copy that was never used as a data directory.
  kBackup,
};

/// Runs `fill` on the directory `target`.partial, which only the owner of this process can read,
/// and moves that to `target` when it is complete and durable. What a copy left there that was cut
/// off is removed first.
///
/// Errors: kConflict when `target` holds something that may not be replaced, when another copy to
/// it runs, or when something else has the name of the partial one; kIo, kExhausted; what `fill`
/// returns.
Result<void> BuildDirectory(
    const std::filesystem::path& target, MayReplace may_replace,
    const std::function<Result<void>(const std::filesystem::path& partial)>& fill);

/// Returns whether `path` is a copy that no node was ever started on.
Result<bool> IsBackup(const std::filesystem::path& path);

/// Returns an absolute path without `.`, `..` and slashes at its end.
std::filesystem::path PlaceOf(const std::filesystem::path& path);

}  // namespace cacheindex::node
