#include "replication/following/continuity.h"

#include <algorithm>
#include <utility>

namespace cacheindex::replication {
namespace {

Verdict Rebuild(std::string reason) { return {Verdict::Kind::kRebuild, std::move(reason)}; }

// Whether the server's history is that of the generation.
std::optional<Verdict> JudgeHistory(const SourceState& state, const ServerFacts& server) {
  const SourceIdentity& known = state.identity;
  if (server.identity.system_identifier != known.system_identifier) {
    return Rebuild("the server belongs to another cluster: its system identifier is " +
                   std::to_string(server.identity.system_identifier) + " and was " +
                   std::to_string(known.system_identifier));
  }
  if (server.identity.timeline != known.timeline) {
    const std::string change = "the server went from timeline " + std::to_string(known.timeline) +
                               " to " + std::to_string(server.identity.timeline);
    if (!server.switch_point) {
      return Rebuild(change + ", which does not descend from it");
    }
    // Copied rows may be of a time that the stream has not reached yet.
    const LogPosition seen = std::max(state.applied, state.snapshot_max);
    if (seen > *server.switch_point) {
      return Rebuild(change + " at " + ToString(*server.switch_point) +
                     ", and we have transactions up to " + ToString(seen) + " that it never had");
    }
  }
  if (state.applied > server.identity.end) {
    return Rebuild("we are at " + ToString(state.applied) + ", and the server's log ends at " +
                   ToString(server.identity.end));
  }
  return std::nullopt;
}

}  // namespace

Verdict Judge(const SourceState& state, const ServerFacts& server) {
  if (server.slot &&
      (server.slot->plugin != "pgoutput" || server.slot->database != server.database)) {
    return {Verdict::Kind::kRefuse, "the replication slot of our name has plugin '" +
                                        server.slot->plugin + "' and database '" +
                                        server.slot->database + "': it is somebody else's"};
  }
  if (state.phase == Phase::kNew) {
    return {Verdict::Kind::kBegin, {}};
  }
  if (std::optional<Verdict> verdict = JudgeHistory(state, server)) {
    return *std::move(verdict);
  }
  if (!server.slot) {
    return Rebuild("the replication slot is missing");
  }
  if (server.slot->wal_status == "lost") {
    return Rebuild("the replication slot is lost: the server removed log that we still need");
  }
  if (server.slot->confirmed > state.applied) {
    return Rebuild("the replication slot begins at " + ToString(server.slot->confirmed) +
                   ", and we end at " + ToString(state.applied));
  }
  if (server.publication_fingerprint != state.identity.publication_fingerprint) {
    return Rebuild("the publication was changed");
  }
  return {Verdict::Kind::kResume, {}};
}

std::string ReasonForNewCopy(const std::vector<std::shared_ptr<const Table>>& known,
                             const Catalog& catalog) {
  for (const std::shared_ptr<const Table>& table : known) {
    if (const CatalogTable* now = catalog.Find(table->oid); now != nullptr) {
      if (std::string reason = ReasonForNewCopy(*table, *now); !reason.empty()) {
        return reason;
      }
    }
  }
  return {};
}

}  // namespace cacheindex::replication
