#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <set>

#include "cache/column_page.h"
#include "index/columns/document_set.h"
#include "index/columns/filter_ranges.h"
#include "index/columns/search_context.h"
#include "node/core/result.h"

namespace cacheindex::index {

/// Calls visit(page_number, page, selection) for every page of `column` with found documents.
/// Column 0 has no pages.
/// Errors: kTimeout, and those of the view.
template <class Visitor>
Result<void> ForEachFoundPage(SearchContext& context, cache::ColumnNumber column,
                              const DocumentSet& found, const Visitor& visit) {
  if (column == cache::ColumnNumber{}) {
    return {};
  }
  const auto pages = context.Pages(column);
  if (!pages) {
    return pages.error();
  }
  const cache::PageShape shape = cache::ShapeOf(column);
  const std::uint32_t page_words = cache::DocumentsPerPage(shape) / 64;
  const std::uint32_t count = std::min((*pages)->page_count(), found.PageCount(shape));
  for (std::uint32_t number = 0; number < count; ++number) {
    if (number % kPagesPerDeadlineCheck == 0 && context.IsExpired()) {
      return DeadlinePassed();
    }
    const std::uint64_t* selection = found.WordsOfPage(shape, number);
    if (std::all_of(selection, selection + page_words,
                    [](std::uint64_t word) { return word == 0; })) {
      continue;
    }
    const cache::ColumnPage* page = (*pages)->Find(number);
    if (page != nullptr && page->values() > 0) {
      visit(number, *page, selection);
    }
  }
  return {};
}

/// Calls visit(offset, value) once for every different value of every selected document.
template <class Visitor>
void ForEachDistinctValue(const cache::ColumnPage& page, const std::uint64_t* selection,
                          Visitor&& visit) {
  if (page.is_single_valued()) {
    page.ForEachValue(selection, visit);
    return;
  }
  // The first values of a document are compared with each other, the rest is found in a set.
  constexpr std::uint32_t kComparedMax = 16;
  std::array<std::int64_t, kComparedMax> compared{};
  std::set<std::int64_t> others;
  std::uint32_t count = 0;
  std::uint32_t current = ~std::uint32_t{0};
  page.ForEachValue(selection, [&](std::uint32_t offset, std::int64_t value) {
    if (offset != current) {
      current = offset;
      count = 0;
      others.clear();
    }
    for (std::uint32_t i = 0; i < count; ++i) {
      if (compared[i] == value) {
        return;
      }
    }
    if (count < kComparedMax) {
      compared[count++] = value;
    } else if (!others.insert(value).second) {
      return;
    }
    visit(offset, value);
  });
}

}  // namespace cacheindex::index
