#include "replication/row_reader.h"

#include <algorithm>
#include <utility>

namespace cacheindex::replication {
namespace {

/// Rows kept from one document to the next, at most.
constexpr std::size_t kKeptRowsMax = 20'000;

}  // namespace

Error RowReader::TooManyRows(std::uint32_t table) const {
  return Error(ErrorCode::kUnprocessable,
               "more than " + std::to_string(kPlaceRowsMax) + " rows of table " +
                   tables_.Find(table)->latest().table->QualifiedName() + " belong to it");
}

void RowReader::BeginDocument() {
  rows_used_ = 0;
  followed_.clear();
  if (kept_.size() > kKeptRowsMax) {
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
  const auto values = ReferenceKey(*row.row.version, access.from_slots, row.row.cells);
  if (table == nullptr || !values) {
    return &rows;
  }
  Result<void> read;
  switch (access.kind) {
    case Access::Kind::kKey: {
      auto found = FindKept(*table, *values);
      if (!found) {
        return std::move(found).error();
      }
      if (*found != nullptr) {
        rows.push_back(*found);
      }
      break;
    }
    case Access::Kind::kPrefix:
      read = ReadPrefix(*table, *values, rows);
      break;
    case Access::Kind::kIndex:
      read = ReadIndex(*table, access.index, *values, rows);
      break;
  }
  if (!read) {
    return std::move(read).error();
  }
  return &rows;
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

Result<void> RowReader::ReadIndex(const StoredTable& table, std::size_t index,
                                  const std::string& values, Rows& rows) {
  std::vector<std::string_view> keys;
  auto scanned = view_.ScanEntries(table.indexes[index].entries, values,
                                   [&](std::string_view key, std::string_view) {
                                     keys.push_back(key.substr(values.size()));
                                     return keys.size() <= kPlaceRowsMax;
                                   });
  if (!scanned) {
    return scanned;
  }
  if (keys.size() > kPlaceRowsMax) {
    return TooManyRows(table.oid);
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

Result<void> ScanKeys(const cache::View& view, const TableCatalogue& tables, const Access& access,
                      std::string_view values, std::string_view after,
                      const std::function<bool(std::string_view key)>& visit) {
  const StoredTable& table = *tables.Find(access.table);
  if (access.kind == Access::Kind::kKey) {
    if (after.empty()) {
      visit(values);
    }
    return {};
  }
  const bool is_index = access.kind == Access::Kind::kIndex;
  const cache::ColumnNumber entries = is_index ? table.indexes[access.index].entries : table.rows;
  const std::string start = is_index ? std::string(values) + std::string(after)
                                     : std::string(after.empty() ? values : after);
  return view.ScanEntriesFrom(entries, values, start, [&](std::string_view key, std::string_view) {
    const std::string_view row_key = is_index ? key.substr(values.size()) : key;
    return row_key == after || visit(row_key);
  });
}

}  // namespace cacheindex::replication
