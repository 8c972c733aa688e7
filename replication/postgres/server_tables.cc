#include "replication/postgres/server_tables.h"

#include <utility>

#include "node/core/number_text.h"
#include "replication/postgres/column_types.h"

namespace cacheindex::replication {
namespace {

using Rows = PostgresConnection::Rows;
using Values = PostgresConnection::Values;

// Tables, as all queries below select them.
constexpr const char* kSelected = R"(
WITH RECURSIVE selected AS (
  SELECT c.oid, n.nspname, c.relname, c.relreplident, c.relkind, c.relpersistence, c.reltuples
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
  WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND c.relpersistence <> 't'
    AND n.nspname NOT LIKE 'pg\_%' AND n.nspname <> 'information_schema'
  ORDER BY c.oid LIMIT )";

constexpr const char* kTables = R"()
SELECT c.oid, c.nspname, c.relname, c.relreplident,
       CASE WHEN c.relkind = 'r' AND c.relpersistence = 'u' THEN 'u'
            WHEN c.relkind IN ('r', 'p') THEN c.relkind::text ELSE 'o' END,
       greatest(c.reltuples::bigint, 0), coalesce(i.inhparent, 0)
FROM selected c
LEFT JOIN pg_inherits i ON i.inhrelid = c.oid
  AND (SELECT relispartition FROM pg_class p WHERE p.oid = c.oid)
ORDER BY c.oid)";
enum TableIndex : std::size_t {
  kTableOid,
  kTableSchema,
  kTableName,
  kTableIdentity,
  kTableKind,
  kTableRows,
  kTablePartitioned,
};

constexpr const char* kColumnUses = R"(
SELECT a.attrelid,
       EXISTS (SELECT FROM pg_index i WHERE i.indrelid = a.attrelid AND i.indisunique
               AND i.indpred IS NULL AND i.indnkeyatts = 1 AND i.indkey[0] = a.attnum),
       EXISTS (SELECT FROM pg_index i WHERE i.indrelid = a.attrelid
               AND a.attnum = ANY ((i.indkey::int2[])[0:i.indnkeyatts - 1])
               AND CASE WHEN c.relreplident = 'i' THEN i.indisreplident ELSE i.indisprimary END),
       CASE WHEN a.attgenerated <> '' THEN pg_get_expr(d.adbin, d.adrelid) END,)";

constexpr const char* kColumnsFrom = R"(
FROM selected c JOIN pg_attribute a ON a.attrelid = c.oid
LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum)";

constexpr const char* kColumnsWhere = R"(
WHERE a.attnum > 0 AND NOT a.attisdropped
ORDER BY a.attrelid, a.attnum)";
enum ColumnIndex : std::size_t {
  kColumnTable,
  kColumnUnique,
  kColumnKey,
  kColumnGenerated,
  kColumnTypeFirst,
};

constexpr const char* kForeignKeys = R"()
SELECT k.conrelid, k.oid, k.confrelid, a.attname, b.attname
FROM selected c
JOIN pg_constraint k ON k.conrelid = c.oid
CROSS JOIN LATERAL unnest(k.conkey, k.confkey) WITH ORDINALITY AS u(here, there, place)
JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = u.here
JOIN pg_attribute b ON b.attrelid = k.confrelid AND b.attnum = u.there
WHERE k.contype = 'f' AND k.conparentid = 0
ORDER BY k.conrelid, k.oid, u.place)";
enum ForeignKeyIndex : std::size_t {
  kForeignTable,
  kForeignConstraint,
  kForeignReferenced,
  kForeignColumn,
  kForeignReferencedColumn,
};

template <class Integer>
Integer Number(const Values& values, std::size_t index) {
  return ToNumber<Integer>(values[index].value_or("")).value_or(0);
}

bool IsTrue(const Values& values, std::size_t index) { return values[index] == "t"; }

// A table while it is put together.
struct Draft {
  ServerTable table;
  Table description;
};

ServerTable::Kind KindOf(const std::string& letter) {
  if (letter == "r") {
    return ServerTable::Kind::kTable;
  }
  if (letter == "u") {
    return ServerTable::Kind::kUnlogged;
  }
  return letter == "p" ? ServerTable::Kind::kPartitioned : ServerTable::Kind::kOther;
}

Draft DraftOf(const Values& row) {
  Draft draft;
  draft.description.oid = Number<std::uint32_t>(row, kTableOid);
  draft.description.schema = row[kTableSchema].value_or("");
  draft.description.name = row[kTableName].value_or("");
  draft.description.identity = static_cast<ReplicaIdentity>(row[kTableIdentity].value_or("n")[0]);
  draft.table.kind = KindOf(row[kTableKind].value_or(""));
  draft.table.rows = Number<std::int64_t>(row, kTableRows);
  draft.table.partitioned_oid = Number<std::uint32_t>(row, kTablePartitioned);
  return draft;
}

void AddColumn(Draft& draft, const Values& row) {
  TableColumn column = ReadColumnType(row, kColumnTypeFirst);
  column.is_key = IsTrue(row, kColumnKey);
  if (IsTrue(row, kColumnUnique)) {
    draft.table.unique.insert(column.name);
  }
  if (row[kColumnGenerated]) {
    draft.table.generated[column.name] = *row[kColumnGenerated];
  }
  draft.table.types[column.name] = ReadColumnTypeName(row, kColumnTypeFirst);
  draft.description.columns.push_back(std::move(column));
}

void AddForeignKeys(std::map<std::uint32_t, Draft>& drafts, const Rows& rows) {
  std::string constraint;
  for (const Values& row : rows) {
    const auto draft = drafts.find(Number<std::uint32_t>(row, kForeignTable));
    const auto referenced = Number<std::uint32_t>(row, kForeignReferenced);
    if (draft == drafts.end() || !drafts.contains(referenced)) {
      continue;
    }
    std::vector<Table::ForeignKey>& keys = draft->second.description.foreign_keys;
    if (constraint != row[kForeignConstraint]) {
      constraint = row[kForeignConstraint].value_or("");
      keys.emplace_back().referenced_oid = referenced;
    }
    keys.back().columns.push_back(row[kForeignColumn].value_or(""));
    keys.back().referenced_columns.push_back(row[kForeignReferencedColumn].value_or(""));
  }
}

}  // namespace

Result<std::vector<ServerTable>> LoadServerTables(PostgresConnection& connection) {
  const std::string selected = kSelected + std::to_string(kServerTablesMax);
  Result<Rows> tables = connection.Execute(selected + kTables);
  if (!tables) {
    return std::move(tables).error();
  }
  Result<Rows> columns =
      connection.Execute(selected + ")," + kColumnTypeTables + kColumnUses + kColumnTypeValues +
                         kColumnsFrom + kColumnTypeJoins + kColumnsWhere);
  if (!columns) {
    return std::move(columns).error();
  }
  Result<Rows> foreign_keys = connection.Execute(selected + kForeignKeys);
  if (!foreign_keys) {
    return std::move(foreign_keys).error();
  }
  std::map<std::uint32_t, Draft> drafts;
  for (const Values& row : *tables) {
    drafts.emplace(Number<std::uint32_t>(row, kTableOid), DraftOf(row));
  }
  for (const Values& row : *columns) {
    // A table may have been made between two queries.
    if (const auto draft = drafts.find(Number<std::uint32_t>(row, kColumnTable));
        draft != drafts.end()) {
      AddColumn(draft->second, row);
    }
  }
  AddForeignKeys(drafts, *foreign_keys);
  std::vector<ServerTable> loaded;
  for (auto& [oid, draft] : drafts) {
    draft.table.table = std::make_shared<const Table>(std::move(draft.description));
    loaded.push_back(std::move(draft.table));
  }
  return loaded;
}

}  // namespace cacheindex::replication
