#include "index/schema/field_values.h"

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "index/documents/column_value.h"

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
    if (field != nullptr && field->definition.type != FieldType::kObject) {
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
    const bool is_point = field.definition.type == FieldType::kGeopoint && value.is_array() &&
                          !value.empty() && value.front().is_number();
    if (value.is_array() && !is_point) {
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

// Leaves out members for which `is_left_out`(name, value) is true.
template <class IsLeftOut>
void VisitFields(const Schema& schema, const Json& document, const IsLeftOut& is_left_out,
                 const Visit& visit) {
  std::map<const Field*, Values> found;
  Walk walk(schema, found);
  std::string path;
  for (const auto& [key, value] : document.items()) {
    if (key != "id" && !is_left_out(key, value)) {
      path = key;
      walk.Visit(path, value);
    }
  }
  for (const auto& [field, values] : found) {
    visit(*field, values);
  }
}

}  // namespace

void ForEachField(const Schema& schema, const Json& document, const Visit& visit) {
  VisitFields(
      schema, document, [](const std::string&, const Json&) { return false; }, visit);
}

void ForEachDifferentField(const Schema& schema, const Json& document, const Json& other,
                           const Visit& visit) {
  VisitFields(
      schema, document,
      [&](const std::string& name, const Json& value) {
        const auto same = other.find(name);
        return same != other.end() && *same == value;
      },
      visit);
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

}  // namespace cacheindex::index
