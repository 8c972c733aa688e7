#include "replication/assembly/key_scan.h"

#include <optional>

#include "replication/rows/reference_key.h"

namespace cacheindex::replication {
namespace {

/// Levels of blocks, from single numbers to all of them.
constexpr unsigned kLevelEnd = 65;

using Visit = std::function<bool(std::string_view key)>;

// What was no whole number when it was stored is in no bounds, and bounds nothing.
bool EndsInNumbers(std::string_view values, std::size_t count) {
  for (; count > 0; --count) {
    if (values.size() < kNumberBytes || values[values.size() - kNumberBytes] != 'i') {
      return false;
    }
    values.remove_suffix(kNumberBytes);
  }
  return true;
}

// Visits the entries of the blocks around the number at the end of `values`, level by level.
// Levels that no span has are passed over.
Result<void> ScanSpans(const cache::View& view, cache::ColumnNumber entries,
                       std::string_view values, std::string& after, const Visit& visit) {
  if (!EndsInNumbers(values, 1)) {
    return {};
  }
  const std::string_view front = values.substr(0, values.size() - kNumberBytes);
  const std::uint64_t number = NumberOfKey(values.substr(front.size()));
  const std::string blocks = std::string(front) + "b";
  bool goes_on = true;
  unsigned level =
      after.size() > blocks.size() ? static_cast<unsigned char>(after[blocks.size()]) : 0;
  while (goes_on && level < kLevelEnd) {
    const std::string block = std::string(front) + BlockKey(level, number);
    const std::string start = after.starts_with(block) ? after : block;
    unsigned next_level = kLevelEnd;
    auto scanned =
        view.ScanEntriesFrom(entries, blocks, start, [&](std::string_view key, std::string_view) {
          if (key == after) {
            return true;
          }
          if (!key.starts_with(block)) {
            // Behind the block of this level: none here, or the first of a higher one.
            next_level = static_cast<unsigned char>(key[blocks.size()]);
            return false;
          }
          after = key;
          goes_on = visit(key.substr(block.size()));
          return goes_on;
        });
    if (!scanned) {
      return scanned;
    }
    level = next_level > level ? next_level : level + 1;
  }
  return {};
}

// Visits the entries of numbers between the last two of `values`.
Result<void> ScanRange(const cache::View& view, cache::ColumnNumber entries,
                       std::string_view values, std::string& after, const Visit& visit) {
  if (!EndsInNumbers(values, 2)) {
    return {};
  }
  const std::string_view front = values.substr(0, values.size() - 2 * kNumberBytes);
  const std::string_view first = values.substr(0, values.size() - kNumberBytes);
  const std::string last =
      std::string(front) + std::string(values.substr(values.size() - kNumberBytes));
  const std::string start = after.empty() ? std::string(first) : after;
  return view.ScanEntriesFrom(entries, front, start, [&](std::string_view key, std::string_view) {
    if (key == after) {
      return true;
    }
    if (key.substr(0, last.size()) > last) {
      return false;
    }
    after = key;
    return visit(key.substr(last.size()));
  });
}

}  // namespace

Result<void> ScanKeys(const cache::View& view, const StoredTable& table, const Access& access,
                      std::string_view values, std::string& after, const Visit& visit) {
  switch (access.kind) {
    case Access::Kind::kKey:
      if (after.empty()) {
        after = values;
        visit(values);
      }
      return {};
    case Access::Kind::kSpans:
      return ScanSpans(view, table.indexes[access.index].entries, values, after, visit);
    case Access::Kind::kRange:
      return ScanRange(view, table.indexes[access.index].entries, values, after, visit);
    case Access::Kind::kPrefix:
    case Access::Kind::kIndex:
      break;
  }
  const bool is_index = access.kind == Access::Kind::kIndex;
  const cache::ColumnNumber entries = is_index ? table.indexes[access.index].entries : table.rows;
  const std::string start = after.empty() ? std::string(values) : after;
  return view.ScanEntriesFrom(entries, values, start, [&](std::string_view key, std::string_view) {
    if (key == after) {
      return true;
    }
    after = key;
    return visit(is_index ? key.substr(values.size()) : key);
  });
}

}  // namespace cacheindex::replication
