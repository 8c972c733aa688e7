#include "replication/rows/repaired_values.h"

#include <algorithm>

#include "node/core/utf8.h"

namespace cacheindex::replication {
namespace {

constexpr std::string_view kPrefix = "repaired/";
constexpr const char* kHexadecimal = "hexadecimal";
// Of a key that is named.
constexpr std::size_t kShownKeyBytesMax = 100;

bool IsSound(const Cell& cell) { return IsUtf8(cell.text); }

std::string EntryKey(std::uint32_t table, std::string_view key) {
  std::string bytes(kPrefix);
  for (int shift = 24; shift >= 0; shift -= 8) {
    bytes += static_cast<char>(table >> static_cast<unsigned>(shift));
  }
  return bytes.append(key);
}

std::string Describe(const StoredRow& row) {
  const TableVersion& version = *row.version;
  std::string key;
  for (const std::uint32_t column : version.id_columns) {
    key += (key.empty() ? "" : ", ") + std::string(row.cells[version.slots[column]].text);
  }
  key = ReplaceInvalidUtf8(key.substr(0, kShownKeyBytesMax));
  std::string columns;
  for (std::size_t i = 0; i < version.slots.size(); ++i) {
    if (!IsSound(row.cells[version.slots[i]])) {
      columns += (columns.empty() ? "" : ", ") + version.table->columns[i].name;
    }
  }
  return "table " + version.table->QualifiedName() + ", row \"" + key + "\", column " + columns +
         ": bytes that are no UTF-8 are shown as U+FFFD";
}

}  // namespace

bool NeedsRepair(const StoredRow& row) {
  return !std::all_of(row.cells.begin(), row.cells.end(), IsSound);
}

Result<void> PutRepair(cache::WriteTransaction& transaction, std::uint32_t table,
                       std::string_view key, const StoredRow& row) {
  return transaction.PutEntry(cache::kOwnersColumn, EntryKey(table, key), Describe(row));
}

Result<void> DeleteRepair(cache::WriteTransaction& transaction, std::uint32_t table,
                          std::string_view key) {
  return transaction.DeleteEntry(cache::kOwnersColumn, EntryKey(table, key));
}

Result<std::uint64_t> DeleteRepairs(cache::WriteTransaction& transaction, std::uint32_t table) {
  std::vector<std::string> keys;
  auto scanned = transaction.ScanEntries(cache::kOwnersColumn, EntryKey(table, {}),
                                         [&](std::string_view key, std::string_view) {
                                           keys.emplace_back(key);
                                           return true;
                                         });
  if (!scanned) {
    return std::move(scanned).error();
  }
  for (const std::string& key : keys) {
    if (auto deleted = transaction.DeleteEntry(cache::kOwnersColumn, key); !deleted) {
      return std::move(deleted).error();
    }
  }
  return keys.size();
}

Result<std::vector<std::string>> Repairs(const cache::View& view, std::size_t rows_max) {
  std::vector<std::string> repairs;
  auto scanned = view.ScanEntries(cache::kOwnersColumn, kPrefix,
                                  [&](std::string_view, std::string_view repair) {
                                    repairs.emplace_back(repair);
                                    return repairs.size() < rows_max;
                                  });
  return scanned ? Result<std::vector<std::string>>(std::move(repairs))
                 : std::move(scanned).error();
}

Json JsonOfBytes(std::string_view bytes) {
  if (IsUtf8(bytes)) {
    return Json(std::string(bytes));
  }
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string digits;
  for (const char byte : bytes) {
    digits += kDigits[static_cast<unsigned char>(byte) >> 4U];
    digits += kDigits[static_cast<unsigned char>(byte) & 15U];
  }
  return Json{{kHexadecimal, std::move(digits)}};
}

std::string BytesOfJson(const Json& json) {
  if (json.is_string()) {
    return json.get<std::string>();
  }
  const std::string digits = json.at(kHexadecimal).get<std::string>();
  std::string bytes;
  for (std::size_t i = 0; i + 1 < digits.size(); i += 2) {
    bytes += static_cast<char>(std::stoi(digits.substr(i, 2), nullptr, 16));
  }
  return bytes;
}

}  // namespace cacheindex::replication
