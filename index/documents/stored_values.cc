#include "index/documents/stored_values.h"

#include <algorithm>
#include <utility>

#include "index/documents/document_preparation.h"
#include "index/schema/coercion.h"
#include "index/schema/field_values.h"
#include "index/schema/schema_definition.h"

namespace cacheindex::index {
namespace {

constexpr std::uint32_t kScanDocumentsMax = 1'000;
constexpr std::size_t kShownBytesMax = 60;

// Where a value lies that is only looked at.
constexpr cache::ColumnNumber kNowhere{1};

// Ends the name of a member that is, or ends with, the last part of a field's name.
std::string SignOf(const std::string& name) {
  const std::size_t dot = name.rfind('.');
  const std::string last = DumpJson(Json(dot == std::string::npos ? name : name.substr(dot + 1)));
  return last.substr(1) + ':';
}

bool IsOfType(FieldType type, const Json& value) {
  Json copy = value;
  return FitScalar(type, /*may_coerce=*/false, copy) != Fit::kMisfit;
}

Error InTheWay(const FieldDefinition& definition, std::string_view id, const std::string& what) {
  return {ErrorCode::kInvalidArgument,
          "Field `" + definition.name + "` would become " +
              TypeName(definition.type, definition.is_array) +
              ", but the stored document with id " + std::string(id) + " has " + what +
              " there. Change that document first, or declare the field as what holds both."};
}

std::string Shown(const Json& value) {
  std::string shown = DumpJson(value);
  return shown.size() > kShownBytesMax ? "a " + std::string(value.type_name()) : shown;
}

}  // namespace

StoredValues::StoredValues(const cache::View& view, const Schema& schema,
                           std::vector<FieldDefinition> fields, std::string_view own_id)
    : view_(&view), schema_(&schema), own_id_(own_id) {
  wanted_.enable_nested_fields = schema.enable_nested_fields;
  for (FieldDefinition& definition : fields) {
    signs_.push_back(SignOf(definition.name));
    wanted_.by_name.emplace(definition.name, wanted_.fields.size());
    wanted_.fields.push_back({.definition = std::move(definition), .storage = {}});
    wanted_.fields.back().storage.values = kNowhere;
  }
}

std::vector<FieldDefinition> StoredValues::fields() const {
  std::vector<FieldDefinition> definitions;
  for (const Field& field : wanted_.fields) {
    definitions.push_back(field.definition);
  }
  return definitions;
}

Result<std::optional<Obstacle>> StoredValues::Fit(std::span<const std::string> hints) {
  std::optional<Obstacle> obstacle;
  for (const std::string& id : hints) {
    if (auto looked = FitStored(id, obstacle); !looked) {
      return std::move(looked).error();
    }
    if (obstacle) {
      return obstacle;
    }
  }
  if (auto fitted = FitAll(obstacle); !fitted) {
    return std::move(fitted).error();
  }
  if (obstacle || !has_widened_) {
    return obstacle;
  }
  // What was seen before a field became wide enough must fit it as well.
  for (const DocumentNumber number : documents_) {
    const auto id = view_->FindId(schema_->collection, number);
    if (!id) {
      return id.error();
    }
    auto looked = *id ? FitStored(**id, obstacle) : Result<bool>(false);
    if (!looked) {
      return std::move(looked).error();
    }
    if (obstacle) {
      break;
    }
  }
  return obstacle;
}

Result<void> StoredValues::FitAll(std::optional<Obstacle>& obstacle) {
  std::optional<std::string> after;
  while (true) {
    auto batch = view_->Scan(schema_->collection, after, kScanDocumentsMax);
    if (!batch) {
      return std::move(batch).error();
    }
    if (batch->empty()) {
      return {};
    }
    for (const auto& [id, document] : *batch) {
      auto has_values = FitDocument(id, document.json, obstacle);
      if (!has_values) {
        return std::move(has_values).error();
      }
      if (obstacle) {
        return {};
      }
      if (*has_values) {
        documents_.push_back(document.header.number);
      }
    }
    after = std::move(batch->back().id);
  }
}

Result<bool> StoredValues::FitStored(std::string_view id, std::optional<Obstacle>& obstacle) {
  const auto stored = view_->Find(schema_->collection, id);
  if (!stored) {
    return stored.error();
  }
  return *stored ? FitDocument(id, (*stored)->json, obstacle) : Result<bool>(false);
}

bool StoredValues::MayHaveValues(std::string_view json) const {
  return std::any_of(signs_.begin(), signs_.end(), [json](const std::string& sign) {
    return json.find(sign) != std::string_view::npos;
  });
}

Result<bool> StoredValues::FitDocument(std::string_view id, std::string_view json,
                                       std::optional<Obstacle>& obstacle) {
  if (!MayHaveValues(json)) {
    return false;
  }
  const auto document = ParseJson(json);
  if (!document) {
    return Error(document.error()).WithContext("stored document " + std::string(id));
  }
  bool has_values = false;
  ForEachField(wanted_, *document, [&](const Field& field, std::span<const Json* const> values) {
    has_values = true;
    FieldDefinition& definition =
        wanted_.fields[static_cast<std::size_t>(&field - wanted_.fields.data())].definition;
    auto error = FitValues(definition, id, values);
    if (error && id != own_id_ && !obstacle) {
      obstacle =
          Obstacle{.field = definition.name, .id = std::string(id), .error = *std::move(error)};
    }
  });
  return has_values;
}

std::optional<Error> StoredValues::FitValues(FieldDefinition& definition, std::string_view id,
                                             std::span<const Json* const> values) {
  const bool is_too_wide = values.size() > 1 && !definition.is_array;
  if (values.size() > kFieldValuesMax || (is_too_wide && (!definition.is_open || id == own_id_))) {
    return InTheWay(definition, id, std::to_string(values.size()) + " values");
  }
  if (is_too_wide) {
    definition.is_array = true;
    definition.sort = false;
    has_widened_ = true;
  }
  for (const Json* value : values) {
    if (!IsOfType(definition.type, *value)) {
      if (id == own_id_ || !Widen(definition, *value)) {
        return InTheWay(definition, id, Shown(*value));
      }
      has_widened_ = true;
    }
    if (definition.type == FieldType::kString) {
      if (auto checked = CheckText(*schema_, definition, value->get_ref<const std::string&>());
          !checked) {
        return std::move(checked).error().WithContext("Stored document with id " + std::string(id));
      }
    }
  }
  return std::nullopt;
}

Result<bool> StoredFieldWriter::Write(const Schema& schema, std::size_t first,
                                      DocumentNumber number, const Json& document) {
  bool has_text = false;
  Result<void> written;
  const Field* const first_field = schema.fields.data() + first;
  ForEachField(schema, document, [&](const Field& field, std::span<const Json* const> values) {
    if (written && &field >= first_field) {
      written = fields_.Write(*transaction_, schema, field, number, values);
      has_text = has_text || IsText(field);
    }
  });
  return written ? Result<bool>(has_text) : std::move(written).error();
}

}  // namespace cacheindex::index
