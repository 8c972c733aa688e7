#include "replication/postgres/column_types.h"

#include <cstdint>
#include <string>

#include "node/core/number_text.h"
#include "node/core/utf8.h"
#include "replication/rows/postgres_types.h"

namespace cacheindex::replication {
namespace {

using Values = PostgresConnection::Values;

enum Index : std::size_t {
  kName,
  kType,
  kBaseType,
  kModifier,
  kNumber,
  kNullable,
  kElementType,
  kFolding,
  kLooseCollation,
  kBaseTypeName,
  kTypeName,
};
static_assert(kTypeName + 1 == kColumnTypeValueCount);

template <class Integer>
Integer Number(const std::optional<std::string>& value) {
  return ToNumber<Integer>(value.value_or("")).value_or(0);
}

}  // namespace

TableColumn ReadColumnType(const Values& row, std::size_t first) {
  TableColumn column;
  // Names of a database in SQL_ASCII may be no UTF-8: nobody can declare them, and everybody must
  // be able to print them.
  column.name = ReplaceInvalidUtf8(row[first + kName].value_or(""));
  column.type = Number<std::uint32_t>(row[first + kType]);
  column.element_type = Number<std::uint32_t>(row[first + kElementType]);
  column.base_type = column.element_type != 0 ? ArrayTypeOf(column.element_type)
                     : row[first + kBaseTypeName] == "hstore"
                         ? kReadAsHstore
                         : Number<std::uint32_t>(row[first + kBaseType]);
  column.type_modifier = Number<std::int32_t>(row[first + kModifier]);
  column.number = Number<std::int16_t>(row[first + kNumber]);
  column.is_nullable = row[first + kNullable] == "t";
  column.folding = static_cast<CaseFolding>(Number<int>(row[first + kFolding]));
  column.loose_collation = row[first + kLooseCollation].value_or("");
  return column;
}

std::string ReadColumnTypeName(const Values& row, std::size_t first) {
  return ReplaceInvalidUtf8(row[first + kTypeName].value_or(""));
}

}  // namespace cacheindex::replication
