#pragma once

#include <algorithm>
#include <cstdint>
#include <span>

#include "cache/column_page.h"
#include "cache/numbers.h"
#include "node/core/document.h"

namespace cacheindex::index {

/// Returns whether `words` (their numbers, at least one) stand next to each other in this order in
/// one element of a field: `field` is the document's part of a words column.
inline bool ContainsInOrder(const cache::ColumnValues& field, std::span<const std::int64_t> words) {
  const auto size = static_cast<std::uint32_t>(words.size());
  for (std::uint32_t i = 0; i + size <= field.size(); ++i) {
    std::uint32_t matched = 0;
    // A separator is never one of the words, so a match cannot reach across elements.
    while (matched < size && field[i + matched] == words[matched]) {
      ++matched;
    }
    if (matched == size) {
      return true;
    }
  }
  return false;
}

/// As above, but the last of the words may be any of `longer`, sorted; `words` are those before it,
/// perhaps none.
inline bool ContainsBegun(const cache::ColumnValues& field, std::span<const std::int64_t> words,
                          std::span<const std::int64_t> longer) {
  const auto size = static_cast<std::uint32_t>(words.size());
  for (std::uint32_t i = 0; i + size < field.size(); ++i) {
    std::uint32_t matched = 0;
    while (matched < size && field[i + matched] == words[matched]) {
      ++matched;
    }
    if (matched == size && std::binary_search(longer.begin(), longer.end(), field[i + size])) {
      return true;
    }
  }
  return false;
}

/// Returns the document's part of a words column.
inline cache::ColumnValues WordsOf(const cache::ColumnPages& pages, cache::ColumnNumber column,
                                   DocumentNumber number) {
  const std::uint32_t per_page = cache::DocumentsPerPage(cache::ShapeOf(column));
  const cache::ColumnPage* page = pages.Find(number / per_page);
  return page == nullptr ? cache::ColumnValues() : page->Find(number % per_page);
}

}  // namespace cacheindex::index
