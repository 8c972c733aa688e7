#include "replication/rows/row_store.h"

#include <algorithm>
#include <utility>

#include "node/core/json.h"
#include "replication/rows/equal_rows.h"
#include "replication/rows/reference_key.h"
#include "replication/rows/repaired_values.h"
#include "replication/rows/row_key.h"

namespace cacheindex::replication {
namespace {

/// Keys of one table that a truncation reads before it deletes them.
constexpr std::size_t kTruncateKeys = 1'000;

Cell CellOf(const Value& value) {
  switch (value.state) {
    case Value::State::kNull:
      return {};
    case Value::State::kText:
      return {.state = Cell::State::kText, .text = value.text};
    case Value::State::kUnchanged:
      return {.state = Cell::State::kHole, .text = {}};
  }
  return {};
}

Error WrongRow(const TableVersion& version, const char* cause) {
  return Error(ErrorCode::kInvalidArgument,
               "a row of table " + version.table->QualifiedName() + " " + cause);
}

// Values in a description's order, by slot.
Result<void> FillCells(const StoredTable& table, const Row& values, std::vector<Cell>& cells) {
  const TableVersion& version = table.latest();
  if (values.size() != version.slots.size()) {
    return WrongRow(version, "has not one value for each column");
  }
  cells.assign(table.slot_names.size(), Cell{});
  for (std::size_t i = 0; i < values.size(); ++i) {
    cells[version.slots[i]] = CellOf(values[i]);
  }
  return {};
}

// The key of the row that a change meets: of what the source sent of the row before, otherwise of
// the row itself.
std::optional<std::string> KeyOfValues(const TableVersion& version, const Row& values) {
  std::string key;
  for (const std::uint32_t column : version.key_columns) {
    if (column >= values.size() || values[column].state != Value::State::kText) {
      return std::nullopt;
    }
    AppendKeyValue(key, version.table->columns[column].base_type, values[column].text);
  }
  return key.empty() ? std::nullopt : std::optional(BoundedKey(std::move(key)));
}

}  // namespace

Result<void> RowStore::Apply(const StoredTable& table, const Change& change, LogPosition commit) {
  if (table.latest().table->IsKeyless() && change.kind != Change::Kind::kTruncate) {
    return ApplyKeyless(table, change, commit);
  }
  switch (change.kind) {
    case Change::Kind::kInsert:
    case Change::Kind::kUpdate:
      return Upsert(table, change, commit);
    case Change::Kind::kDelete:
      return Delete(table, change, commit);
    case Change::Kind::kTruncate:
      return Truncate(table, commit);
    case Change::Kind::kTable:
      return {};
  }
  return {};
}

Result<void> RowStore::Upsert(const StoredTable& table, const Change& change, LogPosition commit) {
  const TableVersion& version = table.latest();
  if (auto filled = FillCells(table, change.row, new_row_.cells); !filled) {
    return filled;
  }
  new_row_.version = &version;
  new_row_.position = commit;
  // A long value of the key that did not change is in the old key alone.
  for (const std::uint32_t column : version.key_columns) {
    Cell& cell = new_row_.cells[version.slots[column]];
    if (cell.state == Cell::State::kHole && change.old_row && column < change.old_row->size()) {
      cell = CellOf((*change.old_row)[column]);
    }
  }
  const auto key = RowKey(version, new_row_.cells);
  const auto old_key = change.old_row ? KeyOfValues(version, *change.old_row) : key;
  if (!key || !old_key) {
    return WrongRow(version, "has no key");
  }
  const bool is_move = *key != *old_key;
  // What was there under the old key lends its unchanged values, unless it is a newer row that got
  // the same key later.
  auto found = Find(table, *old_key, old_bytes_, old_row_);
  if (!found) {
    return std::move(found).error();
  }
  const bool is_old_newer = *found && old_row_.position > commit;
  // Nor may another row lend that took the key after this one had left it. Where the key stays it
  // is the same row, or the stream says later what it became.
  const bool can_lend = *found && !is_old_newer && (!is_move || commit >= uncertain_until_);
  for (std::size_t i = 0; i < change.row.size(); ++i) {
    Cell& cell = new_row_.cells[version.slots[i]];
    if (cell.state != Cell::State::kHole) {
      continue;
    }
    if (change.old_row && !change.is_old_key_only &&
        (*change.old_row)[i].state != Value::State::kUnchanged) {
      cell = CellOf((*change.old_row)[i]);
    } else if (can_lend) {
      cell = old_row_.cells[version.slots[i]];
    }
  }
  if (!is_move) {
    if (is_old_newer) {
      ++changes_without_effect_;
      return {};
    }
    return Write(table, *key, *found ? &old_row_ : nullptr, new_row_);
  }
  if (*found && !is_old_newer) {
    if (auto removed = Remove(table, *old_key, old_row_); !removed) {
      return removed;
    }
  }
  auto target = Find(table, *key, target_bytes_, target_row_);
  if (!target) {
    return std::move(target).error();
  }
  if (*target && target_row_.position > commit) {
    ++changes_without_effect_;
    return {};
  }
  return Write(table, *key, *target ? &target_row_ : nullptr, new_row_);
}

Result<void> RowStore::Delete(const StoredTable& table, const Change& change, LogPosition commit) {
  const auto key =
      change.old_row ? KeyOfValues(table.latest(), *change.old_row) : std::optional<std::string>();
  if (!key) {
    return WrongRow(table.latest(), "is deleted without a key");
  }
  auto found = Find(table, *key, old_bytes_, old_row_);
  if (!found) {
    return std::move(found).error();
  }
  if (!*found || old_row_.position > commit) {
    ++changes_without_effect_;
    return {};
  }
  return Remove(table, *key, old_row_);
}

Result<void> RowStore::ApplyKeyless(const StoredTable& table, const Change& change,
                                    LogPosition commit) {
  Row row = change.row;
  if (change.kind != Change::Kind::kInsert) {
    if (!change.old_row || change.is_old_key_only) {
      return WrongRow(table.latest(), "is changed without its old values, and has no key");
    }
    for (std::size_t i = 0; i < row.size(); ++i) {
      if (row[i].state == Value::State::kUnchanged) {
        row[i] = (*change.old_row)[i];
      }
    }
    if (change.kind == Change::Kind::kUpdate && row == *change.old_row) {
      ++changes_without_effect_;
      return {};
    }
    if (auto removed = RemoveEqual(table, *change.old_row, commit); !removed) {
      return removed;
    }
  }
  return change.kind == Change::Kind::kDelete ? Result<void>() : AddEqual(table, row, commit);
}

Result<void> RowStore::AddEqual(const StoredTable& table, const Row& values, LogPosition position) {
  if (auto filled = FillCells(table, values, new_row_.cells); !filled) {
    return filled;
  }
  new_row_.version = &table.latest();
  new_row_.position = position;
  if (new_row_.HasHoles()) {
    return WrongRow(table.latest(), "has a value that was not sent, and no key to read it by");
  }
  const std::string prefix = EqualRowsPrefix(new_row_.cells);
  const auto count = CountEqualRows(transaction_, table.rows, prefix);
  if (!count) {
    return count.error();
  }
  if (*count > 0) {
    auto found = Find(table, EqualRowKey(prefix, 0), old_bytes_, old_row_);
    if (!found) {
      return std::move(found).error();
    }
    if (old_row_.position > position) {
      ++changes_without_effect_;
      return {};
    }
  }
  return Write(table, EqualRowKey(prefix, *count), nullptr, new_row_);
}

Result<void> RowStore::RemoveEqual(const StoredTable& table, const Row& values,
                                   LogPosition commit) {
  if (auto filled = FillCells(table, values, new_row_.cells); !filled) {
    return filled;
  }
  const std::string prefix = EqualRowsPrefix(new_row_.cells);
  const auto count = CountEqualRows(transaction_, table.rows, prefix);
  if (!count) {
    return count.error();
  }
  for (const std::uint32_t number : {std::uint32_t{0}, *count - 1}) {
    auto found = *count == 0 ? Result<bool>(false)
                             : Find(table, EqualRowKey(prefix, number), old_bytes_, old_row_);
    if (!found) {
      return std::move(found).error();
    }
    if (!*found || old_row_.position > commit) {
      ++changes_without_effect_;
      return {};
    }
  }
  return Remove(table, EqualRowKey(prefix, *count - 1), old_row_);
}

Result<void> RowStore::Truncate(const StoredTable& table, LogPosition commit) {
  std::string after;
  while (true) {
    std::vector<std::string> keys;
    auto scanned = transaction_.ScanEntriesFrom(table.rows, {}, after,
                                                [&](std::string_view key, std::string_view) {
                                                  if (key != after) {
                                                    keys.emplace_back(key);
                                                  }
                                                  return keys.size() < kTruncateKeys;
                                                });
    if (!scanned) {
      return scanned;
    }
    if (keys.empty()) {
      return {};
    }
    for (const std::string& key : keys) {
      auto found = Find(table, key, old_bytes_, old_row_);
      if (!found) {
        return std::move(found).error();
      }
      if (*found && old_row_.position <= commit) {
        if (auto removed = Remove(table, key, old_row_); !removed) {
          return removed;
        }
      }
    }
    after = std::move(keys.back());
  }
}

Result<void> RowStore::PutCopied(const StoredTable& table, const Row& values,
                                 LogPosition snapshot) {
  if (table.latest().table->IsKeyless()) {
    return AddEqual(table, values, snapshot);
  }
  if (auto filled = FillCells(table, values, new_row_.cells); !filled) {
    return filled;
  }
  new_row_.version = &table.latest();
  new_row_.position = snapshot;
  const auto key = RowKey(table.latest(), new_row_.cells);
  if (!key) {
    return WrongRow(table.latest(), "has no key");
  }
  auto found = Find(table, *key, old_bytes_, old_row_);
  if (!found) {
    return std::move(found).error();
  }
  if (*found && old_row_.position > snapshot) {
    return {};
  }
  return Write(table, *key, *found ? &old_row_ : nullptr, new_row_);
}

Result<bool> RowStore::Find(const StoredTable& table, std::string_view key, std::string& bytes,
                            StoredRow& row) {
  const auto entry = transaction_.FindEntry(table.rows, key);
  if (!entry) {
    return entry.error();
  }
  if (!*entry) {
    return false;
  }
  // The store's bytes move with the next write.
  bytes.assign(**entry);
  if (auto decoded = DecodeRow(table, bytes, row); !decoded) {
    return std::move(decoded).error();
  }
  return true;
}

Result<void> RowStore::Write(const StoredTable& table, std::string_view key,
                             const StoredRow* before, const StoredRow& after) {
  const bool is_equal =
      before != nullptr && before->version == after.version && before->cells == after.cells;
  // A copied row's position counts even if its values do not: what the stream tells of the time
  // before must not meet an older position. In the stream positions only grow.
  if (is_equal && before->position == after.position) {
    ++changes_without_effect_;
    return {};
  }
  if (auto put = transaction_.PutEntry(table.rows, key,
                                       EncodeRow(*after.version, after.position, after.cells));
      !put) {
    return put;
  }
  rows_added_ += before == nullptr ? 1 : 0;
  if (is_equal) {
    ++changes_without_effect_;
    return {};
  }
  if (auto changed = ChangeReferences(table, key, before, &after); !changed) {
    return changed;
  }
  if (auto changed =
          ChangeHole(table, key, before != nullptr && before->HasHoles(), after.HasHoles(), after);
      !changed) {
    return changed;
  }
  if (auto changed = ChangeRepair(table, key, before, &after); !changed) {
    return changed;
  }
  return observer_ == nullptr ? Result<void>() : observer_->RowChanged(table, key, before, &after);
}

Result<void> RowStore::Remove(const StoredTable& table, std::string_view key,
                              const StoredRow& before) {
  if (auto deleted = transaction_.DeleteEntry(table.rows, key); !deleted) {
    return deleted;
  }
  --rows_added_;
  if (auto changed = ChangeReferences(table, key, &before, nullptr); !changed) {
    return changed;
  }
  if (auto changed = ChangeHole(table, key, before.HasHoles(), false, before); !changed) {
    return changed;
  }
  if (auto changed = ChangeRepair(table, key, &before, nullptr); !changed) {
    return changed;
  }
  return observer_ == nullptr ? Result<void>()
                              : observer_->RowChanged(table, key, &before, nullptr);
}

Result<void> RowStore::ChangeReferences(const StoredTable& table, std::string_view key,
                                        const StoredRow* before, const StoredRow* after) {
  for (const ReferenceIndex& index : table.indexes) {
    const bool is_same =
        before != nullptr && after != nullptr &&
        std::all_of(index.slots.begin(), index.slots.end(),
                    [&](std::uint32_t slot) { return before->cells[slot] == after->cells[slot]; });
    if (is_same && before->version == after->version) {
      continue;
    }
    if (!IsSpread(index.forms)) {
      if (auto changed = ChangeEntry(index, key, before, after); !changed) {
        return changed;
      }
      continue;
    }
    const auto values_of = [&index](const StoredRow* row) {
      return row == nullptr ? std::vector<std::string>()
                            : IndexKeys(*row->version, index, row->cells);
    };
    if (auto changed = ChangeEntries(index, key, values_of(before), values_of(after)); !changed) {
      return changed;
    }
  }
  return {};
}

// A row has one entry at most where no column gives many.
Result<void> RowStore::ChangeEntry(const ReferenceIndex& index, std::string_view key,
                                   const StoredRow* before, const StoredRow* after) {
  const auto value_of = [&index](const StoredRow* row) {
    return row == nullptr ? std::optional<std::string>()
                          : ReferenceKey(*row->version, index.slots, index.forms, row->cells);
  };
  const auto old_value = value_of(before);
  const auto new_value = value_of(after);
  if (old_value == new_value) {
    return {};
  }
  if (old_value) {
    if (auto deleted = transaction_.DeleteEntry(index.entries, *old_value + std::string(key));
        !deleted) {
      return deleted;
    }
  }
  return new_value ? transaction_.PutEntry(index.entries, *new_value + std::string(key), {})
                   : Result<void>();
}

Result<void> RowStore::ChangeEntries(const ReferenceIndex& index, std::string_view key,
                                     std::vector<std::string> old_values,
                                     std::vector<std::string> new_values) {
  std::sort(old_values.begin(), old_values.end());
  std::sort(new_values.begin(), new_values.end());
  for (const std::string& value : old_values) {
    if (std::binary_search(new_values.begin(), new_values.end(), value)) {
      continue;
    }
    if (auto deleted = transaction_.DeleteEntry(index.entries, value + std::string(key));
        !deleted) {
      return deleted;
    }
  }
  for (const std::string& value : new_values) {
    if (std::binary_search(old_values.begin(), old_values.end(), value)) {
      continue;
    }
    if (auto put = transaction_.PutEntry(index.entries, value + std::string(key), {}); !put) {
      return put;
    }
  }
  return {};
}

Result<void> RowStore::ChangeRepair(const StoredTable& table, std::string_view key,
                                    const StoredRow* before, const StoredRow* after) {
  const bool was_repaired = before != nullptr && NeedsRepair(*before);
  const bool is_repaired = after != nullptr && NeedsRepair(*after);
  repairs_added_ += static_cast<int>(is_repaired) - static_cast<int>(was_repaired);
  if (is_repaired) {
    return PutRepair(transaction_, table.oid, key, *after);
  }
  return was_repaired ? DeleteRepair(transaction_, table.oid, key) : Result<void>();
}

Result<void> RowStore::ChangeHole(const StoredTable& table, std::string_view key, bool had_hole,
                                  bool has_hole, const StoredRow& row) {
  if (had_hole == has_hole) {
    return {};
  }
  if (had_hole) {
    --holes_added_;
    return transaction_.DeleteEntry(cache::kOwnersColumn, HoleKey(table.oid, key));
  }
  ++holes_added_;
  Json values = Json::array();
  for (const std::uint32_t column : row.version->key_columns) {
    values.push_back(JsonOfBytes(row.cells[row.version->slots[column]].text));
  }
  return transaction_.PutEntry(cache::kOwnersColumn, HoleKey(table.oid, key), DumpJson(values));
}

}  // namespace cacheindex::replication
