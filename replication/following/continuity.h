#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "replication/apply/applier.h"
#include "replication/postgres/catalog.h"
#include "replication/postgres/slot.h"
#include "replication/rows/log_position.h"

namespace cacheindex::replication {

/// What is known about a server before a stream from it is started.
struct ServerFacts {
  SystemIdentity identity;
  /// Where the generation's timeline ended, when the server is on another one; nullopt when it is
  /// no ancestor of the server's.
  std::optional<LogPosition> switch_point;
  std::optional<SlotState> slot;
  std::string database;
  std::string publication_fingerprint;
};

/// What to do with a generation.
struct Verdict {
  enum class Kind {
    kBegin,    ///< Nothing is there yet: make a slot and begin to copy.
    kResume,   ///< The slot still has everything since `applied`.
    kRebuild,  ///< Something is missing or was never true; only a new copy helps.
    kRefuse,   ///< Somebody must decide.
  };
  Kind kind = Kind::kResume;
  std::string reason;
};

/// Decides whether the stream may go on where the generation ends. The server cannot be asked: it
/// forwards a position that it no longer has, and believes one that it never had.
Verdict Judge(const SourceState& state, const ServerFacts& server);

/// Returns why rows of followed tables may have changed without a change in the stream; empty if
/// they did not.
std::string ReasonForNewCopy(const std::vector<std::shared_ptr<const Table>>& known,
                             const Catalog& catalog);

}  // namespace cacheindex::replication
