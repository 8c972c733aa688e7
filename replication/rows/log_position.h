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

/// Bytes of a page of the log (PostgreSQL: XLOG_BLCKSZ).
inline constexpr std::uint64_t kLogPageBytes = 8'192;

/// Returns where the log ends when it is said to end at `position`: that may point behind the
/// header of the page after the end (SizeOfXLogShortPHD, SizeOfXLogLongPHD), and nothing ends there
/// as long as nobody writes. `segment_bytes` is wal_segment_size, 0 when it is not known.
LogPosition WithoutPageHeader(LogPosition position, std::uint64_t segment_bytes);

/// Where a snapshot of the source stands in its log.
struct SnapshotPosition {
  /// Whatever was committed before is in the snapshot. Rows that were read there have this
  /// position, so that everything behind it is applied to them, some of it for the second time.
  LogPosition from{};
  /// Nothing that was committed behind is in the snapshot: once the stream has passed it, rows are
  /// right. The same as `from` when the source made the snapshot at a position.
  LogPosition to{};

  static SnapshotPosition At(LogPosition position) { return {.from = position, .to = position}; }
};

/// Returns PostgreSQL's spelling: two upper-case hexadecimal numbers without leading zeros.
std::string ToString(LogPosition position);

/// Errors: kInvalidArgument when `text` is not such a spelling.
Result<LogPosition> ParseLogPosition(std::string_view text);

}  // namespace cacheindex::replication
