#include "replication/rows/history_proof.h"

#include <string>

namespace cacheindex::replication {

HistoryProof::HistoryProof(std::optional<CommitMark> last, LogPosition start, LogPosition applied)
    : last_(last.value_or(CommitMark())),
      applied_(applied),
      has_met_(last_.transaction_id == 0 || last_.commit < start),
      is_done_(!last || start >= applied) {}

Result<void> HistoryProof::Meet(const CommitMark& mark) {
  if (is_done_ || mark.commit < last_.commit) {
    return {};
  }
  if (mark != last_) {
    return Error(ErrorCode::kConflict, "the server's history is another one: it has transaction " +
                                           std::to_string(mark.transaction_id) +
                                           " with its commit at " + ToString(mark.commit) +
                                           ", which we never applied; was its volume put back "
                                           "to an older state?");
  }
  has_met_ = true;
  return {};
}

Result<void> HistoryProof::Pass(LogPosition position) {
  if (is_done_ || position < applied_) {
    return {};
  }
  is_done_ = has_met_;
  return has_met_ ? Result<void>() : Missing();
}

Error HistoryProof::Missing() const {
  return {ErrorCode::kConflict, "the server's history is another one: it lacks transaction " +
                                    std::to_string(last_.transaction_id) + " with its commit at " +
                                    ToString(last_.commit) +
                                    ", which we applied; was its volume put back to an older "
                                    "state?"};
}

}  // namespace cacheindex::replication
