#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "index/documents/visible_fields.h"
#include "node/core/result.h"

namespace cacheindex::index {

/// One item of a `sort_by`, taken apart: name(options):order.
struct SortItem {
  std::string_view text;
  std::string_view name;
  std::string_view options;
  bool has_options = false;
  bool is_descending = false;
};

/// Errors: kInvalidArgument.
Result<SortItem> TakeApartSortItem(std::string_view text, const VisibleFields& fields);

/// One of the options in the parentheses: `name: value`, or a value alone.
struct SortOption {
  std::string_view name;
  std::string_view value;
};

/// Returns the options, an empty name for those without.
std::vector<SortOption> SplitSortOptions(std::string_view options);

std::optional<double> ParseSortNumber(std::string_view text);
std::optional<std::int64_t> ParseSortInteger(std::string_view text);

/// Returns the error that says what is wrong with an item.
Error MalformedSort(std::string_view item, std::string_view what);

}  // namespace cacheindex::index
