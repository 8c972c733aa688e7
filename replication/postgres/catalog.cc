#include "replication/postgres/catalog.h"

#include <algorithm>
#include <map>
#include <sstream>
#include <utility>

#include "node/core/number_text.h"
#include "node/core/utf8.h"
#include "replication/postgres/column_types.h"
#include "replication/rows/row_key.h"

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

constexpr const char* kPublishedColumns = R"(
WITH RECURSIVE published AS (
  SELECT c.oid, c.relreplident, p.attnames
  FROM pg_publication_tables p
  JOIN pg_namespace n ON n.nspname = p.schemaname
  JOIN pg_class c ON c.relnamespace = n.oid AND c.relname = p.tablename
  WHERE p.pubname = %),)";

constexpr const char* kColumnPlaces = R"(
SELECT a.attrelid, a.atthasmissing,
       coalesce((SELECT array_position(i.indkey::int2[], a.attnum) FROM pg_index i
                 WHERE i.indrelid = a.attrelid
                   AND a.attnum = ANY ((i.indkey::int2[])[0:i.indnkeyatts - 1])
                   AND CASE WHEN c.relreplident = 'i' THEN i.indisreplident
                            WHEN c.relreplident IN ('d', 'f') THEN i.indisprimary
                            ELSE false END), -1),)";

constexpr const char* kColumnsFrom = "FROM published c JOIN pg_attribute a ON a.attrelid = c.oid";

constexpr const char* kColumnsWhere = R"(
WHERE a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = '' AND a.attname = ANY (c.attnames)
ORDER BY a.attrelid, a.attnum)";
enum ColumnIndex : std::size_t {
  kColumnTable,
  kColumnHasMissing,
  kColumnKeyPlace,
  kColumnTypeFirst,
};

// The types that columns are made of beside the server's own, at any depth. Neither the name of an
// attribute nor that of a type is printed.
constexpr const char* kTypes = R"(
WITH RECURSIVE parts(type) AS (
  SELECT DISTINCT a.atttypid
  FROM pg_publication_tables p
  JOIN pg_namespace n ON n.nspname = p.schemaname
  JOIN pg_class c ON c.relnamespace = n.oid AND c.relname = p.tablename
  JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = ANY (p.attnames)
  WHERE p.pubname = % AND a.atttypid >= 16384 AND a.attnum > 0
  UNION
  SELECT next.type FROM parts CROSS JOIN LATERAL (
    SELECT unnest(ARRAY[t.typbasetype, t.typelem]) FROM pg_type t WHERE t.oid = parts.type
    UNION ALL SELECT a.atttypid FROM pg_type t JOIN pg_attribute a ON a.attrelid = t.typrelid
    WHERE t.oid = parts.type AND t.typtype = 'c' AND a.attnum > 0 AND NOT a.attisdropped
    UNION ALL SELECT r.rngsubtype FROM pg_range r WHERE r.rngtypid = parts.type
    UNION ALL SELECT r.rngtypid FROM pg_range r WHERE r.rngmultitypid = parts.type) next(type)
  WHERE next.type >= 16384)
SELECT t.oid, CASE WHEN t.typtype = 'b' AND t.typelem <> 0 THEN 'a' ELSE t.typtype END,
       array_remove(CASE WHEN t.typtype = 'c' THEN
                      ARRAY(SELECT a.atttypid FROM pg_attribute a
                            WHERE a.attrelid = t.typrelid AND a.attnum > 0 AND NOT a.attisdropped
                            ORDER BY a.attnum)
                    ELSE ARRAY[t.typbasetype, t.typelem]
                      || ARRAY(SELECT r.rngsubtype FROM pg_range r WHERE r.rngtypid = t.oid)
                      || ARRAY(SELECT r.rngtypid FROM pg_range r WHERE r.rngmultitypid = t.oid)
                    END, 0::oid),
       (SELECT string_agg(concat(a.attnum, ':', a.atttypid, ':', a.atttypmod), ','
                          ORDER BY a.attnum)
        FROM pg_attribute a WHERE t.typtype = 'c' AND a.attrelid = t.typrelid AND a.attnum > 0
          AND NOT a.attisdropped),
       e.oid, e.enumlabel, e.xmin,
       mod(pg_snapshot_xmax(pg_current_snapshot())::text::numeric, 4294967296)
FROM parts JOIN pg_type t ON t.oid = parts.type LEFT JOIN pg_enum e ON e.enumtypid = t.oid)";
enum TypeIndex : std::size_t {
  kTypeNumber,
  kTypeForm,
  kTypeParts,
  kTypeAttributes,
  kTypeLabelNumber,
  kTypeLabel,
  kTypeLabelTransaction,
  kTypeNextTransaction,
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

// Names of a database in SQL_ASCII may be no UTF-8: nobody can declare them, and everybody must be
// able to print them.
std::string Text(const Values& values, std::size_t index) {
  return ReplaceInvalidUtf8(values[index].value_or(""));
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
  draft.description.schema = Text(row, kTableSchema);
  draft.description.name = Text(row, kTableName);
  draft.description.identity = static_cast<ReplicaIdentity>(row[kTableIdentity].value_or("n")[0]);
  draft.description.file_node = Number<std::uint32_t>(row, kTableFileNode);
  draft.description.row_filter = Text(row, kTableRowFilter);
  draft.table.is_partitioned = row[kTableKind] == "p";
  draft.table.may_select = IsTrue(row, kTableMaySelect);
  draft.table.has_hidden_rows = IsTrue(row, kTableHasHiddenRows);
  draft.table.published_as = row[kTablePublishedAs].value_or("");
  if (row[kTableDeviating]) {
    draft.table.deviating_partitions = {*row[kTableDeviating]};
  }
  return draft;
}

void AddColumn(Draft& draft, const Values& row) {
  TableColumn column = ReadColumnType(row, kColumnTypeFirst);
  const int place = Number<int>(row, kColumnKeyPlace);
  column.is_key = place >= 0;
  if (column.is_key) {
    column.key_place = static_cast<std::int16_t>(place);
    draft.key[place] = column.name;
  }
  draft.table.type_names[column.name] = ReadColumnTypeName(row, kColumnTypeFirst);
  if (IsTrue(row, kColumnHasMissing)) {
    draft.table.columns_with_missing_value.push_back(column.name);
  }
  draft.description.columns.push_back(std::move(column));
}

CatalogType::Form FormOf(std::string_view letter) {
  using Form = CatalogType::Form;
  switch (letter.empty() ? ' ' : letter.front()) {
    case 'e':
      return Form::kEnum;
    case 'c':
      return Form::kComposite;
    case 'a':
      return Form::kArray;
    case 'd':
      return Form::kDomain;
    case 'r':
      return Form::kRange;
    case 'm':
      return Form::kMultirange;
    default:
      return Form::kOther;
  }
}

// As {1,2,3}.
std::vector<std::uint32_t> NumbersOf(const std::string& text) {
  std::vector<std::uint32_t> numbers;
  std::istringstream all(text.empty() ? text : text.substr(1, text.size() - 2));
  for (std::string number; std::getline(all, number, ',');) {
    numbers.push_back(ToNumber<std::uint32_t>(number).value_or(0));
  }
  return numbers;
}

// By the number of a type: what TableColumn::type_details says of it alone.
using TypeDetails = std::map<std::uint32_t, std::map<std::string, std::string>>;

void ReadTypes(const Rows& rows, Catalog& catalog, TypeDetails& details) {
  for (const Values& row : rows) {
    const auto number = Number<std::uint32_t>(row, kTypeNumber);
    CatalogType& type = catalog.types[number];
    catalog.next_transaction = Number<std::uint32_t>(row, kTypeNextTransaction);
    type.form = FormOf(row[kTypeForm].value_or(""));
    type.parts = NumbersOf(row[kTypeParts].value_or(""));
    if (row[kTypeAttributes]) {
      details[number]["attributes/" + row[kTypeNumber].value_or("")] = *row[kTypeAttributes];
    }
    if (row[kTypeLabelNumber]) {
      const std::string label = Text(row, kTypeLabel);
      details[number]["label/" + *row[kTypeLabelNumber]] = label;
      type.labels[label] = Number<std::uint32_t>(row, kTypeLabelTransaction);
    }
  }
}

void AddTypeDetails(std::map<std::uint32_t, Draft>& drafts,
                    const std::map<std::uint32_t, CatalogType>& types, const TypeDetails& details) {
  for (auto& [oid, draft] : drafts) {
    for (TableColumn& column : draft.description.columns) {
      std::vector<std::uint32_t> left = {column.type};
      std::set<std::uint32_t> seen;
      while (!left.empty()) {
        const std::uint32_t number = left.back();
        left.pop_back();
        const auto type = types.find(number);
        if (type == types.end() || !seen.insert(number).second) {
          continue;
        }
        if (const auto own = details.find(number); own != details.end()) {
          column.type_details.insert(own->second.begin(), own->second.end());
        }
        left.insert(left.end(), type->second.parts.begin(), type->second.parts.end());
      }
    }
  }
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
    keys.back().columns.push_back(Text(row, kForeignColumn));
    keys.back().referenced_columns.push_back(Text(row, kForeignReferencedColumn));
  }
}

Result<void> LoadTables(PostgresConnection& connection, const std::string& publication,
                        Catalog& catalog) {
  const std::string name = PostgresConnection::Literal(publication);
  Result<Rows> tables = connection.Execute(kTables + name + " ORDER BY c.oid");
  if (!tables) {
    return std::move(tables).error();
  }
  std::string columns_query = std::string(kPublishedColumns) + kColumnTypeTables + kColumnPlaces +
                              kColumnTypeValues + kColumnsFrom + kColumnTypeJoins + kColumnsWhere;
  columns_query.replace(columns_query.find('%'), 1, name);
  Result<Rows> columns = connection.Execute(columns_query);
  if (!columns) {
    return std::move(columns).error();
  }
  std::string types_query = kTypes;
  types_query.replace(types_query.find('%'), 1, name);
  Result<Rows> types = connection.Execute(types_query);
  if (!types) {
    return std::move(types).error();
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
  TypeDetails details;
  ReadTypes(*types, catalog, details);
  AddTypeDetails(drafts, catalog.types, details);
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

namespace {

// A table of the name that is declared may be another one, which nobody publishes.
Result<void> LoadUnpublished(PostgresConnection& connection, const std::vector<std::string>& names,
                             Catalog& catalog) {
  std::string literals;
  for (const std::string& name : names) {
    literals += (literals.empty() ? "" : ", ") + PostgresConnection::Literal(name);
  }
  Result<Rows> relations = connection.Execute(
      "SELECT c.oid, n.nspname || '.' || c.relname FROM pg_class c "
      "JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind IN ('r', 'p') "
      "AND n.nspname || '.' || c.relname IN (" +
      literals + ")");
  if (!relations) {
    return std::move(relations).error();
  }
  for (const Values& row : *relations) {
    if (catalog.Find(Number<std::uint32_t>(row, 0)) == nullptr) {
      catalog.unpublished.insert(Text(row, 1));
    }
  }
  return {};
}

}  // namespace

Result<Catalog> LoadCatalog(PostgresConnection& connection, const std::string& publication,
                            const std::vector<std::string>& names) {
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
  if (catalog && !names.empty()) {
    if (Result<void> loaded = LoadUnpublished(connection, names, *catalog); !loaded) {
      return std::move(loaded).error();
    }
  }
  Result<Rows> ended = connection.Execute("ROLLBACK");
  if (catalog && !ended) {
    return std::move(ended).error();
  }
  return catalog;
}

}  // namespace cacheindex::replication
