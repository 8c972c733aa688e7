#include "index/facet/facet_parser.h"

#include <algorithm>
#include <cstdint>
#include <limits>
#include <string_view>
#include <utility>

#include "index/expressions/filter_text.h"
#include "index/facet/facet_query.h"
#include "index/filter/filter_values.h"

namespace cacheindex::index {
namespace {

Error Malformed(std::string_view item, std::string_view what) {
  return {ErrorCode::kInvalidArgument,
          "Parameter `facet_by` is malformed: in " + Excerpt(item) + " " + std::string(what) + "."};
}

Error UnknownField(std::string_view name) {
  return {ErrorCode::kNotFound,
          "Could not find a facet field named " + Excerpt(name) + " in the schema."};
}

bool IsNumber(FieldType type) {
  return type == FieldType::kInt32 || type == FieldType::kInt64 || type == FieldType::kFloat;
}

bool IsCountable(const Field& field) {
  return field.definition.facet && !field.definition.is_pattern && field.definition.index &&
         field.definition.type != FieldType::kObject &&
         field.definition.type != FieldType::kGeopoint &&
         field.definition.type != FieldType::kGeopolygon;
}

// What facets are read with.
struct Names {
  const VisibleFields& visible;
  /// Unknown ones are mistakes; else they are left out.
  bool are_checked = true;
};

// The expression in the parentheses after a facet's name, for one field.
class OptionParser {
 public:
  OptionParser(std::string_view item, const Names& names, FacetField& field)
      : item_(item), names_(names), field_(&field) {}

  Result<void> Parse(std::string_view options) {
    for (const std::string_view option : SplitList(options)) {
      const std::size_t colon = option.find(':');
      if (colon == std::string_view::npos) {
        return Malformed(item_, "every option needs a `:`");
      }
      const std::string_view name = Trim(option.substr(0, colon));
      const std::string_view value = Trim(option.substr(colon + 1));
      auto parsed = value.starts_with('[') ? ParseRange(name, value)
                    : name == "sort_by"
                        ? ParseOrder(value)
                        : Result<void>(Malformed(item_, Excerpt(name) + " is no known option"));
      if (!parsed) {
        return parsed;
      }
    }
    return {};
  }

 private:
  Result<void> ParseOrder(std::string_view text) {
    const std::size_t colon = text.rfind(':');
    const std::string_view direction =
        colon == std::string_view::npos ? "" : Trim(text.substr(colon + 1));
    if (direction != "asc" && direction != "desc") {
      return Malformed(item_, "`sort_by` needs `field:asc` or `field:desc`");
    }
    field_->order.is_descending = direction == "desc";
    const std::string_view name = Trim(text.substr(0, colon));
    if (name == "_alpha") {
      field_->order.kind = FacetOrder::Kind::kAlphabet;
      return {};
    }
    const Field* other = names_.visible.Find(name);
    if (other == nullptr && !names_.are_checked) {
      field_->order = {};
      return {};
    }
    if (other == nullptr || !other->definition.index ||
        (!IsNumber(other->definition.type) && other->definition.type != FieldType::kBool)) {
      return Error(ErrorCode::kNotFound, "Could not find a numeric field named " + Excerpt(name) +
                                             " in the schema for sorting facets.");
    }
    field_->order.kind = FacetOrder::Kind::kOtherField;
    field_->order.other_field = name;
    field_->order.other_type = other->definition.type;
    field_->order.other_column = other->storage.values;
    return {};
  }

  Result<void> ParseRange(std::string_view label, std::string_view text) {
    if (!IsNumber(field_->type)) {
      return Malformed(item_, "ranges need a numeric field");
    }
    if (field_->ranges.size() == kFacetRangesMax) {
      return Error(ErrorCode::kUnprocessable,
                   "A facet may have at most " + std::to_string(kFacetRangesMax) + " ranges.");
    }
    const auto bounds = SplitList(text.substr(1, text.size() - 2));
    if (label.empty() || !text.ends_with(']') || text.size() < 2 || bounds.size() != 2) {
      return Malformed(item_, "a range needs the form `label:[start,end]`");
    }
    FacetRange range{.label = std::string(label),
                     .values = {std::numeric_limits<std::int64_t>::min(),
                                std::numeric_limits<std::int64_t>::max()}};
    if (!bounds[0].empty()) {
      const auto low = ParseColumnNumber(field_->type, bounds[0]);
      if (!low) {
        return NotANumber(bounds[0]);
      }
      range.values.low = *low;
    }
    if (!bounds[1].empty()) {
      const auto end = ParseColumnNumber(field_->type, bounds[1]);
      if (!end) {
        return NotANumber(bounds[1]);
      }
      // The end is not part of the range. Column values are dense, also those of floats.
      if (*end <= range.values.low) {
        return Malformed(item_, "the range " + Excerpt(label) + " ends before it starts");
      }
      range.values.high = *end - 1;
    }
    field_->ranges.push_back(std::move(range));
    return {};
  }

  Error NotANumber(std::string_view text) const {
    return Malformed(item_, Excerpt(text) + " is not " + std::string(Article(field_->type)));
  }

  std::string_view item_;
  Names names_;
  FacetField* field_;
};

// One item of `facet_by`, taken apart: name(options).
struct Item {
  std::string_view text;
  std::string_view name;
  std::string_view options;
};

Result<Item> TakeApart(std::string_view text, const VisibleFields& visible) {
  Item item{.text = text, .name = text, .options = {}};
  if (text.empty()) {
    return Malformed(text, "a field name is missing");
  }
  // Names may hold parentheses ("width (mm)"), so the options begin where a known name ends.
  std::size_t open = text.find('(');
  for (std::size_t later = open; later != std::string_view::npos;
       later = text.find('(', later + 1)) {
    if (visible.Find(Trim(text.substr(0, later))) != nullptr) {
      open = later;
    }
  }
  if (open != std::string_view::npos && visible.Find(text) == nullptr) {
    if (!text.ends_with(')')) {
      return Malformed(text, "`(` is not closed");
    }
    item.name = Trim(text.substr(0, open));
    item.options = Trim(text.substr(open + 1, text.size() - open - 2));
    if (item.options.empty()) {
      return Malformed(text, "the parentheses are empty");
    }
  }
  return item;
}

Result<void> AddField(const Item& item, const Field& field, const Names& names,
                      std::vector<FacetField>& fields) {
  const std::string& name = field.definition.name;
  const bool is_known = std::any_of(fields.begin(), fields.end(),
                                    [&](const FacetField& known) { return known.name == name; });
  if (is_known) {
    return {};
  }
  if (fields.size() == kFacetFieldsMax) {
    return Error(ErrorCode::kUnprocessable, "Parameter `facet_by` names more than " +
                                                std::to_string(kFacetFieldsMax) + " fields.");
  }
  FacetField facet{.name = name,
                   .type = field.definition.type,
                   .column = field.storage.values,
                   .order = {},
                   .ranges = {},
                   .text_rules = &RulesOf(field.storage),
                   .query = {},
                   .query_typos_max = 0,
                   .returns_parent = false,
                   .is_of_wildcard = item.name.ends_with('*')};
  if (!item.options.empty()) {
    if (auto parsed = OptionParser(item.text, names, facet).Parse(item.options); !parsed) {
      return parsed;
    }
  }
  fields.push_back(std::move(facet));
  return {};
}

Result<void> AddItem(std::string_view text, const Names& names, std::vector<FacetField>& fields) {
  const auto item = TakeApart(text, names.visible);
  if (!item) {
    return item.error();
  }
  const auto unknown = [&] {
    return names.are_checked ? Result<void>(UnknownField(item->name)) : Result<void>();
  };
  if (!item->name.ends_with('*')) {
    const Field* field = names.visible.Find(item->name);
    if (field == nullptr) {
      return unknown();
    }
    return IsCountable(*field) ? AddField(*item, *field, names, fields)
                               : Result<void>(UnknownField(item->name));
  }
  // By name: fields are discovered in another order on another node.
  const std::string_view prefix = item->name.substr(0, item->name.size() - 1);
  bool found = false;
  for (const Field* field : names.visible.StartingWith(prefix)) {
    if (IsCountable(*field)) {
      found = true;
      if (auto added = AddField(*item, *field, names, fields); !added) {
        return added;
      }
    }
  }
  return found ? Result<void>() : unknown();
}

Result<void> SetQuery(const SearchRequest& request, const Names& names,
                      std::vector<FacetField>& fields) {
  const std::string_view query = request.facet_query;
  const std::size_t colon = query.find(':');
  if (colon == std::string_view::npos) {
    return Error(ErrorCode::kInvalidArgument,
                 "Parameter `facet_query` must have the form `field: text`.");
  }
  const std::string_view name = Trim(query.substr(0, colon));
  const auto field = std::find_if(fields.begin(), fields.end(),
                                  [&](const FacetField& known) { return known.name == name; });
  if (field == fields.end() && !names.are_checked && names.visible.Find(name) == nullptr) {
    return {};
  }
  if (field == fields.end()) {
    return Error(ErrorCode::kInvalidArgument, "Parameter `facet_query` refers to a facet field " +
                                                  Excerpt(name) +
                                                  " that is not part of `facet_by`.");
  }
  field->query_typos_max = request.facet_query_num_typos;
  field->query = ReadFacetQuery(query.substr(colon + 1), *field->text_rules);
  return {};
}

// Whether one of `patterns` names the field: as it is, or with `*` for any end.
bool ReturnsParent(const std::vector<std::string>& patterns, std::string_view name) {
  return std::any_of(patterns.begin(), patterns.end(), [&](std::string_view pattern) {
    return pattern.ends_with('*') ? name.starts_with(pattern.substr(0, pattern.size() - 1))
                                  : name == pattern;
  });
}

}  // namespace

Result<std::vector<FacetField>> ParseFacetFields(const SearchRequest& request,
                                                 const VisibleFields& visible) {
  if (request.facet_by.size() > kFacetBytesMax || request.facet_query.size() > kFacetBytesMax) {
    return Error(ErrorCode::kTooLarge, "Parameter `facet_by` or `facet_query` has more than " +
                                           std::to_string(kFacetBytesMax) + " bytes.");
  }
  const Names names{.visible = visible, .are_checked = request.validate_field_names};
  std::vector<FacetField> fields;
  if (!Trim(request.facet_by).empty()) {
    for (const std::string_view item : SplitList(request.facet_by)) {
      if (auto added = AddItem(item, names, fields); !added) {
        return std::move(added).error();
      }
    }
  }
  for (FacetField& field : fields) {
    field.returns_parent = field.name.find('.') != std::string::npos &&
                           ReturnsParent(request.facet_return_parent, field.name);
  }
  if (!Trim(request.facet_query).empty()) {
    if (auto set = SetQuery(request, names, fields); !set) {
      return std::move(set).error();
    }
  }
  return fields;
}

}  // namespace cacheindex::index
