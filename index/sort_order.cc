#include "index/sort_order.h"

#include <algorithm>
#include <charconv>
#include <optional>
#include <string>
#include <system_error>
#include <utility>

#include "index/filter_text.h"
#include "index/sort_top.h"

namespace cacheindex::index {
namespace {

constexpr std::string_view kTextMatchName = "_text_match";

Error Malformed(std::string_view item, std::string_view what) {
  return {ErrorCode::kInvalidArgument,
          "Parameter `sort_by` is malformed: in " + Excerpt(item) + " " + std::string(what) + "."};
}

Error NotSupported(std::string_view item, std::string_view what) {
  return {ErrorCode::kInvalidArgument, "Parameter `sort_by`: " + Excerpt(item) + ": " +
                                           std::string(what) + " not supported yet."};
}

Error UnknownField(std::string_view name) {
  return {ErrorCode::kNotFound,
          "Could not find a field named " + Excerpt(name) + " in the schema for sorting."};
}

bool EqualsIgnoringCase(std::string_view text, std::string_view lower) {
  return std::equal(text.begin(), text.end(), lower.begin(), lower.end(), [](char a, char b) {
    return (a >= 'A' && a <= 'Z' ? static_cast<char>(a - 'A' + 'a') : a) == b;
  });
}

// One item of the list, taken apart: name(options):order.
struct Item {
  std::string_view text;
  std::string_view name;
  std::string_view options;
  bool has_options = false;
  bool is_descending = false;
};

Result<Item> TakeApart(std::string_view text, const Schema& schema) {
  Item item;
  item.text = text;
  const std::size_t colon = text.rfind(':');
  // A colon inside parentheses belongs to the options.
  if (colon == std::string_view::npos || text.find(')', colon) != std::string_view::npos) {
    return Malformed(text, "the order (`:asc` or `:desc`) is missing");
  }
  const std::string_view order = Trim(text.substr(colon + 1));
  item.is_descending = EqualsIgnoringCase(order, "desc");
  if (!item.is_descending && !EqualsIgnoringCase(order, "asc")) {
    return Malformed(text, "the order is neither `asc` nor `desc`");
  }
  item.name = Trim(text.substr(0, colon));
  // Names may hold parentheses ("width (mm)").
  if (item.name.ends_with(')') && schema.Find(item.name) == nullptr) {
    const std::size_t open = item.name.rfind('(');
    if (open == std::string_view::npos) {
      return Malformed(text, "a `)` stands without `(`");
    }
    item.options = Trim(item.name.substr(open + 1, item.name.size() - open - 2));
    item.name = Trim(item.name.substr(0, open));
    item.has_options = true;
  }
  if (item.name.empty()) {
    return Malformed(text, "the field name is missing");
  }
  return item;
}

struct Option {
  std::string_view name;
  std::string_view value;
};

std::optional<Option> OnlyOption(std::string_view options) {
  const std::size_t colon = options.find(':');
  if (colon == std::string_view::npos || options.find(',') != std::string_view::npos) {
    return std::nullopt;
  }
  return Option{Trim(options.substr(0, colon)), Trim(options.substr(colon + 1))};
}

SortKey TextMatchKey(bool is_descending) {
  SortKey key;
  key.kind = SortKey::Kind::kTextMatch;
  key.is_descending = is_descending;
  return key;
}

Result<SortKey> ParseTextMatch(const Item& item) {
  SortKey key = TextMatchKey(item.is_descending);
  if (!item.has_options) {
    return key;
  }
  const auto option = OnlyOption(item.options);
  if (!option || (option->name != "buckets" && option->name != "bucket_size")) {
    return Malformed(item.text, "`_text_match` knows only `buckets: N` and `bucket_size: N`");
  }
  std::uint32_t number = 0;
  const char* const end = option->value.data() + option->value.size();
  const auto [stop, status] = std::from_chars(option->value.data(), end, number);
  if (status != std::errc() || stop != end) {
    return Malformed(item.text, Excerpt(option->value) + " is not an unsigned integer");
  }
  (option->name == "buckets" ? key.buckets : key.bucket_size) = number;
  return key;
}

Result<void> SetColumns(const Item& item, const Field& field, SortKey& key) {
  const FieldDefinition& definition = field.definition;
  if (definition.is_array) {
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
      key.column = field.storage.values;
      break;
    case FieldType::kString:
    case FieldType::kStringAuto:
      key.kind = SortKey::Kind::kString;
      key.column = field.storage.sort_key;
      key.ordinals = field.storage.values;
      break;
    case FieldType::kGeopoint:
      return NotSupported(item.text, "sorting by distance is");
    case FieldType::kObject:
    case FieldType::kAuto:
      break;
  }
  return key.column == cache::ColumnNumber{} ? Result<void>(UnknownField(item.name))
                                             : Result<void>();
}

Result<SortKey> ParseItem(std::string_view text, const Schema& schema) {
  static constexpr std::string_view kLater[] = {"_eval", "_rand", "_group_found",
                                                "_vector_distance", "_vector_query"};
  for (const std::string_view name : kLater) {
    if (text.starts_with(name)) {
      return NotSupported(text, "this way of sorting is");
    }
  }
  const auto item = TakeApart(text, schema);
  if (!item) {
    return item.error();
  }
  if (item->name == kTextMatchName) {
    return ParseTextMatch(*item);
  }
  const Field* field = schema.Find(item->name);
  if (field == nullptr) {
    return UnknownField(item->name);
  }
  SortKey key;
  key.is_descending = item->is_descending;
  key.field = item->name;
  if (auto set = SetColumns(*item, *field, key); !set) {
    return std::move(set).error();
  }
  if (item->has_options) {
    const auto option = OnlyOption(item->options);
    if (!option || option->name != "missing_values") {
      return NotSupported(text, "options other than `missing_values` are");
    }
    if (option->value == "first") {
      key.missing = SortKey::Missing::kFirst;
    } else if (option->value == "last") {
      key.missing = SortKey::Missing::kLast;
    } else if (option->value != "normal") {
      return Malformed(text, "`missing_values` is neither `first` nor `last` nor `normal`");
    }
  }
  return key;
}

}  // namespace

Result<SortOrder> SortOrder::Parse(std::string_view sort_by, const Schema& schema,
                                   bool has_text_query) {
  if (sort_by.size() > kSortBytesMax) {
    return Error(ErrorCode::kTooLarge,
                 "Parameter `sort_by` has more than " + std::to_string(kSortBytesMax) + " bytes.");
  }
  SortOrder order;
  std::vector<std::string_view> items;
  std::string by_default;
  if (!Trim(sort_by).empty()) {
    items = SplitList(sort_by);
  } else {
    if (has_text_query) {
      order.keys_.push_back(TextMatchKey(true));
    }
    if (schema.Find(schema.default_sorting_field) != nullptr) {
      by_default = schema.default_sorting_field + ":desc";
      items.push_back(by_default);
    }
  }
  if (items.size() > kSortKeysMax) {
    return Error(ErrorCode::kUnprocessable, "Only upto 3 sort_by fields can be specified.");
  }
  for (const std::string_view item : items) {
    auto key = ParseItem(item, schema);
    if (!key) {
      return std::move(key).error();
    }
    order.keys_.push_back(*std::move(key));
  }
  if (!has_text_query) {
    // Nothing was matched, so everything matched equally well.
    std::erase_if(order.keys_,
                  [](const SortKey& key) { return key.kind == SortKey::Kind::kTextMatch; });
  } else if (order.keys_.size() < kSortKeysMax && !order.UsesTextScores()) {
    order.keys_.push_back(TextMatchKey(true));
  }
  return order;
}

bool SortOrder::UsesTextScores() const noexcept {
  return std::any_of(keys_.begin(), keys_.end(),
                     [](const SortKey& key) { return key.kind == SortKey::Kind::kTextMatch; });
}

Result<std::vector<DocumentNumber>> SortOrder::Top(SearchContext& context, const DocumentSet& found,
                                                   const TextScores* scores,
                                                   std::size_t count) const {
  return SelectTop(context, keys_, found, scores, count);
}

}  // namespace cacheindex::index
