#include "index/facet/facet_parents.h"

#include <algorithm>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "index/facet/facet_pages.h"
#include "index/filter/filter_ranges.h"
#include "index/schema/field_values.h"
#include "node/core/json.h"

namespace cacheindex::index {
namespace {

bool IsValue(const FacetField& field, const ShownFacetValue& wanted, const Json& value) {
  if (value.is_array()) {
    return std::any_of(value.begin(), value.end(),
                       [&](const Json& element) { return IsValue(field, wanted, element); });
  }
  if (value.is_string()) {
    return value.get_ref<const std::string&>() == wanted.text;
  }
  return EncodeNumber(field.type, value) == wanted.value;
}

// Returns the object whose member at the end of the dotted `path` is the wanted value, nullptr when
// there is none. A key may itself hold dots, so every split is tried.
const Json* FindParent(const FacetField& field, const ShownFacetValue& wanted, const Json& value,
                       std::string_view path) {
  if (value.is_array()) {
    for (const Json& element : value) {
      if (const Json* parent = FindParent(field, wanted, element, path)) {
        return parent;
      }
    }
  }
  if (!value.is_object()) {
    return nullptr;
  }
  for (std::size_t end = path.find('.');; end = path.find('.', end + 1)) {
    const auto child = value.find(std::string(path.substr(0, end)));
    if (end == std::string_view::npos) {
      return child != value.end() && IsValue(field, wanted, *child) ? &value : nullptr;
    }
    if (child != value.end()) {
      if (const Json* parent = FindParent(field, wanted, *child, path.substr(end + 1))) {
        return parent;
      }
    }
  }
}

Result<std::string> ReadParent(SearchContext& context, const FacetField& field,
                               const ShownFacetValue& wanted, DocumentNumber number) {
  const auto document = context.ParseDocument(number);
  if (!document) {
    return document.error();
  }
  const Json* parent = FindParent(field, wanted, *document, field.name);
  return parent == nullptr ? std::string() : DumpJson(*parent);
}

}  // namespace

Result<void> FindParents(SearchContext& context, const FacetField& field, const DocumentSet& found,
                         std::span<ShownFacetValue> values) {
  std::unordered_map<std::int64_t, std::optional<DocumentNumber>> holder_of;
  for (const ShownFacetValue& value : values) {
    holder_of.emplace(value.value, std::nullopt);
  }
  std::size_t missing = holder_of.size();
  auto visited = ForEachFoundPage(
      context, field.column, found,
      [&](std::uint32_t number, const cache::ColumnPage& page, const std::uint64_t* selection) {
        if (missing == 0) {
          return;
        }
        const DocumentNumber first = number * cache::kWidePageDocuments;
        page.ForEachValue(selection, [&](std::uint32_t offset, std::int64_t value) {
          const auto holder = holder_of.find(value);
          if (holder != holder_of.end() && !holder->second) {
            holder->second = first + offset;
            --missing;
          }
        });
      });
  if (!visited) {
    return visited;
  }
  for (ShownFacetValue& value : values) {
    if (context.IsExpired()) {
      return DeadlinePassed();
    }
    if (const auto holder = holder_of.at(value.value)) {
      auto parent = ReadParent(context, field, value, *holder);
      if (!parent) {
        return std::move(parent).error();
      }
      value.parent = *std::move(parent);
    }
  }
  return {};
}

}  // namespace cacheindex::index
