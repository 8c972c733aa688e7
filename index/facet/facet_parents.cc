#include "index/facet/facet_parents.h"

#include <algorithm>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "index/columns/filter_ranges.h"
#include "index/documents/projection.h"
#include "index/facet/facet_pages.h"
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
                               const KeyScope& scope, const ShownFacetValue& wanted,
                               DocumentNumber number) {
  auto stored = context.ReadDocument(number);
  if (!stored) {
    return std::move(stored).error();
  }
  const auto shown = ShowDocument(std::move(stored->json), context.schema().hidden, scope);
  const auto document = shown ? ParseJson(*shown) : Result<Json>(shown.error());
  if (!document) {
    return Error(document.error()).WithContext("stored document number " + std::to_string(number));
  }
  const Json* parent = FindParent(field, wanted, *document, field.name);
  return parent == nullptr ? std::string() : DumpJson(*parent);
}

// The document that shows the parent of a value: of those that have it, the one with the lowest id.
using Holders =
    std::unordered_map<std::int64_t, std::optional<std::pair<std::string, DocumentNumber>>>;

Result<void> Compare(SearchContext& context, DocumentNumber number,
                     const std::vector<std::int64_t>& values, Holders& holders) {
  auto id = context.view().FindId(context.collection().number, number);
  if (!id) {
    return std::move(id).error();
  }
  if (!*id) {
    return Error(ErrorCode::kCorruption,
                 "no document has the number " + std::to_string(number) + " of a column");
  }
  for (const std::int64_t value : values) {
    auto& holder = holders.at(value);
    if (!holder || **id < holder->first) {
      holder = std::pair(**id, number);
    }
  }
  return {};
}

Result<Holders> FindHolders(SearchContext& context, const FacetField& field,
                            const DocumentSet& found, std::span<const ShownFacetValue> values) {
  Holders holders;
  for (const ShownFacetValue& value : values) {
    holders.emplace(value.value, std::nullopt);
  }
  Result<void> compared;
  auto visited = ForEachFoundPage(
      context, field.column, found,
      [&](std::uint32_t page_number, const cache::ColumnPage& page,
          const std::uint64_t* selection) {
        const DocumentNumber first = page_number * cache::kWidePageDocuments;
        std::vector<std::int64_t> shown;
        page.ForEachDocument(selection, [&](std::uint32_t offset, const auto& document_values) {
          shown.clear();
          for (std::uint32_t i = 0; i < document_values.size(); ++i) {
            if (holders.contains(document_values[i])) {
              shown.push_back(document_values[i]);
            }
          }
          if (!shown.empty() && compared) {
            compared = Compare(context, first + offset, shown, holders);
          }
        });
      });
  if (!visited || !compared) {
    return visited ? compared.error() : visited.error();
  }
  return holders;
}

}  // namespace

Result<void> FindParents(SearchContext& context, const FacetField& field, const KeyScope& scope,
                         const DocumentSet& found, std::span<ShownFacetValue> values) {
  const auto holders = FindHolders(context, field, found, values);
  if (!holders) {
    return holders.error();
  }
  for (ShownFacetValue& value : values) {
    if (context.IsExpired()) {
      return DeadlinePassed();
    }
    if (const auto& holder = holders->at(value.value)) {
      auto parent = ReadParent(context, field, scope, value, holder->second);
      if (!parent) {
        return std::move(parent).error();
      }
      value.parent = *std::move(parent);
    }
  }
  return {};
}

}  // namespace cacheindex::index
