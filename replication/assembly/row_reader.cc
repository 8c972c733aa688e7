#include "replication/assembly/row_reader.h"

#include <algorithm>
#include <utility>

#include "replication/assembly/document_ids.h"
#include "replication/assembly/key_scan.h"
#include "replication/rows/reference_key.h"

namespace cacheindex::replication {
namespace {

/// Rows kept from one document to the next, at most, and as many answers about spans.
constexpr std::size_t kKeptRowsMax = 20'000;

Error TooManyValues(const StoredRow& row, const std::vector<std::uint32_t>& slots,
                    std::size_t count) {
  const TableVersion& version = *row.version;
  std::string columns;
  for (const std::uint32_t slot : slots) {
    columns += (columns.empty() ? "" : ", ") + version.table->columns[*version.columns[slot]].name;
  }
  return Error(ErrorCode::kUnprocessable,
               "row \"" + KeyTextOf(row) + "\" of table " + version.table->QualifiedName() +
                   " has " + std::to_string(count) + " values of " + columns +
                   " that refer to others, and at most " + std::to_string(kReferenceValuesMax) +
                   " are possible");
}

}  // namespace

Error RowReader::TooManyRows(std::uint32_t table) const {
  return Error(ErrorCode::kUnprocessable,
               "more than " + std::to_string(kPlaceRowsMax) + " rows of table " +
                   tables_.Find(table)->latest().table->QualifiedName() + " belong to it");
}

void RowReader::BeginDocument() {
  rows_used_ = 0;
  followed_.clear();
  if (kept_.size() > kKeptRowsMax || spans_.size() > kKeptRowsMax) {
    spans_.clear();
    kept_.clear();
  }
}

LoadedRow& RowReader::NextRow() {
  if (rows_used_ == rows_.size()) {
    rows_.emplace_back();
  }
  return rows_[rows_used_++];
}

Result<const LoadedRow*> RowReader::Find(std::uint32_t oid, std::string_view key) {
  const StoredTable* const table = tables_.Find(oid);
  if (table == nullptr) {
    return nullptr;
  }
  const auto bytes = view_.FindEntry(table->rows, key);
  if (!bytes) {
    return bytes.error();
  }
  if (!*bytes) {
    return nullptr;
  }
  LoadedRow& loaded = NextRow();
  loaded.key = key;
  if (auto decoded = DecodeRow(*table, **bytes, loaded.row); !decoded) {
    return std::move(decoded).error();
  }
  return &loaded;
}

Result<const LoadedRow*> RowReader::FindKept(const StoredTable& table, const std::string& key) {
  std::string name(reinterpret_cast<const char*>(&table.oid), sizeof table.oid);
  name += key;
  const auto found = kept_.find(name);
  if (found != kept_.end()) {
    return &found->second->loaded;
  }
  const auto bytes = view_.FindEntry(table.rows, key);
  if (!bytes) {
    return bytes.error();
  }
  if (!*bytes) {
    return nullptr;
  }
  auto kept = std::make_unique<KeptRow>();
  kept->key = key;
  kept->bytes = **bytes;
  kept->loaded.key = kept->key;
  if (auto decoded = DecodeRow(table, kept->bytes, kept->loaded.row); !decoded) {
    return std::move(decoded).error();
  }
  return &kept_.emplace(std::move(name), std::move(kept)).first->second->loaded;
}

Result<const RowReader::Rows*> RowReader::Follow(const Access& access, const LoadedRow& row) {
  const auto [followed, is_new] = followed_.try_emplace({&access, &row});
  Rows& rows = followed->second;
  if (!is_new) {
    return &rows;
  }
  const StoredTable* const table = tables_.Find(access.table);
  if (table == nullptr) {
    return &rows;
  }
  if (!IsSpread(access.from_forms)) {
    const auto key =
        ReferenceKey(*row.row.version, access.from_slots, access.from_forms, row.row.cells);
    auto read = key ? ReadRows(*table, access, *key, rows) : Result<void>();
    return read ? Result<const Rows*>(&rows) : std::move(read).error();
  }
  const auto keys =
      ReferenceKeys(*row.row.version, access.from_slots, access.from_forms, row.row.cells);
  if (keys.size() > kReferenceValuesMax) {
    return TooManyValues(row.row, access.from_slots, keys.size());
  }
  for (const std::string& key : keys) {
    if (auto read = ReadRows(*table, access, key, rows); !read) {
      return std::move(read).error();
    }
  }
  return &rows;
}

Result<void> RowReader::ReadRows(const StoredTable& table, const Access& access,
                                 const std::string& values, Rows& rows) {
  switch (access.kind) {
    case Access::Kind::kKey: {
      auto found = FindKept(table, values);
      if (found && *found != nullptr) {
        rows.push_back(*found);
      }
      return found ? Result<void>() : std::move(found).error();
    }
    case Access::Kind::kPrefix:
      return ReadPrefix(table, values, rows);
    case Access::Kind::kSpans:
      return ReadSpans(table, access, values, rows);
    case Access::Kind::kIndex:
    case Access::Kind::kRange:
      break;
  }
  return ReadIndex(table, access, values, rows);
}

Result<void> RowReader::ReadPrefix(const StoredTable& table, const std::string& prefix,
                                   Rows& rows) {
  Result<void> outcome;
  auto scanned =
      view_.ScanEntries(table.rows, prefix, [&](std::string_view key, std::string_view bytes) {
        LoadedRow& loaded = NextRow();
        loaded.key = key;
        outcome = rows.size() < kPlaceRowsMax ? DecodeRow(table, bytes, loaded.row)
                                              : TooManyRows(table.oid);
        rows.push_back(&loaded);
        return outcome.has_value();
      });
  return scanned ? outcome : scanned;
}

Result<void> RowReader::ReadIndex(const StoredTable& table, const Access& access,
                                  const std::string& values, Rows& rows) {
  const ReferenceIndex& index = table.indexes[access.index];
  if (access.kind == Access::Kind::kIndex && IsSpread(index.forms)) {
    if (auto checked = CheckCrowded(table, index, values); !checked) {
      return checked;
    }
  }
  Keys keys;
  std::string after;
  auto scanned = ScanKeys(view_, table, access, values, after, [&](std::string_view key) {
    keys.push_back(key);
    return rows.size() + keys.size() <= kPlaceRowsMax;
  });
  if (!scanned) {
    return scanned;
  }
  if (rows.size() + keys.size() > kPlaceRowsMax) {
    return TooManyRows(table.oid);
  }
  if (access.is_shared) {
    return ReadKept(table, keys, rows);
  }
  for (const std::string_view key : keys) {
    auto found = Find(table.oid, key);
    if (!found) {
      return std::move(found).error();
    }
    if (*found != nullptr) {
      rows.push_back(*found);
    }
  }
  return {};
}

Result<void> RowReader::ReadKept(const StoredTable& table, const Keys& keys, Rows& rows) {
  for (const std::string_view key : keys) {
    auto found = FindKept(table, std::string(key));
    if (!found) {
      return std::move(found).error();
    }
    if (*found != nullptr) {
      rows.push_back(*found);
    }
  }
  return {};
}

Result<void> RowReader::ReadSpans(const StoredTable& table, const Access& access,
                                  const std::string& values, Rows& rows) {
  const std::string name =
      std::to_string(table.oid) + ":" + std::to_string(access.index) + ":" + values;
  const auto known = spans_.find(name);
  if (known != spans_.end()) {
    rows.insert(rows.end(), known->second.begin(), known->second.end());
    return {};
  }
  Keys keys;
  std::string after;
  auto scanned = ScanKeys(view_, table, access, values, after, [&](std::string_view key) {
    keys.push_back(key);
    return keys.size() <= kReferenceValuesMax;
  });
  if (!scanned) {
    return scanned;
  }
  if (keys.size() > kReferenceValuesMax) {
    return Error(ErrorCode::kUnprocessable,
                 "more than " + std::to_string(kReferenceValuesMax) + " rows of table " +
                     table.latest().table->QualifiedName() + " enclose one");
  }
  Rows found;
  if (auto read = ReadKept(table, keys, found); !read) {
    return read;
  }
  // By the lower bound, which all have behind the same values, then the greater upper bound first.
  std::vector<std::pair<std::string, const LoadedRow*>> ordered;
  for (const LoadedRow* const row : found) {
    std::string bounds =
        ReferenceKey(*row->row.version, access.slots, {}, row->row.cells).value_or("");
    const std::size_t upper = bounds.size() - std::min(bounds.size(), kNumberBytes);
    std::transform(bounds.begin() + static_cast<std::ptrdiff_t>(upper), bounds.end(),
                   bounds.begin() + static_cast<std::ptrdiff_t>(upper),
                   [](char byte) { return static_cast<char>(~static_cast<unsigned>(byte)); });
    ordered.emplace_back(std::move(bounds) + std::string(row->key), row);
  }
  std::sort(ordered.begin(), ordered.end());
  std::transform(ordered.begin(), ordered.end(), found.begin(),
                 [](const auto& entry) { return entry.second; });
  rows.insert(rows.end(), found.begin(), found.end());
  spans_.emplace(name, std::move(found));
  return {};
}

// Rows with too many values are found by none of them: whether one belongs here is seen from the
// row itself.
Result<void> RowReader::CheckCrowded(const StoredTable& table, const ReferenceIndex& index,
                                     const std::string& values) {
  Keys keys;
  auto scanned =
      view_.ScanEntries(index.entries, kCrowdedMark, [&](std::string_view key, std::string_view) {
        keys.push_back(key.substr(kCrowdedMark.size()));
        return keys.size() <= kCrowdedRowsMax;
      });
  if (!scanned) {
    return scanned;
  }
  if (keys.size() > kCrowdedRowsMax) {
    return Error(ErrorCode::kUnprocessable,
                 "more than " + std::to_string(kCrowdedRowsMax) + " rows of table " +
                     table.latest().table->QualifiedName() + " have more than " +
                     std::to_string(kReferenceValuesMax) + " values that refer to others");
  }
  for (const std::string_view key : keys) {
    const auto row = Find(table.oid, key);
    if (!row) {
      return row.error();
    }
    if (*row == nullptr) {
      continue;
    }
    const StoredRow& stored = (*row)->row;
    const auto all = ReferenceKeys(*stored.version, index.slots, index.forms, stored.cells);
    if (std::find(all.begin(), all.end(), values) != all.end()) {
      return TooManyValues(stored, index.slots, all.size());
    }
  }
  return {};
}

}  // namespace cacheindex::replication
