#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "node/core/result.h"

namespace cacheindex::replication {

/// A byte position in the source's write-ahead log (PostgreSQL: LSN), printed as "16/B374D848".
/// Zero is "before everything".
///
/// The position of a transaction is the end of its commit record: events inside share positions and
/// go backwards, so none of them may be used as progress.
enum class LogPosition : std::uint64_t {};

/// Returns PostgreSQL's spelling: two upper-case hexadecimal numbers without leading zeros.
std::string ToString(LogPosition position);

/// Errors: kInvalidArgument when `text` is not such a spelling.
Result<LogPosition> ParseLogPosition(std::string_view text);

}  // namespace cacheindex::replication
