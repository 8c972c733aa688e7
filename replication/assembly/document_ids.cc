#include "replication/assembly/document_ids.h"

#include <algorithm>

#include "node/core/utf8.h"
#include "replication/assembly/key_scan.h"
#include "replication/rows/postgres_types.h"
#include "replication/rows/reference_key.h"
#include "replication/rows/row_key.h"

namespace cacheindex::replication {

namespace {

std::vector<KeyPart> PartsOfKey(const TableVersion& root) {
  std::vector<KeyPart> parts;
  for (const std::uint32_t column : root.key_columns) {
    const auto place = std::find(root.id_columns.begin(), root.id_columns.end(), column);
    parts.push_back({.base_type = root.table->columns[column].base_type,
                     .place = static_cast<std::size_t>(place - root.id_columns.begin())});
  }
  return parts;
}

}  // namespace

std::string KeyTextOf(const StoredRow& row) {
  std::vector<std::string_view> values;
  for (const std::uint32_t column : row.version->id_columns) {
    values.push_back(row.cells[row.version->slots[column]].text);
  }
  std::string id = DocumentId(values);
  return IsUtf8(id) ? id : std::string();
}

std::string DocumentIdOf(const CollectionPlan& plan, const StoredRow& row) {
  if (!plan.id) {
    return KeyTextOf(row);
  }
  const std::uint32_t slot = plan.id->slots.front();
  const TableVersion& version = *row.version;
  if (slot >= version.columns.size() || !version.columns[slot] ||
      row.cells[slot].state != Cell::State::kText) {
    return {};
  }
  std::string_view text = row.cells[slot].text;
  if (KindOfType(version.table->columns[*version.columns[slot]].base_type) ==
      TypeKind::kPaddedText) {
    text = text.substr(0, text.find_last_not_of(' ') + 1);
  }
  return IsUtf8(text) ? std::string(text) : std::string();
}

Result<std::vector<std::string>> RowsOfId(const cache::View& view, const TableCatalogue& tables,
                                          const CollectionPlan& plan, std::string_view id) {
  const StoredTable& root = *tables.Find(plan.root);
  if (!plan.id) {
    return std::vector<std::string>{RowKeyOfId(PartsOfKey(root.latest()), id)};
  }
  const std::uint32_t slot = plan.id->slots.front();
  std::vector<Cell> cells(root.latest().columns.size());
  cells[slot] = {.state = Cell::State::kText, .text = id};
  std::vector<std::string> keys;
  const auto values = ReferenceKey(root.latest(), plan.id->slots, plan.id->forms, cells);
  if (!values) {
    return keys;
  }
  std::string after;
  auto scanned = ScanKeys(view, root, *plan.id, *values, after, [&](std::string_view key) {
    keys.emplace_back(key);
    return keys.size() < kRowsOfIdMax;
  });
  return scanned ? Result<std::vector<std::string>>(std::move(keys)) : std::move(scanned).error();
}

}  // namespace cacheindex::replication
