#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace cacheindex::replication {

/// How the source says which row an UPDATE or a DELETE meant.
enum class ReplicaIdentity : char {
  kDefault = 'd',  ///< The primary key.
  kIndex = 'i',    ///< A chosen unique index.
  kFull = 'f',     ///< The whole old row; the primary key is the key then, if there is one.
  kNothing = 'n',  ///< Not at all.
};

/// How citext makes texts equal: lower() under the database's LC_CTYPE. Numbers are stored: none
/// may be reused.
enum class CaseFolding : std::uint8_t {
  kNone = 0,     ///< Another type.
  kAscii = 1,    ///< C and POSIX: the letters A to Z.
  kSimple = 2,   ///< The C library: one character becomes one character.
  kFull = 3,     ///< ICU: by context, and one may become several.
  kUnknown = 4,  ///< A language whose lower case differs: nothing is compared.
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
  /// Of an array the type of its elements under all domains, 0 for others.
  std::uint32_t element_type = 0;
  /// Of citext and of arrays of it.
  CaseFolding folding = CaseFolding::kNone;
  /// The collation, where it makes texts equal that have other bytes; empty for all others.
  std::string loose_collation;
  /// Place in the key's index, from 0; -1 outside of the key, and where only the stream told.
  std::int16_t key_place = -1;
  /// What values print by beside the type's name, at any depth: "label/" oid of an enum's label:
  /// its text; "attributes/" oid of a composite type: its columns. Empty for most types, and where
  /// only the stream told.
  std::map<std::string, std::string> type_details;

  /// Takes from what the catalog said of the same column what the stream does not say.
  void TakeFromCatalog(const TableColumn& known) {
    number = known.number;
    is_nullable = known.is_nullable;
    key_place = is_key ? known.key_place : std::int16_t{-1};
    if (known.type == type) {
      base_type = known.base_type;
      element_type = known.element_type;
      folding = known.folding;
      loose_collation = known.loose_collation;
      type_details = known.type_details;
    }
  }
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

  /// Whether rows are told apart by nothing but their values: equal ones are counted.
  bool IsKeyless() const {
    for (const TableColumn& column : columns) {
      if (column.is_key) {
        return false;
      }
    }
    return identity == ReplicaIdentity::kFull;
  }
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
