#include "replication/postgres/slot.h"

#include <random>
#include <sstream>
#include <utility>

#include "node/core/number_text.h"

namespace cacheindex::replication {
namespace {

using Rows = PostgresConnection::Rows;

// PostgreSQL's limit, and what is put behind the name of the permanent slot.
constexpr std::size_t kSlotNameMax = 63;
constexpr const char* kTemporarySuffix = "_copy_";

template <class Integer>
Integer Number(const std::optional<std::string>& text) {
  return ToNumber<Integer>(text.value_or("")).value_or(0);
}

LogPosition PositionOr0(const std::optional<std::string>& text) {
  const Result<LogPosition> position = ParseLogPosition(text.value_or("0/0"));
  return position ? *position : LogPosition{};
}

}  // namespace

Result<std::optional<SlotState>> ReadSlot(PostgresConnection& connection, const std::string& slot) {
  Result<Rows> rows = connection.Execute(
      "SELECT s.plugin, s.database, s.active, "
      "coalesce(a.application_name || ', ', '') || 'process ' || s.active_pid, s.wal_status, "
      "s.restart_lsn, s.confirmed_flush_lsn FROM pg_replication_slots s "
      "LEFT JOIN pg_stat_activity a ON a.pid = s.active_pid WHERE s.slot_name = " +
      PostgresConnection::Literal(slot));
  if (!rows) {
    return std::move(rows).error();
  }
  if (rows->empty()) {
    return std::optional<SlotState>();
  }
  PostgresConnection::Values& row = rows->front();
  SlotState state;
  state.plugin = row[0].value_or("");
  state.database = row[1].value_or("");
  state.is_active = row[2] == "t";
  state.user = row[3].value_or("");
  state.wal_status = row[4].value_or("");
  state.restart = PositionOr0(row[5]);
  state.confirmed = PositionOr0(row[6]);
  return std::optional(std::move(state));
}

Result<LogPosition> CreateSlot(PostgresConnection& connection, const std::string& slot) {
  Result<Rows> rows =
      connection.Execute("CREATE_REPLICATION_SLOT " + PostgresConnection::Identifier(slot) +
                         " LOGICAL pgoutput (SNAPSHOT 'nothing')");
  if (!rows) {
    return std::move(rows).error().WithContext("create slot " + slot);
  }
  return PositionOr0(rows->front()[1]);
}

Result<void> DropSlot(PostgresConnection& connection, const std::string& slot) {
  Result<Rows> rows = connection.Execute("SELECT pg_drop_replication_slot(" +
                                         PostgresConnection::Literal(slot) + ")");
  if (!rows) {
    return std::move(rows).error().WithContext("drop slot " + slot);
  }
  return {};
}

std::string TemporarySlotName(const std::string& slot) {
  // Two sessions of one node may overlap when the server has not noticed yet that one is dead.
  std::random_device device;
  const std::string suffix = kTemporarySuffix + std::to_string(device());
  return slot.substr(0, kSlotNameMax - suffix.size()) + suffix;
}

Result<SystemIdentity> IdentifySystem(PostgresConnection& connection) {
  Result<Rows> rows = connection.Execute("IDENTIFY_SYSTEM");
  if (!rows) {
    return std::move(rows).error();
  }
  SystemIdentity identity;
  identity.system_identifier = Number<std::uint64_t>(rows->front()[0]);
  identity.timeline = Number<std::uint32_t>(rows->front()[1]);
  identity.end = PositionOr0(rows->front()[2]);
  return identity;
}

Result<std::optional<LogPosition>> SwitchPoint(PostgresConnection& connection,
                                               std::uint32_t timeline, std::uint32_t parent) {
  Result<Rows> rows = connection.Execute("TIMELINE_HISTORY " + std::to_string(timeline));
  if (!rows) {
    return std::move(rows).error();
  }
  // Lines of: timeline, position, reason.
  std::istringstream lines(rows->front()[1].value_or(""));
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words(line);
    std::uint32_t ancestor = 0;
    std::string position;
    if (words >> ancestor >> position && ancestor == parent) {
      return std::optional(PositionOr0(position));
    }
  }
  return std::optional<LogPosition>();
}

}  // namespace cacheindex::replication
