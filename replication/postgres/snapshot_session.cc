#include "replication/postgres/snapshot_session.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "node/core/number_text.h"
#include "replication/postgres/slot.h"

namespace cacheindex::replication {
namespace {

using Rows = PostgresConnection::Rows;

constexpr const char* kBegin = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";
// SQLSTATEs.
constexpr std::string_view kLockTimeout = "55P03";
constexpr std::string_view kAllSlotsTaken = "53400";
// After this everybody sees a COMMIT that is in the log, unless it waits for a standby.
constexpr const char* kCommitSeconds = "1";

std::string QualifiedIdentifier(const Table& table) {
  return PostgresConnection::Identifier(table.schema) + "." +
         PostgresConnection::Identifier(table.name);
}

// What is read: all of a partitioned table, and of any other not what inherits from it.
std::string From(const CatalogTable& table) {
  return (table.is_partitioned ? " " : " ONLY ") + QualifiedIdentifier(*table.table);
}

template <class Items, class Format>
std::string Join(const Items& items, const Format& format) {
  std::string joined;
  for (const auto& item : items) {
    joined += (joined.empty() ? "" : ", ") + format(item);
  }
  return joined;
}

std::string KeyRow(const std::vector<std::string>& key) {
  return "ROW(" + Join(key, PostgresConnection::Literal) + ")";
}

// The snapshot's own view of files against the present one: they differ when a table was rewritten
// or truncated in between, and then the snapshot would find it empty.
std::string FilesQuery(const std::string& oids) {
  return "SELECT (WITH RECURSIVE tree(oid) AS (SELECT oid FROM pg_class WHERE oid IN (" + oids +
         ") UNION SELECT i.inhrelid FROM pg_inherits i JOIN tree ON tree.oid = i.inhparent "
         "JOIN pg_class p ON p.oid = i.inhparent AND p.relkind = 'p') "
         "SELECT string_agg(concat(c.oid, ':', nullif(c.relfilenode, 0)), ',' ORDER BY c.oid) "
         "FROM tree JOIN pg_class c ON c.oid = tree.oid) IS NOT DISTINCT FROM "
         "(SELECT string_agg(concat(l.relid::oid, ':', pg_relation_filenode(l.relid)), ',' "
         "ORDER BY l.relid::oid) FROM (SELECT DISTINCT coalesce(p.relid, t.oid::regclass) AS relid "
         "FROM unnest(ARRAY[" +
         oids + "]::oid[]) t(oid) LEFT JOIN LATERAL pg_partition_tree(t.oid) p ON true) l)";
}

bool HasShapeOf(const CatalogTable& now, const CatalogTable& expected) {
  const std::vector<TableColumn>& columns = now.table->columns;
  const std::vector<TableColumn>& wanted = expected.table->columns;
  if (columns.size() != wanted.size() || now.key_columns != expected.key_columns ||
      now.table->QualifiedName() != expected.table->QualifiedName() ||
      now.table->row_filter != expected.table->row_filter) {
    return false;
  }
  for (std::size_t i = 0; i < columns.size(); ++i) {
    if (columns[i].name != wanted[i].name || columns[i].type != wanted[i].type ||
        columns[i].number != wanted[i].number ||
        columns[i].type_details != wanted[i].type_details) {
      return false;
    }
  }
  return true;
}

}  // namespace

SnapshotSession::SnapshotSession(std::unique_ptr<PostgresConnection> connection,
                                 SnapshotPosition position)
    : connection_(std::move(connection)), position_(position) {}

Result<std::unique_ptr<SnapshotSession>> SnapshotSession::Open(
    const PostgresConnection::Options& connection_options, const std::string& slot,
    std::optional<LogPosition> followed, const Interrupt& interrupt) {
  PostgresConnection::Options options = connection_options;
  options.is_replication = true;
  auto connection = PostgresConnection::Open(options, interrupt);
  if (!connection) {
    return std::move(connection).error();
  }
  Result<SnapshotPosition> position = BeginAtSlot(**connection, slot);
  const std::string& state = (*connection)->sqlstate();
  if (!position && followed && (state == kLockTimeout || state == kAllSlotsTaken)) {
    const Error error = std::move(position).error();
    position = BeginWithoutSlot(**connection, *followed);
    if (!position) {
      position = Error(error.code(), error.message() + "; " + position.error().message());
    }
  }
  if (!position) {
    return std::move(position).error().WithContext("snapshot");
  }
  return std::unique_ptr<SnapshotSession>(new SnapshotSession(*std::move(connection), *position));
}

Result<SnapshotPosition> SnapshotSession::BeginAtSlot(PostgresConnection& connection,
                                                      const std::string& slot) {
  if (Result<Rows> begun = connection.Execute(kBegin); !begun) {
    return std::move(begun).error();
  }
  Result<Rows> created = connection.Execute(
      "CREATE_REPLICATION_SLOT " + PostgresConnection::Identifier(TemporarySlotName(slot)) +
      " TEMPORARY LOGICAL pgoutput (SNAPSHOT 'use')");
  if (!created) {
    return std::move(created).error();
  }
  Result<LogPosition> position = ParseLogPosition(created->front()[1].value_or(""));
  return position ? Result<SnapshotPosition>(SnapshotPosition::At(*position))
                  : std::move(position).error();
}

// Any snapshot will do whose bounds are known: rows that were read there get the lower one, the
// stream brings them what is between the bounds, much of it again, and nothing is shown before it
// has passed the upper one.
Result<SnapshotPosition> SnapshotSession::BeginWithoutSlot(PostgresConnection& connection,
                                                           LogPosition followed) {
  if (Result<Rows> ended = connection.Execute("ROLLBACK"); !ended) {
    return std::move(ended).error();
  }
  // A COMMIT is in the log a moment before others see it, and while it waits for a standby.
  Result<std::string> standbys = connection.ExecuteForValue(
      "SELECT current_setting('synchronous_standby_names') FROM pg_sleep(" +
      std::string(kCommitSeconds) + ")");
  if (!standbys) {
    return std::move(standbys).error();
  }
  if (!standbys->empty()) {
    return Error(ErrorCode::kUnavailable,
                 "without a slot nothing is copied where COMMIT waits for synchronous standbys");
  }
  if (Result<Rows> begun = connection.Execute(kBegin); !begun) {
    return std::move(begun).error();
  }
  // The statement takes the snapshot before it is executed.
  Result<Rows> end = connection.Execute(
      "SELECT pg_current_wal_insert_lsn(), setting FROM pg_settings "
      "WHERE name = 'wal_segment_size'");
  if (!end) {
    return std::move(end).error();
  }
  Result<LogPosition> to = ParseLogPosition(end->front()[0].value_or(""));
  if (!to) {
    return std::move(to).error();
  }
  const auto segment_bytes = ToNumber<std::uint64_t>(end->front()[1].value_or(""));
  return SnapshotPosition{.from = followed,
                          .to = WithoutPageHeader(*to, segment_bytes.value_or(0))};
}

Result<void> SnapshotSession::Lock(const std::string& publication, const Catalog& catalog,
                                   const std::vector<std::uint32_t>& tables) {
  if (tables.empty()) {
    return {};
  }
  if (Result<void> locked = LockTables(catalog, tables); !locked) {
    return std::move(locked).error().WithContext("snapshot");
  }
  if (Result<void> checked = CheckFiles(tables); !checked) {
    return std::move(checked).error().WithContext("snapshot");
  }
  Result<Catalog> now = LoadCatalogInTransaction(*connection_, publication);
  if (!now) {
    return std::move(now).error();
  }
  for (const std::uint32_t oid : tables) {
    const CatalogTable* table = now->Find(oid);
    if (table == nullptr || !HasShapeOf(*table, *catalog.Find(oid))) {
      return Error(ErrorCode::kConflict,
                   "snapshot: " + catalog.Find(oid)->table->QualifiedName() + " was altered");
    }
  }
  return {};
}

Result<void> SnapshotSession::LockTables(const Catalog& catalog,
                                         const std::vector<std::uint32_t>& tables) {
  const auto from = [&catalog](std::uint32_t oid) { return From(*catalog.Find(oid)); };
  if (Result<Rows> locked =
          connection_->Execute("LOCK TABLE" + Join(tables, from) + " IN ACCESS SHARE MODE");
      !locked) {
    // A table that was renamed or dropped is a change of the catalog.
    return connection_->sqlstate() == "42P01"
               ? Error(ErrorCode::kConflict, locked.error().message())
               : std::move(locked).error();
  }
  return {};
}

Result<void> SnapshotSession::CheckFiles(const std::vector<std::uint32_t>& tables) {
  const auto print = [](std::uint32_t oid) { return std::to_string(oid); };
  Result<std::string> is_same = connection_->ExecuteForValue(FilesQuery(Join(tables, print)));
  if (!is_same) {
    return std::move(is_same).error();
  }
  if (*is_same != "t") {
    return Error(ErrorCode::kUnavailable,
                 "a table was rewritten or truncated between the snapshot and its lock");
  }
  return {};
}

Result<void> SnapshotSession::StartRead(const CatalogTable& table, const Query& query) {
  const auto column_name = [](const TableColumn& column) {
    return PostgresConnection::Identifier(column.name);
  };
  const std::string key = "ROW(" + Join(table.key_columns, PostgresConnection::Identifier) + ")";
  std::string condition = "true";
  if (!table.table->row_filter.empty()) {
    condition += " AND (" + table.table->row_filter + ")";
  }
  if (!query.after_key.empty()) {
    condition += " AND " + key + " > " + KeyRow(query.after_key);
  }
  if (!query.keys.empty()) {
    std::vector<TableColumn> key_columns;
    std::copy_if(table.table->columns.begin(), table.table->columns.end(),
                 std::back_inserter(key_columns),
                 [](const TableColumn& column) { return column.is_key; });
    condition +=
        " AND ROW(" + Join(key_columns, column_name) + ") IN (" + Join(query.keys, KeyRow) + ")";
  }
  std::string statement = "COPY (SELECT " + Join(table.table->columns, column_name) + " FROM" +
                          From(table) + " WHERE " + condition;
  if (!table.key_columns.empty()) {
    statement += " ORDER BY " + Join(table.key_columns, PostgresConnection::Identifier);
  }
  if (query.rows_max != 0) {
    statement += " LIMIT " + std::to_string(query.rows_max);
  }
  columns_ = table.table->columns.size();
  Result<void> started = connection_->StartCopy(statement + ") TO STDOUT");
  return started
             ? std::move(started)
             : std::move(started).error().WithContext("copy of " + table.table->QualifiedName());
}

Result<std::optional<Row>> SnapshotSession::NextRow() {
  Result<PostgresConnection::CopyPiece> piece = connection_->ReadCopy();
  if (!piece) {
    return std::move(piece).error();
  }
  if (piece->kind == PostgresConnection::CopyPiece::Kind::kEnd) {
    return std::optional<Row>();
  }
  Result<Row> row = ParseCopyLine(piece->data, columns_);
  if (!row) {
    return std::move(row).error();
  }
  return std::optional(*std::move(row));
}

namespace {

// Returns what `letter` means after a backslash.
char Unescaped(char letter) {
  switch (letter) {
    case 'b':
      return '\b';
    case 'f':
      return '\f';
    case 'n':
      return '\n';
    case 'r':
      return '\r';
    case 't':
      return '\t';
    case 'v':
      return '\v';
    default:
      return letter;
  }
}

Value ParseCopyValue(std::string_view text) {
  Value value;
  if (text == "\\N") {
    return value;
  }
  value.state = Value::State::kText;
  value.text.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool is_escape = text[i] == '\\' && i + 1 < text.size();
    value.text += is_escape ? Unescaped(text[++i]) : text[i];
  }
  return value;
}

}  // namespace

Result<Row> ParseCopyLine(std::string_view line, std::size_t columns) {
  if (line.empty() || line.back() != '\n') {
    return Error(ErrorCode::kCorruption, "a row of COPY does not end with its line");
  }
  line.remove_suffix(1);
  Row row;
  row.reserve(columns);
  for (std::size_t begin = 0; begin <= line.size();) {
    const std::size_t end = std::min(line.find('\t', begin), line.size());
    row.push_back(ParseCopyValue(line.substr(begin, end - begin)));
    begin = end + 1;
  }
  if (row.size() != columns) {
    return Error(ErrorCode::kCorruption, "a row of COPY has " + std::to_string(row.size()) +
                                             " values instead of " + std::to_string(columns));
  }
  return row;
}

}  // namespace cacheindex::replication
