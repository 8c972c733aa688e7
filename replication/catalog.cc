#include "replication/catalog.h"

#include <algorithm>
#include <map>
#include <utility>

#include "node/core/number_text.h"
#include "replication/postgres_types.h"
#include "replication/row_key.h"

namespace cacheindex::replication {
namespace {

using Rows = PostgresConnection::Rows;
using Values = PostgresConnection::Values;

// Columns of the results below, in order.
// A partitioned table has no file: those of its partitions stand for it, so that attaching,
// detaching and truncating one shows.
constexpr const char* kTables = R"(
SELECT c.oid, n.nspname, c.relname, c.relreplident, c.relkind,
       coalesce(pg_relation_filenode(c.oid)::bigint,
                (SELECT hashtext(string_agg(
                          l.relid::oid || ':' || pg_relation_filenode(l.relid), ','
                          ORDER BY l.relid::oid))::bigint & 4294967295
                 FROM pg_partition_tree(c.oid) l WHERE l.isleaf), 0),
       p.rowfilter, has_table_privilege(c.oid, 'SELECT'),
       (SELECT string_agg(l.relid::text, ', ') FROM pg_partition_tree(c.oid) l
        JOIN pg_class lc ON lc.oid = l.relid
        WHERE l.isleaf AND c.relkind = 'p' AND lc.relreplident <> c.relreplident),
       concat(p.rowfilter, '|', r.prattrs), row_security_active(c.oid)
FROM pg_publication_tables p
JOIN pg_namespace n ON n.nspname = p.schemaname
JOIN pg_class c ON c.relnamespace = n.oid AND c.relname = p.tablename
JOIN pg_publication o ON o.pubname = p.pubname
LEFT JOIN pg_publication_rel r ON r.prrelid = c.oid AND r.prpubid = o.oid
WHERE p.pubname = )";
enum TableColumnIndex : std::size_t {
  kTableOid,
  kTableSchema,
  kTableName,
  kTableIdentity,
  kTableKind,
  kTableFileNode,
  kTableRowFilter,
  kTableMaySelect,
  kTableDeviating,
  kTablePublishedAs,
  kTableHasHiddenRows,
};

constexpr const char* kColumns = R"(
WITH RECURSIVE published AS (
  SELECT c.oid, c.relreplident, p.attnames
  FROM pg_publication_tables p
  JOIN pg_namespace n ON n.nspname = p.schemaname
  JOIN pg_class c ON c.relnamespace = n.oid AND c.relname = p.tablename
  WHERE p.pubname = %),
domains(type, base) AS (
  SELECT oid, typbasetype FROM pg_type WHERE typtype = 'd'
  UNION ALL
  SELECT d.type, t.typbasetype FROM domains d JOIN pg_type t ON t.oid = d.base AND t.typtype = 'd'),
bases(type, base) AS (
  SELECT d.type, d.base FROM domains d JOIN pg_type t ON t.oid = d.base WHERE t.typtype <> 'd'
  UNION ALL
  SELECT oid, oid FROM pg_type WHERE typtype <> 'd')
SELECT a.attrelid, a.attname, a.atttypid, b.base, t.typname,
       CASE WHEN t.typcategory = 'A' AND t.typlen = -1
            THEN (SELECT e.base FROM bases e WHERE e.type = t.typelem) END,
       a.atttypmod, a.attnum, NOT a.attnotnull, a.atthasmissing,
       coalesce((SELECT array_position(i.indkey::int2[], a.attnum) FROM pg_index i
                 WHERE i.indrelid = a.attrelid
                   AND a.attnum = ANY ((i.indkey::int2[])[0:i.indnkeyatts - 1])
                   AND CASE WHEN c.relreplident = 'i' THEN i.indisreplident
                            WHEN c.relreplident IN ('d', 'f') THEN i.indisprimary
                            ELSE false END), -1)
FROM published c JOIN pg_attribute a ON a.attrelid = c.oid
JOIN bases b ON b.type = a.atttypid JOIN pg_type t ON t.oid = b.base
WHERE a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = '' AND a.attname = ANY (c.attnames)
ORDER BY a.attrelid, a.attnum)";
enum ColumnIndex : std::size_t {
  kColumnTable,
  kColumnName,
  kColumnType,
  kColumnBaseType,
  kColumnTypeName,
  kColumnElementType,
  kColumnModifier,
  kColumnNumber,
  kColumnNullable,
  kColumnHasMissing,
  kColumnKeyPlace,
};

constexpr const char* kForeignKeys = R"(
SELECT k.conrelid, k.oid, k.confrelid, a.attname, b.attname
FROM pg_constraint k
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
  CatalogTable table;
  Table description;
  std::map<int, std::string> key;
};

Draft DraftOf(const Values& row) {
  Draft draft;
  draft.description.oid = Number<std::uint32_t>(row, kTableOid);
  draft.description.schema = row[kTableSchema].value_or("");
  draft.description.name = row[kTableName].value_or("");
  draft.description.identity = static_cast<ReplicaIdentity>(row[kTableIdentity].value_or("n")[0]);
  draft.description.file_node = Number<std::uint32_t>(row, kTableFileNode);
  draft.description.row_filter = row[kTableRowFilter].value_or("");
  draft.table.is_partitioned = row[kTableKind] == "p";
  draft.table.may_select = IsTrue(row, kTableMaySelect);
  draft.table.has_hidden_rows = IsTrue(row, kTableHasHiddenRows);
  draft.table.published_as = row[kTablePublishedAs].value_or("");
  if (row[kTableDeviating]) {
    draft.table.deviating_partitions = {*row[kTableDeviating]};
  }
  return draft;
}

// The type as which the column's text is read.
std::uint32_t ReadAs(const Values& row) {
  if (row[kColumnElementType]) {
    return ArrayTypeOf(Number<std::uint32_t>(row, kColumnElementType));
  }
  return row[kColumnTypeName] == "hstore" ? kReadAsHstore
                                          : Number<std::uint32_t>(row, kColumnBaseType);
}

void AddColumn(Draft& draft, const Values& row) {
  TableColumn column;
  column.name = row[kColumnName].value_or("");
  column.type = Number<std::uint32_t>(row, kColumnType);
  column.base_type = ReadAs(row);
  column.type_modifier = Number<std::int32_t>(row, kColumnModifier);
  column.number = Number<std::int16_t>(row, kColumnNumber);
  column.is_nullable = IsTrue(row, kColumnNullable);
  const int place = Number<int>(row, kColumnKeyPlace);
  column.is_key = place >= 0;
  if (column.is_key) {
    draft.key[place] = column.name;
  }
  if (IsTrue(row, kColumnHasMissing)) {
    draft.table.columns_with_missing_value.push_back(column.name);
  }
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

Result<void> LoadTables(PostgresConnection& connection, const std::string& publication,
                        Catalog& catalog) {
  const std::string name = PostgresConnection::Literal(publication);
  Result<Rows> tables = connection.Execute(kTables + name + " ORDER BY c.oid");
  if (!tables) {
    return std::move(tables).error();
  }
  std::string columns_query = kColumns;
  columns_query.replace(columns_query.find('%'), 1, name);
  Result<Rows> columns = connection.Execute(columns_query);
  if (!columns) {
    return std::move(columns).error();
  }
  Result<Rows> foreign_keys = connection.Execute(kForeignKeys);
  if (!foreign_keys) {
    return std::move(foreign_keys).error();
  }
  std::map<std::uint32_t, Draft> drafts;
  for (const Values& row : *tables) {
    drafts.emplace(Number<std::uint32_t>(row, kTableOid), DraftOf(row));
  }
  for (const Values& row : *columns) {
    if (const auto draft = drafts.find(Number<std::uint32_t>(row, kColumnTable));
        draft != drafts.end()) {
      AddColumn(draft->second, row);
    }
  }
  AddForeignKeys(drafts, *foreign_keys);
  for (auto& [oid, draft] : drafts) {
    for (auto& [place, column] : draft.key) {
      draft.table.key_columns.push_back(std::move(column));
    }
    draft.table.table = std::make_shared<const Table>(std::move(draft.description));
    catalog.tables.push_back(std::move(draft.table));
  }
  return {};
}

}  // namespace

Result<Catalog> LoadCatalogInTransaction(PostgresConnection& connection,
                                         const std::string& publication) {
  Catalog catalog;
  const std::string name = PostgresConnection::Literal(publication);
  Result<Rows> options = connection.Execute(
      "SELECT pubinsert AND pubupdate AND pubdelete AND pubtruncate, pubviaroot, "
      "concat_ws('|', oid, pubinsert, pubupdate, pubdelete, pubtruncate, pubviaroot) "
      "FROM pg_publication WHERE pubname = " +
      name);
  if (!options) {
    return std::move(options).error();
  }
  if (options->empty()) {
    return catalog;
  }
  catalog.has_publication = true;
  catalog.publishes_all_operations = IsTrue((*options)[0], 0);
  catalog.is_via_root = IsTrue((*options)[0], 1);
  catalog.published_as = (*options)[0][2].value_or("");
  if (Result<void> loaded = LoadTables(connection, publication, catalog); !loaded) {
    return std::move(loaded).error();
  }
  return catalog;
}

const CatalogTable* Catalog::Find(std::uint32_t oid) const {
  const auto found = std::find_if(tables.begin(), tables.end(), [oid](const CatalogTable& table) {
    return table.table->oid == oid;
  });
  return found == tables.end() ? nullptr : &*found;
}

std::string Fingerprint(const Catalog& catalog, const std::set<std::uint32_t>& tables) {
  std::string text = catalog.published_as;
  for (const std::uint32_t oid : tables) {
    const CatalogTable* const table = catalog.Find(oid);
    text += ";" + std::to_string(oid) + ":";
    text += table == nullptr ? "gone" : std::to_string(table->published_as.size());
    text += table == nullptr ? "" : ":" + table->published_as;
  }
  const auto [first, second] = Digest(text);
  return std::to_string(first) + "." + std::to_string(second);
}

Result<Catalog> LoadCatalog(PostgresConnection& connection, const std::string& publication) {
  constexpr int kVersionMin = 150'000;
  if (connection.server_version() < kVersionMin) {
    return Error(ErrorCode::kInvalidArgument,
                 "the server's version number is " + std::to_string(connection.server_version()) +
                     ", and must be " + std::to_string(kVersionMin) + " (PostgreSQL 15) or later");
  }
  if (Result<Rows> begun = connection.Execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY");
      !begun) {
    return std::move(begun).error();
  }
  Result<Catalog> catalog = LoadCatalogInTransaction(connection, publication);
  Result<Rows> ended = connection.Execute("ROLLBACK");
  if (catalog && !ended) {
    return std::move(ended).error();
  }
  return catalog;
}

std::string ReasonForNewCopy(const Table& known, const CatalogTable& now) {
  const Table& table = *now.table;
  if (table.row_filter != known.row_filter) {
    return "the row filter of " + table.QualifiedName() + " changed";
  }
  if (now.is_partitioned && known.file_node != 0 && known.file_node != table.file_node) {
    return "partitions of " + table.QualifiedName() + " were attached, detached or rewritten";
  }
  std::vector<std::int16_t> known_key;
  std::vector<std::int16_t> key;
  bool has_new_shape = known.columns.size() != table.columns.size();
  for (const TableColumn& column : table.columns) {
    if (column.is_key) {
      key.push_back(column.number);
    }
    const auto before = std::find_if(
        known.columns.begin(), known.columns.end(), [&column](const TableColumn& candidate) {
          return candidate.number == column.number && candidate.number != 0;
        });
    if (before == known.columns.end()) {
      has_new_shape = true;
      const bool is_known_name = std::any_of(
          known.columns.begin(), known.columns.end(), [&column](const TableColumn& candidate) {
            return candidate.name == column.name && candidate.number != 0;
          });
      if (is_known_name) {
        return "column " + column.name + " of " + table.QualifiedName() +
               " was dropped and added again, and rows are kept by names";
      }
      const std::vector<std::string>& missing = now.columns_with_missing_value;
      if (std::find(missing.begin(), missing.end(), column.name) != missing.end()) {
        return "column " + column.name + " was added to " + table.QualifiedName() +
               " with a default value";
      }
    } else if (before->name != column.name) {
      return "column " + before->name + " of " + table.QualifiedName() + " was renamed to " +
             column.name + ", and rows are kept by names";
    } else {
      has_new_shape = has_new_shape || before->type != column.type ||
                      before->type_modifier != column.type_modifier;
    }
  }
  for (const TableColumn& column : known.columns) {
    if (column.is_key) {
      known_key.push_back(column.number);
    }
  }
  if (key != known_key) {
    return "the key of " + table.QualifiedName() + " changed";
  }
  if (has_new_shape && known.file_node != 0 && known.file_node != table.file_node) {
    return "columns of " + table.QualifiedName() + " changed and its rows were rewritten";
  }
  return {};
}

bool HasLostColumn(const Table& known, const CatalogTable& now) {
  const std::vector<TableColumn>& columns = now.table->columns;
  return std::any_of(known.columns.begin(), known.columns.end(), [&](const TableColumn& column) {
    return column.number != 0 &&
           std::none_of(columns.begin(), columns.end(), [&](const TableColumn& candidate) {
             return candidate.number == column.number;
           });
  });
}

}  // namespace cacheindex::replication
