#pragma once

#include <cstddef>

#include "replication/postgres/postgres_connection.h"
#include "replication/rows/table.h"

namespace cacheindex::replication {

// What the catalog says of a column's type, asked and read in one way. A query has these parts:
//
//   WITH RECURSIVE ..., kColumnTypeTables
//   SELECT kColumnTypeValues, ... FROM pg_attribute a kColumnTypeJoins

/// Tables of types: domains and arrays, resolved; citext and how the database folds it.
inline constexpr const char* kColumnTypeTables = R"(
domains(type, base) AS (
  SELECT oid, typbasetype FROM pg_type WHERE typtype = 'd'
  UNION ALL
  SELECT d.type, t.typbasetype FROM domains d JOIN pg_type t ON t.oid = d.base AND t.typtype = 'd'),
bases(type, base) AS (
  SELECT d.type, d.base FROM domains d JOIN pg_type t ON t.oid = d.base AND t.typtype <> 'd'
  UNION ALL
  SELECT oid, oid FROM pg_type WHERE typtype <> 'd'),
elements(type, base) AS (
  SELECT t.oid, b.base FROM pg_type t JOIN bases b ON b.type = t.typelem
  WHERE t.typcategory = 'A' AND t.typlen = -1),
folding(number) AS (
  SELECT CASE WHEN provider IN ('i', 'b') THEN
                CASE WHEN locale IN ('C', 'POSIX') THEN 1
                     WHEN locale ~* '^(tr|az|lt)' THEN 4
                     WHEN provider = 'b' AND locale <> 'PG_UNICODE_FAST' THEN 2 ELSE 3 END
              WHEN ctype IN ('C', 'POSIX') THEN 1
              WHEN ctype ~* '^(tr|az|crh|ku|tt|ber)' THEN 4 ELSE 2 END
  FROM (SELECT datlocprovider AS provider, datctype AS ctype,
               coalesce(to_jsonb(d) ->> 'datlocale', to_jsonb(d) ->> 'daticulocale') AS locale
        FROM pg_database d WHERE datname = current_database()) d),
citexts(type) AS (
  SELECT t.oid FROM pg_type t JOIN pg_proc f ON f.oid = t.typinput WHERE f.proname = 'citextin')
)";

/// The columns of a query that ReadColumnType reads, in its order.
inline constexpr const char* kColumnTypeValues = R"(
a.attname, a.atttypid, coalesce(b.base, a.atttypid), a.atttypmod, a.attnum, NOT a.attnotnull,
coalesce(e.base, 0),
CASE WHEN coalesce(e.base, b.base) IN (SELECT type FROM citexts)
     THEN (SELECT number FROM folding) ELSE 0 END,
(SELECT l.collname FROM pg_collation l WHERE l.oid = a.attcollation AND NOT l.collisdeterministic),
(SELECT n.typname FROM pg_type n WHERE n.oid = b.base),
format_type(a.atttypid, NULL)
)";
inline constexpr std::size_t kColumnTypeValueCount = 11;

inline constexpr const char* kColumnTypeJoins = R"(
LEFT JOIN bases b ON b.type = a.atttypid
LEFT JOIN elements e ON e.type = b.base
)";

/// Returns the column that the values of `row` from `first` on tell of, without its place in a key.
TableColumn ReadColumnType(const PostgresConnection::Values& row, std::size_t first);

/// Returns the type's name as the source writes it.
std::string ReadColumnTypeName(const PostgresConnection::Values& row, std::size_t first);

}  // namespace cacheindex::replication
