#pragma once

#include <algorithm>
#include <string>

#include "node/core/json.h"

namespace cacheindex::test {

/// The part of JSON Schema that the description of the interface uses, and one rule more: an object
/// whose members are described has no others, unless its schema says so.
///
/// Lifetime: the description must outlive it.
class SchemaValidator {
 public:
  explicit SchemaValidator(const Json& description)
      : schemas_(description["components"]["schemas"]) {}

  /// Returns what is wrong, nothing when the value fits.
  std::string Check(const Json& schema, const Json& value, const std::string& where) const {
    if (schema.value("nullable", false) && value.is_null()) {
      return {};
    }
    if (schema.contains("$ref")) {
      const auto name = schema["$ref"].get<std::string>();
      return Check(schemas_.at(name.substr(name.rfind('/') + 1)), value, where);
    }
    if (schema.contains("oneOf")) {
      return CheckChoices(schema["oneOf"], value, where);
    }
    if (!HasType(schema.value("type", ""), value)) {
      return where + " is no " + schema.value("type", "");
    }
    if (schema.contains("enum") &&
        std::find(schema["enum"].begin(), schema["enum"].end(), value) == schema["enum"].end()) {
      return where + " is none of " + schema["enum"].dump();
    }
    return value.is_array() ? CheckArray(schema, value, where) : CheckObject(schema, value, where);
  }

  std::string CheckNamed(const std::string& name, const Json& value) const {
    return Check(schemas_.at(name), value, name);
  }

 private:
  static bool HasType(const std::string& type, const Json& value) {
    return type.empty() || (type == "object" && value.is_object()) ||
           (type == "array" && value.is_array()) || (type == "string" && value.is_string()) ||
           (type == "boolean" && value.is_boolean()) || (type == "number" && value.is_number()) ||
           (type == "integer" && value.is_number_integer());
  }

  std::string CheckChoices(const Json& choices, const Json& value, const std::string& where) const {
    std::string findings;
    int fitting = 0;
    for (const Json& choice : choices) {
      const std::string finding = Check(choice, value, where);
      fitting += finding.empty() ? 1 : 0;
      findings += finding.empty() ? "" : finding + "; ";
    }
    if (fitting > 1) {
      return where + " fits more than one of its schemas";
    }
    return fitting == 1 ? std::string() : findings;
  }

  std::string CheckArray(const Json& schema, const Json& value, const std::string& where) const {
    for (std::size_t i = 0; i < value.size() && schema.contains("items"); ++i) {
      std::string finding = Check(schema["items"], value[i], where + "[" + std::to_string(i) + "]");
      if (!finding.empty()) {
        return finding;
      }
    }
    return {};
  }

  std::string CheckObject(const Json& schema, const Json& value, const std::string& where) const {
    if (!value.is_object()) {
      return {};
    }
    for (const Json& name : schema.value("required", Json::array())) {
      if (!value.contains(name.get<std::string>())) {
        return where + " has no " + name.dump();
      }
    }
    const Json properties = schema.value("properties", Json::object());
    const Json others = schema.value("additionalProperties", Json(false));
    for (const auto& [name, member] : value.items()) {
      if (!properties.contains(name) && others == Json(false)) {
        return where + " has an undescribed `" + name + "`";
      }
      const Json& member_schema = properties.contains(name) ? properties[name] : others;
      std::string finding =
          member_schema.is_object() ? Check(member_schema, member, where + "." + name) : "";
      if (!finding.empty()) {
        return finding;
      }
    }
    return {};
  }

  const Json& schemas_;
};

}  // namespace cacheindex::test
