#pragma once

#include <optional>
#include <string>

#include "node/core/result.h"
#include "replication/postgres/postgres_connection.h"
#include "replication/rows/log_position.h"

namespace cacheindex::replication {

/// A replication slot as the server shows it.
struct SlotState {
  std::string plugin;
  std::string database;
  bool is_active = false;
  /// Application and process of who uses it.
  std::string user;
  /// "reserved", "extended", "unreserved" or "lost".
  std::string wal_status;
  /// Zero when it is lost.
  LogPosition restart{};
  /// Transactions that ended before are gone.
  LogPosition confirmed{};
};

/// Returns the slot, nullopt when there is none.
Result<std::optional<SlotState>> ReadSlot(PostgresConnection& connection, const std::string& slot);

/// Creates the permanent slot; returns where its stream starts. Waits for transactions that write
/// now, as long as the connection's lock timeout.
/// Requires a replication connection. Errors: kUnavailable after the timeout, kExhausted when all
/// slots are taken.
Result<LogPosition> CreateSlot(PostgresConnection& connection, const std::string& slot);

/// Errors: kNotFound, kUnavailable when somebody uses it.
Result<void> DropSlot(PostgresConnection& connection, const std::string& slot);

/// Name of a slot for one snapshot; the server drops it at the end of the session.
std::string TemporarySlotName(const std::string& slot);

/// Who and where a server is: the beginning of every session.
struct SystemIdentity {
  std::uint64_t system_identifier = 0;
  std::uint32_t timeline = 0;
  /// The end of what is flushed.
  LogPosition end{};
};
/// Requires a replication connection.
Result<SystemIdentity> IdentifySystem(PostgresConnection& connection);

/// Returns where timeline `parent` ended on the way to `timeline`; nullopt when it is no ancestor.
/// Requires a replication connection.
Result<std::optional<LogPosition>> SwitchPoint(PostgresConnection& connection,
                                               std::uint32_t timeline, std::uint32_t parent);

}  // namespace cacheindex::replication
