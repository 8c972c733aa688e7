#include "index/schema/schema_definition.h"

#include <array>
#include <set>
#include <string>
#include <utility>

#include "index/schema/schema_properties.h"
#include "index/words/stemming_language.h"

namespace cacheindex::index {
namespace {

struct NamedType {
  std::string_view name;
  FieldType type;
  bool is_array;
};

constexpr std::array kTypes = {
    NamedType{"string", FieldType::kString, false},
    NamedType{"string[]", FieldType::kString, true},
    NamedType{"int32", FieldType::kInt32, false},
    NamedType{"int32[]", FieldType::kInt32, true},
    NamedType{"int64", FieldType::kInt64, false},
    NamedType{"int64[]", FieldType::kInt64, true},
    NamedType{"float", FieldType::kFloat, false},
    NamedType{"float[]", FieldType::kFloat, true},
    NamedType{"bool", FieldType::kBool, false},
    NamedType{"bool[]", FieldType::kBool, true},
    NamedType{"geopoint", FieldType::kGeopoint, false},
    NamedType{"geopoint[]", FieldType::kGeopoint, true},
    NamedType{"geopolygon", FieldType::kGeopolygon, false},
    NamedType{"object", FieldType::kObject, false},
    NamedType{"object[]", FieldType::kObject, true},
    NamedType{"auto", FieldType::kAuto, false},
    NamedType{"string*", FieldType::kStringAuto, false},
};

Error Invalid(std::string message) { return {ErrorCode::kInvalidArgument, std::move(message)}; }

bool IsNumeric(FieldType type) {
  return type == FieldType::kInt32 || type == FieldType::kInt64 || type == FieldType::kFloat;
}

Result<bool> ReadFlag(const Json& body, const std::string& field, const char* flag, bool fallback) {
  const auto found = body.find(flag);
  if (found == body.end() || found->is_null()) {
    return fallback;
  }
  if (!found->is_boolean()) {
    return Invalid("The `" + std::string(flag) + "` property of the field `" + field +
                   "` should be a boolean.");
  }
  return found->get<bool>();
}

Result<void> ReadType(const Json& body, FieldDefinition& definition) {
  const auto type = body.find("type");
  const std::string name = type != body.end() && type->is_string() ? type->get<std::string>() : "";
  for (const NamedType& known : kTypes) {
    if (known.name == name) {
      definition.type = known.type;
      definition.is_array = known.is_array;
      return {};
    }
  }
  return Invalid("Field `" + definition.name + "` has an invalid data type `" + name +
                 "`. Supported: string, int32, int64, float, bool, geopoint, object (each also "
                 "with []), geopolygon, auto, string*.");
}

Result<void> ReadFlags(const Json& body, FieldDefinition& definition) {
  const bool sorts_by_default =
      !definition.is_array && (IsNumeric(definition.type) || definition.type == FieldType::kBool ||
                               definition.type == FieldType::kGeopoint);
  struct Flag {
    const char* name;
    bool* target;
    bool fallback;
  };
  for (const Flag& flag :
       {Flag{"facet", &definition.facet, false}, Flag{"index", &definition.index, true},
        Flag{"optional", &definition.optional, definition.is_pattern},
        Flag{"sort", &definition.sort, sorts_by_default}, Flag{"store", &definition.store, true},
        Flag{"infix", &definition.infix, false}, Flag{"stem", &definition.stem, false}}) {
    auto value = ReadFlag(body, definition.name, flag.name, flag.fallback);
    if (!value) {
      return std::move(value).error();
    }
    *flag.target = *value;
  }
  definition.optional = definition.optional || definition.is_pattern;
  if (const auto locale = body.find("locale"); locale != body.end() && locale->is_string()) {
    definition.locale = locale->get<std::string>();
  }
  return {};
}

Result<void> CheckField(const FieldDefinition& definition, bool nested) {
  const std::string quoted = "Field `" + definition.name + "`";
  if (definition.stem && StemmingLanguage(definition.locale).empty()) {
    return Invalid(quoted + ": there is no stemmer for the locale `" + definition.locale +
                   "`; leave `stem` out.");
  }
  if (definition.type == FieldType::kObject && !nested) {
    return Invalid(
        "Type `object` or `object[]` can be used only when nested fields are enabled by setting "
        "`enable_nested_fields` to true.");
  }
  if (definition.type == FieldType::kGeopolygon && (definition.facet || definition.sort)) {
    return Invalid(quoted + " is a geopolygon, which can be neither a facet nor sorted on.");
  }
  if (definition.sort && (definition.is_array || definition.type == FieldType::kObject)) {
    return Invalid(quoted + " cannot be a sortable field: only single values can be sorted on.");
  }
  if (!definition.index && (definition.facet || definition.sort)) {
    if (definition.facet) {
      return Invalid(quoted + " cannot be a facet since it is marked as non-indexable.");
    }
  }
  return {};
}

Result<void> CheckDefaultSortingField(const Schema& schema) {
  const std::string& name = schema.default_sorting_field;
  if (name.empty()) {
    return {};
  }
  const Field* field = schema.Find(name);
  if (field == nullptr) {
    return Invalid("Default sorting field is defined as `" + name +
                   "` but is not found in the schema.");
  }
  if (!IsNumeric(field->definition.type) || field->definition.is_array) {
    return Invalid("Default sorting field `" + name + "` must be a single valued numerical field.");
  }
  if (field->definition.optional) {
    return Invalid("Default sorting field `" + name + "` cannot be an optional field.");
  }
  return {};
}

Result<void> ReadFields(const Json& body, Schema& schema) {
  const auto fields = body.find("fields");
  if (fields == body.end() || !fields->is_array()) {
    return Invalid("Parameter `fields` is required: an array of field objects.");
  }
  if (fields->size() > kFieldsMax) {
    return Invalid("A collection can have at most " + std::to_string(kFieldsMax) + " fields.");
  }
  std::set<std::string> names;
  for (const Json& element : *fields) {
    if (auto checked = CheckFieldProperties(element); !checked) {
      return checked;
    }
    auto definition = ParseFieldDefinition(element, schema.enable_nested_fields);
    if (!definition) {
      return std::move(definition).error();
    }
    if (definition->name == "id") {
      continue;  // Every document has one; declaring it changes nothing.
    }
    if (!names.insert(definition->name).second) {
      return Invalid("There are duplicate field names in the schema: `" + definition->name + "`.");
    }
    if (auto appended = schema.Append({.definition = std::move(*definition), .storage = {}});
        !appended) {
      return appended;
    }
  }
  return {};
}

}  // namespace

std::string TypeName(FieldType type, bool is_array) {
  for (const NamedType& known : kTypes) {
    if (known.type == type && known.is_array == is_array) {
      return std::string(known.name);
    }
  }
  return "auto";
}

Result<FieldDefinition> ParseFieldDefinition(const Json& body, bool nested) {
  const auto name = body.is_object() ? body.find("name") : body.end();
  if (!body.is_object() || name == body.end() || !name->is_string() ||
      name->get_ref<const std::string&>().empty()) {
    return Invalid("Every element of `fields` must be an object with a non-empty `name`.");
  }
  FieldDefinition definition;
  definition.name = name->get<std::string>();
  if (definition.name.size() > kFieldNameBytesMax) {
    return Invalid("Field names can have at most " + std::to_string(kFieldNameBytesMax) +
                   " bytes.");
  }
  if (auto read = ReadType(body, definition); !read) {
    return std::move(read).error();
  }
  if (const auto match = body.find("match"); match != body.end()) {
    definition.is_prefix = *match == "prefix" && definition.name.ends_with('*');
    if (!definition.is_prefix) {
      return Invalid("Property `match` of field `" + definition.name +
                     "` can only be `prefix`, of a name that ends with a star.");
    }
  }
  // A plain name whose type is open is a pattern that only this name matches.
  definition.is_pattern = IsNamePattern(definition.name) || definition.type == FieldType::kAuto ||
                          definition.type == FieldType::kStringAuto;
  if (auto read = ReadFlags(body, definition); !read) {
    return std::move(read).error();
  }
  if (auto checked = CheckField(definition, nested); !checked) {
    return std::move(checked).error();
  }
  definition.extra = KeptFieldProperties(body);
  return definition;
}

Result<Schema> ParseSchema(const Json& body) {
  Schema schema;
  if (!body.is_object()) {
    return Invalid("Bad JSON.");
  }
  const auto name = body.find("name");
  if (name == body.end() || !name->is_string() || name->get_ref<const std::string&>().empty()) {
    return Invalid("Parameter `name` is required: a non-empty string.");
  }
  schema.name = name->get<std::string>();
  if (schema.name.size() > cache::kCollectionNameBytesMax) {
    return Invalid("Collection names can have at most " +
                   std::to_string(cache::kCollectionNameBytesMax) + " bytes.");
  }
  if (auto checked = CheckCollectionProperties(body); !checked) {
    return std::move(checked).error();
  }
  auto nested = ReadFlag(body, "(collection)", "enable_nested_fields", false);
  if (!nested) {
    return std::move(nested).error();
  }
  schema.enable_nested_fields = *nested;
  if (const auto field = body.find("default_sorting_field"); field != body.end()) {
    if (!field->is_string()) {
      return Invalid("`default_sorting_field` should be a string.");
    }
    schema.default_sorting_field = field->get<std::string>();
  }
  schema.extra = KeptCollectionProperties(body);
  if (auto read = ReadFields(body, schema); !read) {
    return std::move(read).error();
  }
  if (auto checked = CheckDefaultSortingField(schema); !checked) {
    return std::move(checked).error();
  }
  return schema;
}

Json DescribeField(const FieldDefinition& definition) {
  Json description = definition.extra;
  description["name"] = definition.name;
  description["type"] = TypeName(definition.type, definition.is_array);
  description["facet"] = definition.facet;
  description["index"] = definition.index;
  description["infix"] = definition.infix;
  description["locale"] = definition.locale;
  description["optional"] = definition.optional;
  description["sort"] = definition.sort;
  description["stem"] = definition.stem;
  description["store"] = definition.store;
  if (definition.is_prefix) {
    description["match"] = "prefix";
  }
  description.emplace("stem_dictionary", "");
  description.emplace("truncate_len", 100);
  return description;
}

Json DescribeCollection(const Schema& schema, const cache::Collection& collection) {
  Json description = schema.extra;
  for (const char* list :
       {"curation_sets", "symbols_to_index", "synonym_sets", "token_separators"}) {
    description.emplace(list, Json::array());
  }
  description["name"] = collection.name;
  description["created_at"] = schema.created_at;
  description["default_sorting_field"] = schema.default_sorting_field;
  description["enable_nested_fields"] = schema.enable_nested_fields;
  description["num_documents"] = collection.documents;
  Json fields = Json::array();
  for (const Field& field : schema.fields) {
    fields.push_back(DescribeField(field.definition));
  }
  description["fields"] = std::move(fields);
  return description;
}

}  // namespace cacheindex::index
