#pragma once

#include <cstdint>

#include "cache/write_state.h"
#include "node/core/position.h"
#include "node/core/result.h"

namespace cacheindex::cache {

/// Keys of dropped things removed in one transaction, at most: about two milliseconds.
inline constexpr std::uint32_t kDropKeysMax = 2'000;
/// Log entries removed in one transaction, at most.
inline constexpr std::uint32_t kTrimEntriesMax = 10'000;

/// Removes a piece of what dropped collections and columns left. Requires state.store to be the
/// state of this transaction.
Result<void> WorkOffDrops(WriteState& state);

/// Removes the oldest log entries up to `position` and notes for each collection how far. Returns
/// how many were removed; kTrimEntriesMax means that there may be more.
Result<std::uint32_t> TrimLogEntries(WriteState& state, Position position);

}  // namespace cacheindex::cache
