#include "replication/postgres/stream_tables.h"

#include <algorithm>
#include <utility>

namespace cacheindex::replication {

bool IsDescribedBy(const Table& known, const RelationMessage& relation) {
  const bool has_key_flags = relation.identity != ReplicaIdentity::kFull;
  return known.schema == relation.schema && known.name == relation.name &&
         known.identity == relation.identity &&
         std::equal(
             known.columns.begin(), known.columns.end(), relation.columns.begin(),
             relation.columns.end(),
             [has_key_flags](const TableColumn& column, const RelationMessage::Column& described) {
               return column.name == described.name && column.type == described.type &&
                      column.type_modifier == described.type_modifier &&
                      (!has_key_flags || column.is_key == described.is_key);
             });
}

std::shared_ptr<const Table> Describe(const RelationMessage& relation, const Table& catalog) {
  Table table;
  table.oid = relation.oid;
  table.schema = relation.schema;
  table.name = relation.name;
  table.identity = relation.identity;
  table.foreign_keys = catalog.foreign_keys;
  table.file_node = catalog.file_node;
  table.row_filter = catalog.row_filter;
  for (const RelationMessage::Column& described : relation.columns) {
    TableColumn column;
    column.name = described.name;
    column.type = described.type;
    column.base_type = described.type;
    column.type_modifier = described.type_modifier;
    column.is_key = described.is_key && relation.identity != ReplicaIdentity::kFull;
    const auto same = std::find_if(
        catalog.columns.begin(), catalog.columns.end(),
        [&described](const TableColumn& candidate) { return candidate.name == described.name; });
    if (same != catalog.columns.end()) {
      column.TakeFromCatalog(*same);
      if (relation.identity == ReplicaIdentity::kFull) {
        column.is_key = same->is_key;
        column.key_place = same->key_place;
      }
    }
    table.columns.push_back(std::move(column));
  }
  return std::make_shared<const Table>(std::move(table));
}

}  // namespace cacheindex::replication
