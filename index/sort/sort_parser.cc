#include "index/sort/sort_parser.h"

#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include "index/expressions/filter_text.h"
#include "index/sort/sort_functions.h"
#include "index/sort/sort_item.h"
#include "node/core/number_text.h"

namespace cacheindex::index {
namespace {

Error UnknownField(std::string_view name) {
  return {ErrorCode::kNotFound,
          "Could not find a field named " + Excerpt(name) + " in the schema for sorting."};
}

Result<void> ParseTextMatch(const SortItem& item, SortKey& key) {
  key.kind = SortKey::Kind::kTextMatch;
  if (!item.has_options) {
    return {};
  }
  const auto options = SplitSortOptions(item.options);
  if (options.size() != 1 || (options[0].name != "buckets" && options[0].name != "bucket_size")) {
    return MalformedSort(item.text, "`_text_match` knows only `buckets: N` and `bucket_size: N`");
  }
  const std::string_view text = options[0].value;
  const auto number = ToNumber<std::uint32_t>(text);
  if (!number) {
    return MalformedSort(item.text, Excerpt(text) + " is not an unsigned integer");
  }
  (options[0].name == "buckets" ? key.buckets : key.bucket_size) = *number;
  return {};
}

Result<void> ParseMissing(const SortItem& item, SortKey& key) {
  if (!item.has_options) {
    return {};
  }
  const auto options = SplitSortOptions(item.options);
  if (options.size() != 1 || options[0].name != "missing_values") {
    return MalformedSort(item.text, "the only option of such a field is `missing_values`");
  }
  const std::string_view value = options[0].value;
  if (value == "first") {
    key.missing = SortKey::Missing::kFirst;
  } else if (value == "last") {
    key.missing = SortKey::Missing::kLast;
  } else if (value != "normal") {
    return MalformedSort(item.text, "`missing_values` is neither `first` nor `last` nor `normal`");
  }
  return {};
}

bool IsDecay(const SortItem& item) {
  for (const SortOption& option : SplitSortOptions(item.options)) {
    if (option.name == "origin" || option.name == "func") {
      return true;
    }
  }
  return false;
}

Result<void> ParseField(const SortItem& item, const Field& field, SortKey& key) {
  const FieldDefinition& definition = field.definition;
  const bool is_place = definition.type == FieldType::kGeopoint;
  if (definition.is_array && !is_place) {
    return Error(ErrorCode::kInvalidArgument,
                 "Cannot sort on field " + Excerpt(item.name) +
                     ": it is an array, whose documents have many values.");
  }
  switch (definition.type) {
    case FieldType::kInt32:
    case FieldType::kInt64:
    case FieldType::kFloat:
    case FieldType::kBool:
      key.kind = SortKey::Kind::kNumber;
      key.is_float = definition.type == FieldType::kFloat;
      key.column = field.storage.values;
      break;
    case FieldType::kString:
    case FieldType::kStringAuto:
      key.kind = SortKey::Kind::kString;
      key.column = field.storage.sort_key;
      key.ordinals = definition.facet ? field.storage.values : cache::ColumnNumber{};
      break;
    case FieldType::kGeopoint:
      key.column = field.storage.values;
      break;
    case FieldType::kGeopolygon:
      return Error(ErrorCode::kInvalidArgument,
                   "Cannot sort on field " + Excerpt(item.name) + ": it is a geopolygon.");
    case FieldType::kObject:
    case FieldType::kAuto:
      break;
  }
  if (key.column == cache::ColumnNumber{}) {
    return UnknownField(item.name);
  }
  if (is_place) {
    return ParseSortDistance(item, key);
  }
  const bool is_number = key.kind == SortKey::Kind::kNumber && definition.type != FieldType::kBool;
  return is_number && IsDecay(item) ? ParseSortDecay(item, definition.type, key)
                                    : ParseMissing(item, key);
}

constexpr std::array<std::string_view, 7> kSpecialNames = {
    "_text_match",   "_eval",        "_rand",  "_vector_distance",
    "_vector_query", "_group_found", "_seq_id"};

// What is no field.
Result<void> ParseSpecial(const SortItem& item, const VisibleFields& fields,
                          const FilterOptions& options, SortKey& key) {
  if (item.name == "_text_match") {
    return ParseTextMatch(item, key);
  }
  if (item.name == "_eval") {
    return ParseSortCases(item, fields, options, key);
  }
  if (item.name == "_rand") {
    return ParseSortSeed(item, key);
  }
  if (item.name == "_vector_distance" || item.name == "_vector_query") {
    return Error(ErrorCode::kInvalidArgument, "Parameter `sort_by`: " + Excerpt(item.text) +
                                                  " needs vectors, which this node "
                                                  "does not search.");
  }
  if (item.has_options) {
    return UnknownField(item.name);
  }
  const bool is_insertion = item.name == "_seq_id";
  key.kind = is_insertion ? SortKey::Kind::kInsertion : SortKey::Kind::kGroupSize;
  key.column = is_insertion ? fields.schema().id_order_column : cache::ColumnNumber{};
  return {};
}

}  // namespace

Result<std::optional<SortKey>> ParseSortKey(std::string_view text, const VisibleFields& fields,
                                            const FilterOptions& options) {
  const auto item = TakeApartSortItem(text, fields);
  if (!item) {
    return item.error();
  }
  SortKey key;
  key.is_descending = item->is_descending;
  key.field = item->name;
  const Field* field = fields.Find(item->name);
  const bool is_special =
      field == nullptr && std::ranges::find(kSpecialNames, item->name) != kSpecialNames.end();
  if (field == nullptr && !is_special) {
    return options.validate_field_names ? Result<std::optional<SortKey>>(UnknownField(item->name))
                                        : Result<std::optional<SortKey>>(std::nullopt);
  }
  auto parsed =
      is_special ? ParseSpecial(*item, fields, options, key) : ParseField(*item, *field, key);
  if (!parsed) {
    return std::move(parsed).error();
  }
  return std::optional(std::move(key));
}

}  // namespace cacheindex::index
