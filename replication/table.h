#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace cacheindex::replication {

/// How the source says which row an UPDATE or a DELETE meant.
enum class ReplicaIdentity : char {
  kDefault = 'd',  ///< The primary key.
  kIndex = 'i',    ///< A chosen unique index.
  kFull = 'f',     ///< The whole old row; the primary key is the key then.
  kNothing = 'n',  ///< Not at all.
};

struct TableColumn {
  std::string name;
  /// PostgreSQL's type oid; of a domain the domain's own.
  std::uint32_t type = 0;
  /// The type as which its text is read: the one under all domains, an array of the types under
  /// its elements' domains or of text, kReadAsHstore; equal to `type` for others.
  std::uint32_t base_type = 0;
  /// atttypmod; -1 for none.
  std::int32_t type_modifier = -1;
  /// attnum; 0 where only the stream told of the column.
  std::int16_t number = 0;
  bool is_key = false;
  bool is_nullable = true;
};

/// One published table, as the source described it at some point of the stream. Immutable; a change
/// carries the description that its values follow.
struct Table {
  /// Of the root table when partitions are published through it. Names may change, this does not.
  std::uint32_t oid = 0;
  std::string schema;
  std::string name;
  ReplicaIdentity identity = ReplicaIdentity::kDefault;
  /// Only the published columns, in the stream's order.
  std::vector<TableColumn> columns;

  /// A column of one table that names the key of another.
  struct ForeignKey {
    std::vector<std::string> columns;
    std::uint32_t referenced_oid = 0;
    std::vector<std::string> referenced_columns;
  };
  /// From the catalog; empty where only the stream told of the table.
  std::vector<ForeignKey> foreign_keys;
  /// Changes when the table's file is rewritten or truncated; 0 where only the stream told.
  std::uint32_t file_node = 0;
  /// A row filter of the publication as SQL; the copy must apply it too.
  std::string row_filter;

  /// "schema.name", for messages.
  std::string QualifiedName() const { return schema + "." + name; }
  std::optional<std::size_t> FindColumn(const std::string& column) const {
    for (std::size_t i = 0; i < columns.size(); ++i) {
      if (columns[i].name == column) {
        return i;
      }
    }
    return std::nullopt;
  }
};

}  // namespace cacheindex::replication
