#include "index/schema/field_values.h"

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "index/documents/column_value.h"
#include "index/filter/geo_area.h"

namespace cacheindex::index {
namespace {

using Values = std::vector<const Json*>;

class Walk {
 public:
  Walk(const Schema& schema, std::map<const Field*, Values>& found)
      : schema_(&schema), found_(&found) {}

  void Visit(std::string& path, const Json& value) {
    if (value.is_null()) {
      return;
    }
    const Field* field = schema_->Find(path);
    const bool is_field = field != nullptr && field->definition.type != FieldType::kObject;
    // Objects that were written before a field of this name was discovered may stand there.
    if (is_field && !HoldsObjects(value)) {
      if (field->storage.values != cache::ColumnNumber{} ||
          field->storage.words != cache::ColumnNumber{}) {
        Take(*field, value);
      }
      return;
    }
    if (schema_->enable_nested_fields) {
      Descend(path, value);
    }
  }

 private:
  void Descend(std::string& path, const Json& value) {
    if (value.is_array()) {
      for (const Json& element : value) {
        Descend(path, element);
      }
    } else if (value.is_object()) {
      const std::size_t length = path.size();
      for (const auto& [key, child] : value.items()) {
        path += '.';
        path += key;
        Visit(path, child);
        path.resize(length);
      }
    }
  }

  void Take(const Field& field, const Json& value) {
    if (value.is_array() && !IsListOfNumbers(field.definition.type, value)) {
      for (const Json& element : value) {
        if (!element.is_null()) {
          (*found_)[&field].push_back(&element);
        }
      }
    } else {
      (*found_)[&field].push_back(&value);
    }
  }

  const Schema* schema_;
  std::map<const Field*, Values>* found_;
};

using Visit = std::function<void(const Field& field, std::span<const Json* const> values)>;

// What the fields have in some members of a document.
class Found {
 public:
  explicit Found(const Schema& schema) : walk_(schema, values_) {}

  void Add(std::string_view name, const Json& value) {
    if (name != "id") {
      path_ = name;
      walk_.Visit(path_, value);
    }
  }
  void Show(const Visit& visit) const {
    for (const auto& [field, values] : values_) {
      visit(*field, values);
    }
  }

 private:
  std::map<const Field*, Values> values_;
  Walk walk_;
  std::string path_;
};

}  // namespace

bool IsListOfNumbers(FieldType type, const Json& value) {
  return (type == FieldType::kGeopoint || type == FieldType::kGeopolygon) && value.is_array() &&
         !value.empty() && value.front().is_number();
}

bool HoldsObjects(const Json& value) {
  return value.is_object() || (value.is_array() && !value.empty() && value.front().is_object());
}

void ForEachField(const Schema& schema, const Json& document, const Visit& visit) {
  Found found(schema);
  for (const auto& [name, value] : document.items()) {
    found.Add(name, value);
  }
  found.Show(visit);
}

void ForEachFieldOf(const Schema& schema, const Json& document,
                    std::span<const std::string_view> names, const Visit& visit) {
  Found found(schema);
  for (const std::string_view name : names) {
    if (const auto member = document.find(name); member != document.end()) {
      found.Add(name, *member);
    }
  }
  found.Show(visit);
}

std::optional<std::int64_t> EncodeNumber(FieldType type, const Json& value) {
  if (type == FieldType::kBool) {
    return value.is_boolean() ? std::optional<std::int64_t>(value.get<bool>() ? 1 : 0)
                              : std::nullopt;
  }
  if (type == FieldType::kGeopoint) {
    const bool is_point =
        value.is_array() && value.size() == 2 && value[0].is_number() && value[1].is_number();
    return is_point ? std::optional(EncodeGeopoint(value[0].get<double>(), value[1].get<double>()))
                    : std::nullopt;
  }
  if (!value.is_number()) {
    return std::nullopt;
  }
  return type == FieldType::kFloat ? EncodeFloat(value.get<double>()) : value.get<std::int64_t>();
}

void AppendEncoded(FieldType type, const Json& value, std::vector<std::int64_t>& encoded) {
  if (type == FieldType::kGeopolygon) {
    EncodeArea(value, encoded);
  } else if (const auto number = EncodeNumber(type, value)) {
    encoded.push_back(*number);
  }
}

}  // namespace cacheindex::index
