#pragma once

#include <cstdint>
#include <optional>

#include "node/core/result.h"
#include "replication/rows/log_position.h"

namespace cacheindex::replication {

/// The end of a transaction, as nothing else in any history of a server has it.
struct CommitMark {
  /// Start and end of the commit record.
  LogPosition commit{};
  LogPosition end{};
  /// 0 where there is none: nothing was applied since the slot was created.
  std::uint32_t transaction_id = 0;
  /// Microseconds since 1970-01-01 UTC.
  std::int64_t committed_at_us = 0;

  bool operator==(const CommitMark&) const = default;
};

/// Whether the history that a server streams is the one that is applied: a volume that was put back
/// to an older state has the same identifier and timeline, and its log soon passes every position.
///
/// The slot is part of the volume. Where it begins was acknowledged here, so everything before is
/// in both histories. From there the last applied transaction must come again, and no other behind
/// it up to where we are. Where the slot begins at our position there is nothing to meet, and
/// nothing to doubt. Threads: one at a time.
class HistoryProof {
 public:
  /// `last` is the last applied transaction, nullopt when it is not known; `start` is where the
  /// stream begins, `applied` the position that we are at.
  HistoryProof(std::optional<CommitMark> last, LogPosition start, LogPosition applied);

  /// Whether nothing is left to be met; until then nothing of the stream may be used.
  bool is_done() const noexcept { return is_done_; }

  /// A transaction came that ended before `applied`. Errors: kConflict when it is another history.
  Result<void> Meet(const CommitMark& mark);
  /// Everything before `position` has come. Errors: kConflict when it is another history.
  Result<void> Pass(LogPosition position);

 private:
  Error Missing() const;

  const CommitMark last_;
  const LogPosition applied_;
  bool has_met_ = false;
  bool is_done_ = false;
};

}  // namespace cacheindex::replication
