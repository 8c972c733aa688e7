#include "index/sort/sort_item.h"

#include <algorithm>
#include <cmath>
#include <string>

#include "index/expressions/filter_text.h"
#include "node/core/number_text.h"

namespace cacheindex::index {
namespace {

bool EqualsIgnoringCase(std::string_view text, std::string_view lower) {
  return std::equal(text.begin(), text.end(), lower.begin(), lower.end(), [](char a, char b) {
    return (a >= 'A' && a <= 'Z' ? static_cast<char>(a - 'A' + 'a') : a) == b;
  });
}

// What stands between the parentheses of `_eval` may itself hold parentheses; what stands between
// those of a field does not, but the field's name may ("width (mm)").
std::size_t FindOpening(std::string_view name) {
  return name.starts_with('_') ? name.find('(') : name.rfind('(');
}

}  // namespace

Error MalformedSort(std::string_view item, std::string_view what) {
  return {ErrorCode::kInvalidArgument,
          "Parameter `sort_by` is malformed: in " + Excerpt(item) + " " + std::string(what) + "."};
}

Result<SortItem> TakeApartSortItem(std::string_view text, const VisibleFields& fields) {
  SortItem item;
  item.text = text;
  const std::size_t colon = text.rfind(':');
  // A colon inside parentheses belongs to the options.
  if (colon == std::string_view::npos || text.find(')', colon) != std::string_view::npos) {
    return MalformedSort(text, "the order (`:asc` or `:desc`) is missing");
  }
  const std::string_view order = Trim(text.substr(colon + 1));
  item.is_descending = EqualsIgnoringCase(order, "desc");
  if (!item.is_descending && !EqualsIgnoringCase(order, "asc")) {
    return MalformedSort(text, "the order is neither `asc` nor `desc`");
  }
  item.name = Trim(text.substr(0, colon));
  if (item.name.ends_with(')') && fields.Find(item.name) == nullptr) {
    const std::size_t open = FindOpening(item.name);
    if (open == std::string_view::npos) {
      return MalformedSort(text, "a `)` stands without `(`");
    }
    item.options = Trim(item.name.substr(open + 1, item.name.size() - open - 2));
    item.name = Trim(item.name.substr(0, open));
    item.has_options = true;
  }
  if (item.name.empty()) {
    return MalformedSort(text, "the field name is missing");
  }
  return item;
}

std::vector<SortOption> SplitSortOptions(std::string_view options) {
  std::vector<SortOption> split;
  for (const std::string_view option : SplitList(options)) {
    const std::size_t colon = option.find(':');
    split.push_back(colon == std::string_view::npos ? SortOption{{}, option}
                                                    : SortOption{Trim(option.substr(0, colon)),
                                                                 Trim(option.substr(colon + 1))});
  }
  return split;
}

std::optional<double> ParseSortNumber(std::string_view text) {
  const auto number = ToNumber<double>(text);
  return number && std::isfinite(*number) ? number : std::nullopt;
}

std::optional<std::int64_t> ParseSortInteger(std::string_view text) {
  return ToNumber<std::int64_t>(text);
}

}  // namespace cacheindex::index
