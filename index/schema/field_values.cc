#include "index/schema/field_values.h"

#include <cmath>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "index/encoding/column_value.h"
#include "index/geo/geo_area.h"
#include "node/core/long_number.h"

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
    // What one field has is no matter of what other fields there are: they come and go.
    const Field* field = schema_->Find(path);
    if (field != nullptr && (field->storage.values != cache::ColumnNumber{} ||
                             field->storage.words != cache::ColumnNumber{})) {
      Take(*field, value);
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
    if (!value.is_array() || IsListOfNumbers(field.definition.type, value)) {
      TakeOne(field, value);
      return;
    }
    for (const Json& element : value) {
      if (!element.is_array() || IsListOfNumbers(field.definition.type, element)) {
        TakeOne(field, element);
      }
    }
  }

  // Objects may stand where there is a field, before or after it came; their members are others'.
  void TakeOne(const Field& field, const Json& value) {
    if (!value.is_null() && !value.is_object()) {
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
         !value.empty() && IsNumber(value.front());
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
    if (!value.is_array() || value.size() != 2 || !IsNumber(value[0]) || !IsNumber(value[1])) {
      return std::nullopt;
    }
    const auto latitude = NearestDouble(value[0]);
    const auto longitude = NearestDouble(value[1]);
    const bool is_place =
        latitude && longitude && std::abs(*latitude) <= 90 && std::abs(*longitude) <= 180;
    return is_place ? std::optional(EncodeGeopoint(*latitude, *longitude)) : std::nullopt;
  }
  if (!IsNumber(value)) {
    return std::nullopt;
  }
  if (type != FieldType::kFloat) {
    return WholeNumber(value);
  }
  const auto number = NearestDouble(value);
  return number ? std::optional(EncodeFloat(*number)) : std::nullopt;
}

void AppendEncoded(FieldType type, const Json& value, std::vector<std::int64_t>& encoded) {
  if (type == FieldType::kGeopolygon) {
    EncodeArea(value, encoded);
  } else if (const auto number = EncodeNumber(type, value)) {
    encoded.push_back(*number);
  }
}

}  // namespace cacheindex::index
