#include "replication/rows/equal_rows.h"

#include "replication/rows/row_key.h"

namespace cacheindex::replication {
namespace {

void AppendNumber(std::string& bytes, std::uint64_t number, unsigned size) {
  for (unsigned i = size; i > 0; --i) {
    bytes += static_cast<char>(number >> 8U * (i - 1));
  }
}

Result<bool> IsThere(const cache::View& view, cache::ColumnNumber rows, std::string_view prefix,
                     std::uint32_t number) {
  const auto entry = view.FindEntry(rows, EqualRowKey(prefix, number));
  return entry ? Result<bool>(entry->has_value()) : entry.error();
}

}  // namespace

std::string EqualRowsPrefix(std::span<const Cell> cells_by_slot) {
  std::string values;
  for (std::size_t slot = 0; slot < cells_by_slot.size(); ++slot) {
    const Cell& cell = cells_by_slot[slot];
    if (cell.state == Cell::State::kText) {
      AppendNumber(values, slot, 4);
      AppendNumber(values, cell.text.size(), 8);
      values += cell.text;
    }
  }
  const auto [first, second] = Digest(values);
  std::string prefix;
  AppendNumber(prefix, first, 8);
  AppendNumber(prefix, second, 8);
  return prefix;
}

std::string EqualRowKey(std::string_view prefix, std::uint32_t number) {
  std::string key(prefix);
  AppendNumber(key, number, 4);
  return key;
}

// There may be very many, and they are without gaps.
Result<std::uint32_t> CountEqualRows(const cache::View& view, cache::ColumnNumber rows,
                                     std::string_view prefix) {
  std::uint32_t known = 0;
  std::uint32_t step = 1;
  bool is_growing = true;
  while (step > 0) {
    auto is_there = IsThere(view, rows, prefix, known + step - 1);
    if (!is_there) {
      return std::move(is_there).error();
    }
    known += *is_there ? step : 0U;
    is_growing = is_growing && *is_there;
    step = is_growing ? step * 2 : step / 2;
  }
  return known;
}

}  // namespace cacheindex::replication
