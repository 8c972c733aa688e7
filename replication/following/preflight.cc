#include "replication/following/preflight.h"

#include <algorithm>
#include <utility>

#include "node/core/number_text.h"
#include "replication/following/declaration_check.h"
#include "replication/postgres/slot.h"

namespace cacheindex::replication {
namespace {

using Findings = std::vector<PreflightFinding>;
using Rows = PostgresConnection::Rows;
using Severity = PreflightFinding::Severity;

constexpr std::size_t kSlotNameMax = 63;

std::string TableIdentifier(const Table& table) {
  return PostgresConnection::Identifier(table.schema) + "." +
         PostgresConnection::Identifier(table.name);
}

std::int64_t Number(const std::optional<std::string>& text) {
  return ToNumber<std::int64_t>(text.value_or("")).value_or(0);
}

// Settings and who we are, in one row.
constexpr const char* kServerQuery = R"(
SELECT current_setting('wal_level'), current_user,
       (SELECT rolreplication OR rolsuper FROM pg_roles WHERE rolname = current_user),
       current_setting('max_replication_slots')::int,
       (SELECT count(*) FROM pg_replication_slots),
       current_setting('max_wal_senders')::int,
       (SELECT count(*) FROM pg_stat_replication),
       current_setting('synchronous_standby_names'),
       current_setting('max_slot_wal_keep_size'),
       current_database(), pg_is_in_recovery())";
enum ServerColumn : std::size_t {
  kWalLevel,
  kUser,
  kMayReplicate,
  kSlotsMax,
  kSlots,
  kSendersMax,
  kSenders,
  kSynchronousNames,
  kKeepSize,
  kDatabase,
  kIsStandby,
};

void AddSettingFindings(const PostgresConnection::Values& server, bool has_slot,
                        Findings& findings) {
  if (server[kWalLevel] != "logical") {
    findings.push_back({Severity::kError,
                        "the setting wal_level is '" + server[kWalLevel].value_or("") +
                            "' and must be 'logical'; the server must be restarted afterwards",
                        "ALTER SYSTEM SET wal_level = logical;"});
  }
  if (server[kIsStandby] == "t") {
    findings.push_back(
        {Severity::kError, "the server is a standby; only a primary can be followed", {}});
  }
  // One slot for the stream, and one for a while for each snapshot.
  const std::int64_t slots_needed = has_slot ? 1 : 2;
  if (Number(server[kSlots]) + slots_needed > Number(server[kSlotsMax])) {
    findings.push_back({Severity::kError,
                        server[kSlots].value_or("") +
                            " of max_replication_slots = " + server[kSlotsMax].value_or("") +
                            " are taken, and " + std::to_string(slots_needed) +
                            " are needed; the server must be restarted afterwards",
                        "ALTER SYSTEM SET max_replication_slots = " +
                            std::to_string(Number(server[kSlots]) + slots_needed + 2) + ";"});
  }
  constexpr std::int64_t kSendersNeeded = 2;
  if (Number(server[kSenders]) + kSendersNeeded > Number(server[kSendersMax])) {
    findings.push_back({Severity::kError,
                        server[kSenders].value_or("") +
                            " of max_wal_senders = " + server[kSendersMax].value_or("") +
                            " are taken, and " + std::to_string(kSendersNeeded) +
                            " are needed; the server must be restarted afterwards",
                        "ALTER SYSTEM SET max_wal_senders = " +
                            std::to_string(Number(server[kSenders]) + kSendersNeeded + 2) + ";"});
  }
  if (server[kKeepSize] == "-1") {
    findings.push_back({Severity::kWarning,
                        "max_slot_wal_keep_size is unlimited: a node that stays away lets the "
                        "server's disk fill up with log",
                        "ALTER SYSTEM SET max_slot_wal_keep_size = '20GB';"});
  }
}

void AddRoleFindings(const PostgresConnection::Values& server, Findings& findings) {
  if (server[kMayReplicate] != "t") {
    const std::string user = server[kUser].value_or("");
    findings.push_back({Severity::kError,
                        "the role '" + user + "' has not the attribute REPLICATION",
                        "ALTER ROLE " + PostgresConnection::Identifier(user) + " REPLICATION;"});
  }
}

// A node that counts as a synchronous standby makes every COMMIT wait until it is durable here.
void AddSynchronousFinding(const Source::Options& options, const PostgresConnection::Values& server,
                           Findings& findings) {
  const std::string names = server[kSynchronousNames].value_or("");
  if (names.find('*') != std::string::npos ||
      names.find(ApplicationName(options)) != std::string::npos) {
    findings.push_back(
        {Severity::kWarning,
         "synchronous_standby_names = '" + names + "' makes this node, '" +
             ApplicationName(options) +
             "', a synchronous standby: each COMMIT at the server waits for it. Name the standbys "
             "that are meant",
         "ALTER SYSTEM SET synchronous_standby_names = 'NAME OF THE STANDBY';"});
  }
}

void AddSlotFindings(const Source::Options& options, const std::optional<SlotState>& slot,
                     const std::string& database, Findings& findings) {
  if (!slot) {
    return;
  }
  const std::string drop =
      "SELECT pg_drop_replication_slot(" + PostgresConnection::Literal(options.slot) + ");";
  if (slot->plugin != "pgoutput" || slot->database != database) {
    findings.push_back({Severity::kError,
                        "the slot '" + options.slot + "' has plugin '" + slot->plugin +
                            "' and database '" + slot->database + "': it is somebody else's",
                        drop});
  } else if (slot->wal_status == "lost") {
    findings.push_back(
        {Severity::kWarning,
         "the slot '" + options.slot + "' is lost; the node will drop it and copy the tables again",
         {}});
  } else if (slot->is_active) {
    findings.push_back(
        {Severity::kWarning, "the slot '" + options.slot + "' is in use by " + slot->user, {}});
  }
}

// Other nodes' slots that nobody reads hold the server's log back for ever.
Result<void> AddOrphanFindings(PostgresConnection& connection, const Source::Options& options,
                               Findings& findings) {
  Result<Rows> rows = connection.Execute(
      "SELECT slot_name, pg_size_pretty(pg_wal_lsn_diff(pg_current_wal_lsn(), restart_lsn)) "
      "FROM pg_replication_slots WHERE plugin = 'pgoutput' AND NOT active AND database = "
      "current_database() AND slot_name <> " +
      PostgresConnection::Literal(options.slot));
  if (!rows) {
    return std::move(rows).error();
  }
  for (const PostgresConnection::Values& row : *rows) {
    findings.push_back({Severity::kWarning,
                        "the slot '" + row[0].value_or("") + "' is not in use and retains " +
                            row[1].value_or("an unknown size") +
                            " of log; if its owner is gone, drop it",
                        "SELECT pg_drop_replication_slot(" +
                            PostgresConnection::Literal(row[0].value_or("")) + ");"});
  }
  return {};
}

void Append(Findings more, Findings& findings) {
  std::move(more.begin(), more.end(), std::back_inserter(findings));
}

// The server itself refuses to change rows of a published table that it cannot tell apart.
bool IsUpdateRefused(const CatalogTable& table) {
  const ReplicaIdentity identity = table.table->identity;
  return identity == ReplicaIdentity::kNothing ||
         (identity != ReplicaIdentity::kFull && table.key_columns.empty());
}

// What is wrong with a table that nothing is made of concerns us only where we are the reason that
// its owner cannot use it.
void AddTableFindings(const Catalog& catalog, const std::set<std::uint32_t>& used_tables,
                      const std::string& user, Findings& findings) {
  for (const CatalogTable& table : catalog.tables) {
    std::optional<PreflightFinding> problem = TableProblem(table, user);
    if (!problem) {
      continue;
    }
    if (!used_tables.contains(table.table->oid)) {
      if (!IsUpdateRefused(table)) {
        continue;
      }
      problem->severity = Severity::kWarning;
      problem->message +=
          "; no collection is made of it, but the server refuses its updates and deletes as long "
          "as it is published";
    }
    findings.push_back(*std::move(problem));
  }
}

Result<Findings> FindingsOf(PostgresConnection& connection, const Source::Options& options,
                            const SchemaCheck& check_schema) {
  Findings findings;
  Result<Rows> server = connection.Execute(kServerQuery);
  if (!server) {
    return std::move(server).error();
  }
  const PostgresConnection::Values& row = server->front();
  Result<std::optional<SlotState>> slot = ReadSlot(connection, options.slot);
  if (!slot) {
    return std::move(slot).error();
  }
  AddSettingFindings(row, slot->has_value(), findings);
  AddRoleFindings(row, findings);
  AddSynchronousFinding(options, row, findings);
  AddSlotFindings(options, *slot, row[kDatabase].value_or(""), findings);
  if (row[kIsStandby] != "t") {
    if (Result<void> added = AddOrphanFindings(connection, options, findings); !added) {
      return std::move(added).error();
    }
  }
  Result<Catalog> catalog = LoadCatalog(connection, options.publication);
  if (!catalog) {
    return std::move(catalog).error();
  }
  const auto server_tables = LoadServerTables(connection);
  if (!server_tables) {
    return server_tables.error();
  }
  if (catalog->has_publication) {
    Append(PublicationFindings(options, *catalog), findings);
  }
  DeclarationCheck declarations =
      CheckDeclarations(options, *catalog, *server_tables, check_schema);
  Append(std::move(declarations.findings), findings);
  AddTableFindings(*catalog, declarations.used_tables, row[kUser].value_or(""), findings);
  return findings;
}

}  // namespace

Result<void> CheckOptions(const Source::Options& options) {
  const auto is_slot_character = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
  };
  if (options.slot.empty() || options.slot.size() > kSlotNameMax ||
      !std::all_of(options.slot.begin(), options.slot.end(), is_slot_character)) {
    return Error(ErrorCode::kInvalidArgument,
                 "source '" + options.name + "': slot '" + options.slot + "' must be 1 to " +
                     std::to_string(kSlotNameMax) + " of a-z, 0-9 and _");
  }
  if (options.publication.empty()) {
    return Error(ErrorCode::kInvalidArgument,
                 "source '" + options.name + "': publication must not be empty");
  }
  return {};
}

std::string ApplicationName(const Source::Options& options) { return "cacheindex_" + options.slot; }

std::vector<PreflightFinding> PublicationFindings(const Source::Options& options,
                                                  const Catalog& catalog) {
  const std::string publication = PostgresConnection::Identifier(options.publication);
  if (!catalog.has_publication) {
    return {{Severity::kError, "the publication '" + options.publication + "' does not exist",
             "CREATE PUBLICATION " + publication +
                 " FOR TABLE schema.table, ... WITH (publish_via_partition_root = true);"}};
  }
  Findings findings;
  if (!catalog.publishes_all_operations) {
    findings.push_back({Severity::kError,
                        "the publication '" + options.publication +
                            "' leaves out some of insert, update, delete and truncate",
                        "ALTER PUBLICATION " + publication +
                            " SET (publish = 'insert, update, delete, truncate');"});
  }
  if (catalog.tables.empty()) {
    findings.push_back({Severity::kError,
                        "the publication '" + options.publication + "' has no tables",
                        "ALTER PUBLICATION " + publication + " ADD TABLE schema.table, ...;"});
  }
  return findings;
}

std::optional<PreflightFinding> TableProblem(const CatalogTable& table, const std::string& user) {
  const Table& description = *table.table;
  const std::string name = description.QualifiedName();
  const std::string identifier = TableIdentifier(description);
  if (!table.may_select) {
    return PreflightFinding{
        Severity::kError, "the role '" + user + "' may not SELECT from " + name,
        "GRANT SELECT ON " + identifier + " TO " + PostgresConnection::Identifier(user) + ";"};
  }
  if (table.has_hidden_rows) {
    return PreflightFinding{Severity::kError,
                            "policies of " + name + " hide rows from the role '" + user + "'",
                            "ALTER ROLE " + PostgresConnection::Identifier(user) + " BYPASSRLS;"};
  }
  switch (description.identity) {
    case ReplicaIdentity::kFull:
      // Without a key all of its values tell its rows apart.
      break;
    case ReplicaIdentity::kDefault:
      if (table.key_columns.empty()) {
        return PreflightFinding{Severity::kError,
                                name + " has no primary key, so its rows cannot be told apart",
                                "ALTER TABLE " + identifier + " ADD PRIMARY KEY (...);"};
      }
      break;
    case ReplicaIdentity::kIndex:
      if (table.key_columns.empty()) {
        return PreflightFinding{Severity::kError,
                                "the index that is the replica identity of " + name + " is gone",
                                "ALTER TABLE " + identifier + " REPLICA IDENTITY DEFAULT;"};
      }
      break;
    case ReplicaIdentity::kNothing:
      return PreflightFinding{
          Severity::kError,
          name + " has REPLICA IDENTITY NOTHING, so its updates and deletes fail when published",
          "ALTER TABLE " + identifier + " REPLICA IDENTITY DEFAULT;"};
  }
  if (!table.deviating_partitions.empty()) {
    return PreflightFinding{
        Severity::kError,
        "partitions of " + name +
            " have another replica identity than it: " + table.deviating_partitions.front(),
        "ALTER TABLE " + table.deviating_partitions.front() + " REPLICA IDENTITY DEFAULT;"};
  }
  return std::nullopt;
}

std::vector<PreflightFinding> Preflight(const Source::Options& options,
                                        const SchemaCheck& check_schema) {
  const Interrupt interrupt;
  PostgresConnection::Options connection_options;
  connection_options.connection = options.connection;
  connection_options.application_name = ApplicationName(options);
  connection_options.lock_timeout = options.lock_timeout;
  auto connection = PostgresConnection::Open(connection_options, interrupt);
  Result<Findings> asked = connection ? FindingsOf(**connection, options, check_schema)
                                      : Result<Findings>(std::move(connection).error());
  if (!asked) {
    Findings findings = CheckSchemas(options.collections, check_schema);
    findings.push_back({Severity::kError,
                        "the server cannot be asked, so tables and columns are not checked: " +
                            asked.error().message(),
                        "psql \"" + options.connection + "\""});
    return findings;
  }
  Findings findings = *std::move(asked);
  // Whether the server lets us in is known only by trying.
  connection_options.is_replication = true;
  auto replication = PostgresConnection::Open(connection_options, interrupt);
  Result<SystemIdentity> identity =
      replication ? IdentifySystem(**replication) : std::move(replication).error();
  if (!identity) {
    findings.push_back({Severity::kError,
                        "a replication connection is refused: " + identity.error().message(),
                        {}});
  }
  return findings;
}

}  // namespace cacheindex::replication
