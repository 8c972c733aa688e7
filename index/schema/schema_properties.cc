#include "index/schema/schema_properties.h"

#include <algorithm>
#include <array>
#include <span>
#include <string>
#include <string_view>

namespace cacheindex::index {
namespace {

enum class Treatment {
  /// Read by schema_definition.cc.
  kRead,
  /// Kept as it was said.
  kKept,
  /// What other servers answer and nobody asks for.
  kPassedOver,
  /// Its silence would be a wrong answer.
  kRefused,
};

enum class Kind { kAny, kFlag, kText, kCount, kObject, kTexts };

struct Property {
  std::string_view name;
  Treatment treatment = Treatment::kRead;
  Kind kind = Kind::kAny;
};

constexpr std::array kFieldProperties = {
    Property{"name", Treatment::kRead},
    Property{"type", Treatment::kRead},
    Property{"facet", Treatment::kRead},
    Property{"index", Treatment::kRead},
    Property{"optional", Treatment::kRead},
    Property{"sort", Treatment::kRead},
    Property{"store", Treatment::kRead},
    Property{"infix", Treatment::kRead},
    Property{"stem", Treatment::kRead},
    Property{"locale", Treatment::kRead, Kind::kText},
    Property{"drop", Treatment::kRead},
    Property{"match", Treatment::kRead},
    Property{"stem_dictionary", Treatment::kKept, Kind::kText},
    Property{"symbols_to_index", Treatment::kKept, Kind::kTexts},
    Property{"token_separators", Treatment::kKept, Kind::kTexts},
    // How the peer indexes, not what it finds: our columns serve ranges and whole values anyway.
    Property{"range_index", Treatment::kKept, Kind::kFlag},
    Property{"truncate_len", Treatment::kKept, Kind::kCount},
    Property{"nested", Treatment::kPassedOver},
    Property{"nested_array", Treatment::kPassedOver},
    Property{"reference", Treatment::kRefused},
    Property{"async_reference", Treatment::kRefused},
    Property{"cascade_delete", Treatment::kRefused},
    Property{"embed", Treatment::kRefused},
    Property{"num_dim", Treatment::kRefused},
    Property{"vec_dist", Treatment::kRefused},
    Property{"hnsw_params", Treatment::kRefused},
};

constexpr std::array kCollectionProperties = {
    Property{"name", Treatment::kRead},
    Property{"fields", Treatment::kRead},
    Property{"default_sorting_field", Treatment::kRead},
    Property{"enable_nested_fields", Treatment::kRead},
    Property{"symbols_to_index", Treatment::kKept, Kind::kTexts},
    Property{"token_separators", Treatment::kKept, Kind::kTexts},
    Property{"synonym_sets", Treatment::kKept, Kind::kTexts},
    Property{"curation_sets", Treatment::kKept, Kind::kTexts},
    Property{"metadata", Treatment::kKept, Kind::kObject},
    Property{"created_at", Treatment::kPassedOver},
    Property{"num_documents", Treatment::kPassedOver},
    Property{"num_memory_shards", Treatment::kPassedOver},
    Property{"voice_query_model", Treatment::kRefused},
};

constexpr std::array kChangeProperties = {
    Property{"fields", Treatment::kRead},
    Property{"synonym_sets", Treatment::kKept, Kind::kTexts},
    Property{"curation_sets", Treatment::kKept, Kind::kTexts},
    Property{"metadata", Treatment::kKept, Kind::kObject},
    Property{"voice_query_model", Treatment::kRefused},
};

bool IsUnset(const Json& value) {
  return value.is_null() || value == false || value == 0 || value == "" ||
         (value.is_structured() && value.empty());
}

// Returns what `value` should have been, nothing when it is that.
std::string_view Mistake(Kind kind, const Json& value) {
  if (value.is_null()) {
    return {};
  }
  switch (kind) {
    case Kind::kAny:
      break;
    case Kind::kFlag:
      return value.is_boolean() ? "" : "a boolean";
    case Kind::kText:
      return value.is_string() ? "" : "a string";
    case Kind::kCount:
      return value.is_number_integer() && value >= 0 ? "" : "an unsigned integer";
    case Kind::kObject:
      return value.is_object() ? "" : "an object";
    case Kind::kTexts: {
      const bool is_list =
          value.is_array() && std::all_of(value.begin(), value.end(),
                                          [](const Json& element) { return element.is_string(); });
      return is_list ? "" : "an array of strings";
    }
  }
  return {};
}

Result<void> Check(const Json& body, std::span<const Property> properties,
                   const std::string& owner) {
  for (const auto& [name, value] : body.items()) {
    const std::string where = owner + "the property `" + name + "` ";
    const auto property = std::ranges::find(properties, name, &Property::name);
    if (property == properties.end()) {
      return Error(ErrorCode::kInvalidArgument, where + "is unknown here.");
    }
    if (property->treatment == Treatment::kRefused && !IsUnset(value)) {
      return Error(ErrorCode::kInvalidArgument, where + "is not supported.");
    }
    if (const auto mistake = Mistake(property->kind, value); !mistake.empty()) {
      return Error(ErrorCode::kInvalidArgument, where + "should be " + std::string(mistake) + '.');
    }
  }
  return {};
}

Json Kept(const Json& body, std::span<const Property> properties) {
  Json kept = Json::object();
  for (const Property& property : properties) {
    const auto found = body.find(std::string(property.name));
    if (property.treatment == Treatment::kKept && found != body.end() && !found->is_null()) {
      kept[property.name] = *found;
    }
  }
  return kept;
}

}  // namespace

Result<void> CheckFieldProperties(const Json& field) {
  const auto name = field.is_object() ? field.find("name") : field.end();
  if (!field.is_object() || name == field.end() || !name->is_string()) {
    return {};  // Refused for that, where the name is read.
  }
  return Check(field, kFieldProperties, "Field `" + name->get<std::string>() + "`: ");
}

Result<void> CheckCollectionProperties(const Json& body) {
  return Check(body, kCollectionProperties, "Collection: ");
}

Result<void> CheckChangeProperties(const Json& body) {
  return Check(body, kChangeProperties, "Change of a collection: ");
}

Json KeptFieldProperties(const Json& field) { return Kept(field, kFieldProperties); }

Json KeptCollectionProperties(const Json& body) { return Kept(body, kCollectionProperties); }

}  // namespace cacheindex::index
