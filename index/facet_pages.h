#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "cache/column_page.h"
#include "index/document_set.h"
#include "index/filter_ranges.h"
#include "index/search_context.h"
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
    const cache::ColumnPage* page = (*pages)->Find(number);
    const bool is_selected = std::any_of(selection, selection + page_words,
                                         [](std::uint64_t word) { return word != 0; });
    if (page != nullptr && page->values() > 0 && is_selected) {
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
  // Few values are compared with those before them, many are sorted.
  constexpr std::uint32_t kComparedMax = 16;
  std::vector<std::int64_t> sorted;
  page.ForEachDocument(selection, [&](std::uint32_t offset, const cache::ColumnValues& values) {
    if (values.size() <= kComparedMax) {
      for (std::uint32_t i = 0; i < values.size(); ++i) {
        const std::int64_t value = values[i];
        bool is_new = true;
        for (std::uint32_t j = 0; j < i; ++j) {
          is_new = is_new && values[j] != value;
        }
        if (is_new) {
          visit(offset, value);
        }
      }
      return;
    }
    sorted.clear();
    for (std::uint32_t i = 0; i < values.size(); ++i) {
      sorted.push_back(values[i]);
    }
    std::sort(sorted.begin(), sorted.end());
    sorted.erase(std::unique(sorted.begin(), sorted.end()), sorted.end());
    for (const std::int64_t value : sorted) {
      visit(offset, value);
    }
  });
}

}  // namespace cacheindex::index
