#include <algorithm>
#include <cstring>

#include "replication/rows/row_key.h"
#include "replication/rows/row_store.h"

// A stored row:
//   0      version, 1
//   1..4   number of the table's description, little-endian
//   5..12  position, little-endian
//   13..   for each column of the description a number in base 128, lowest digits first, with the
//          high bit set in all but the last byte: 0 = null, 1 = hole, n + 2 = n bytes of text,
//          which follow

namespace cacheindex::replication {
namespace {

constexpr char kFormat = 1;
constexpr std::size_t kHeaderBytes = 13;

void AppendNumber(std::string& bytes, std::uint64_t number) {
  for (; number >= 0x80; number >>= 7U) {
    bytes += static_cast<char>(number | 0x80U);
  }
  bytes += static_cast<char>(number);
}

// Returns false at the end of `bytes`.
bool TakeNumber(std::string_view& bytes, std::uint64_t& number) {
  number = 0;
  for (unsigned shift = 0; shift < 64 && !bytes.empty(); shift += 7) {
    const auto byte = static_cast<unsigned char>(bytes.front());
    bytes.remove_prefix(1);
    number |= std::uint64_t{byte & 0x7FU} << shift;
    if (byte < 0x80U) {
      return true;
    }
  }
  return false;
}

const TableVersion* FindVersion(const StoredTable& table, std::uint32_t number) {
  if (table.latest().number == number) {
    return &table.latest();
  }
  // Numbers count from 0 without a gap.
  return number < table.versions.size() ? table.versions[number].get() : nullptr;
}

}  // namespace

bool StoredRow::HasHoles() const {
  return std::any_of(cells.begin(), cells.end(),
                     [](const Cell& cell) { return cell.state == Cell::State::kHole; });
}

Result<void> DecodeRow(const StoredTable& table, std::string_view bytes, StoredRow& row) {
  const auto damaged = [&] {
    return Error(ErrorCode::kCorruption,
                 "damaged row of table " + table.latest().table->QualifiedName());
  };
  if (bytes.size() < kHeaderBytes || bytes[0] != kFormat) {
    return damaged();
  }
  std::uint32_t number = 0;
  std::memcpy(&number, bytes.data() + 1, sizeof number);
  std::memcpy(&row.position, bytes.data() + 5, sizeof row.position);
  row.version = FindVersion(table, number);
  if (row.version == nullptr) {
    return damaged();
  }
  bytes.remove_prefix(kHeaderBytes);
  row.cells.assign(table.slot_names.size(), Cell{});
  for (const std::uint32_t slot : row.version->slots) {
    std::uint64_t tag = 0;
    if (!TakeNumber(bytes, tag) || (tag >= 2 && tag - 2 > bytes.size())) {
      return damaged();
    }
    Cell& cell = row.cells[slot];
    if (tag == 1) {
      cell.state = Cell::State::kHole;
    } else if (tag >= 2) {
      cell.state = Cell::State::kText;
      cell.text = bytes.substr(0, tag - 2);
      bytes.remove_prefix(tag - 2);
    }
  }
  return bytes.empty() ? Result<void>() : damaged();
}

std::string EncodeRow(const TableVersion& version, LogPosition position,
                      std::span<const Cell> cells_by_slot) {
  std::string bytes;
  std::size_t size = kHeaderBytes;
  for (const Cell& cell : cells_by_slot) {
    size += cell.text.size() + 2;
  }
  bytes.reserve(size);
  bytes.resize(kHeaderBytes);
  bytes[0] = kFormat;
  std::memcpy(bytes.data() + 1, &version.number, sizeof version.number);
  std::memcpy(bytes.data() + 5, &position, sizeof position);
  for (const std::uint32_t slot : version.slots) {
    const Cell& cell = cells_by_slot[slot];
    switch (cell.state) {
      case Cell::State::kNull:
        bytes += '\0';
        break;
      case Cell::State::kHole:
        bytes += '\1';
        break;
      case Cell::State::kText:
        AppendNumber(bytes, cell.text.size() + 2);
        bytes.append(cell.text);
        break;
    }
  }
  return bytes;
}

std::optional<std::string> RowKey(const TableVersion& version,
                                  std::span<const Cell> cells_by_slot) {
  std::string key;
  for (const std::uint32_t column : version.key_columns) {
    const Cell& cell = cells_by_slot[version.slots[column]];
    if (cell.state != Cell::State::kText) {
      return std::nullopt;
    }
    AppendKeyValue(key, version.table->columns[column].base_type, cell.text);
  }
  return key.empty() ? std::nullopt : std::optional(BoundedKey(std::move(key)));
}

std::string HoleKey(std::uint32_t oid, std::string_view row_key) {
  std::string key(kHolePrefix);
  for (int shift = 24; shift >= 0; shift -= 8) {
    key += static_cast<char>(oid >> static_cast<unsigned>(shift));
  }
  key.append(row_key);
  return key;
}

}  // namespace cacheindex::replication
