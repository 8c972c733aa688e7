#include "tests/node/oracle/model.h"

#include <algorithm>
#include <unordered_map>
#include <utility>

#include "index/words/readings.h"
#include "index/words/tokenizer.h"
#include "tests/node/oracle/places.h"

namespace cacheindex::test {
namespace {

std::optional<ValueKind> KindOf(const Json& value) {
  if (value.is_string()) {
    return ValueKind::kString;
  }
  if (value.is_boolean()) {
    return ValueKind::kBool;
  }
  if (value.is_number_integer()) {
    return ValueKind::kInteger64;
  }
  return value.is_number_float() ? std::optional(ValueKind::kFloat) : std::nullopt;
}

void Collect(const Json& value, std::string_view path, std::vector<Json>& values) {
  if (value.is_array()) {
    for (const Json& element : value) {
      Collect(element, path, values);
    }
  } else if (path.empty()) {
    if (!value.is_null()) {
      values.push_back(value);
    }
  } else if (value.is_object()) {
    const std::size_t dot = path.find('.');
    const auto member = value.find(std::string(path.substr(0, dot)));
    if (member != value.end()) {
      Collect(*member, dot == std::string_view::npos ? "" : path.substr(dot + 1), values);
    }
  }
}

}  // namespace

Model::Model(const Shape& shape)
    : fields_(shape.declared),
      required_(shape.required),
      patterns_(shape.patterns),
      objects_(shape.objects),
      default_sorting_field_(shape.default_sorting_field),
      is_nested_(shape.is_nested),
      orders_by_id_(shape.orders_by_id) {}

std::optional<ErrorCode> Model::Write(WriteAction action, const Json& document) {
  const auto id = document.at("id").get<std::string>();
  const auto existing = documents_.find(id);
  if (action == WriteAction::kCreate && existing != documents_.end()) {
    return ErrorCode::kConflict;
  }
  if (action == WriteAction::kUpdate && existing == documents_.end()) {
    return ErrorCode::kNotFound;
  }
  Json fields = document;
  const bool merges = action == WriteAction::kUpdate || action == WriteAction::kEmplace;
  if (merges && existing != documents_.end()) {
    fields = existing->second.fields;
    fields.merge_patch(document);
  }
  for (const std::string& name : required_) {
    if (!fields.contains(name) || fields[name].is_null()) {
      return ErrorCode::kInvalidArgument;
    }
  }
  std::map<std::string, ModelField> discovered;
  for (const auto& [name, value] : fields.items()) {
    if (name != "id") {
      Discover(name, value, /*inside_array=*/false, discovered);
    }
  }
  for (auto& [path, field] : discovered) {
    AddDiscovered(id, std::move(field));
  }
  ModelDocument& stored = documents_[id];
  if (stored.number == 0) {
    stored.number = ++last_number_;
  }
  stored.fields = std::move(fields);
  SetWords(stored);
  return std::nullopt;
}

// A field may have been dropped before, and documents have its values still.
void Model::AddDiscovered(const std::string& writer_id, ModelField field) {
  for (const auto& [id, document] : documents_) {
    for (const Json& value : ValuesAt(document.fields, field.name)) {
      if (id != writer_id && field.kind == ValueKind::kInteger64 && value.is_number_float()) {
        field.kind = ValueKind::kFloat;
      }
    }
  }
  std::erase_if(fields_, [&](const ModelField& known) { return known.name == field.name; });
  AddField(field);
}

bool Model::Delete(const std::string& id) { return documents_.erase(id) > 0; }

void Model::AddField(const ModelField& field) {
  fields_.push_back(field);
  for (auto& [id, document] : documents_) {
    SetWords(document);
  }
}

void Model::DropField(const std::string& name) {
  std::erase_if(fields_, [&](const ModelField& field) { return field.name == name; });
  std::erase(required_, name);
  for (auto& [id, document] : documents_) {
    SetWords(document);
  }
}

void Model::SetWords(ModelDocument& document) const {
  document.words.clear();
  for (const ModelField& field : fields_) {
    if (field.kind == ValueKind::kString) {
      for (const Json& text : ValuesAt(document.fields, field.name)) {
        for (const auto& reading : SearchedReadingsOf(text.get_ref<const std::string&>())) {
          document.words[field.name].push_back(&reading);
        }
      }
    }
  }
}

const ModelField* Model::Find(std::string_view name) const {
  const auto found = std::find_if(fields_.begin(), fields_.end(),
                                  [&](const ModelField& field) { return field.name == name; });
  return found == fields_.end() ? nullptr : &*found;
}

std::vector<std::string> Model::FieldsWithoutValues() const {
  std::vector<std::string> names;
  for (const ModelField& field : fields_) {
    const bool has_value = std::ranges::any_of(documents_, [&](const auto& document) {
      return !ValuesAt(document.second.fields, field.name).empty();
    });
    if (!has_value) {
      names.push_back(field.name);
    }
  }
  return names;
}

const DiscoveryRule* Model::FindRule(const std::string& path) const {
  for (const auto* rules : {&patterns_, &objects_}) {
    for (const DiscoveryRule& rule : *rules) {
      if (path.starts_with(rule.begin)) {
        return &rule;
      }
    }
  }
  return nullptr;
}

// A value makes its path a field when a rule covers it; the first value that tells a type decides.
void Model::Discover(const std::string& path, const Json& value, bool inside_array,
                     std::map<std::string, ModelField>& discovered) const {
  const bool is_place = path == kPlaceField || path == kPlacesField || path == kAreaField;
  const ModelField* const known = Find(path);
  if (known != nullptr && known->is_open && known->kind == ValueKind::kInteger64 &&
      value.is_number_float()) {
    discovered[path] = *known;
    discovered[path].kind = ValueKind::kFloat;
  }
  if (value.is_null() || is_place || known != nullptr || discovered.contains(path)) {
    return;
  }
  std::optional<ValueKind> kind = KindOf(value);
  if (value.is_array()) {
    for (const Json& element : value) {
      kind = kind ? kind : KindOf(element);
    }
  }
  const DiscoveryRule* rule = FindRule(path);
  if (rule != nullptr && kind) {
    const bool is_array = inside_array || value.is_array();
    kind = rule->kind ? rule->kind : kind;
    discovered[path] = {.name = path,
                        .kind = *kind,
                        .is_array = is_array,
                        .facet = rule->facet,
                        .sort = !is_array && (*kind != ValueKind::kString || rule->sort),
                        .is_open = !rule->kind};
    return;
  }
  if (!is_nested_) {
    return;
  }
  if (value.is_object()) {
    for (const auto& [name, member] : value.items()) {
      Discover(path + "." + name, member, inside_array, discovered);
    }
  } else if (value.is_array()) {
    for (const Json& element : value) {
      if (element.is_object()) {
        for (const auto& [name, member] : element.items()) {
          Discover(path + "." + name, member, /*inside_array=*/true, discovered);
        }
      }
    }
  }
}

std::vector<Json> ValuesAt(const Json& value, std::string_view path) {
  std::vector<Json> values;
  Collect(value, path, values);
  return values;
}

const std::vector<std::vector<std::string>>& SearchedReadingsOf(const std::string& text) {
  static thread_local std::unordered_map<std::string, std::vector<std::vector<std::string>>> known;
  const auto [entry, is_new] = known.try_emplace(text);
  if (is_new) {
    std::vector<index::Token> tokens;
    index::Tokenizer::OfThread().Tokenize(text, tokens);
    auto& words = entry->second.emplace_back();
    for (const index::Token& token : tokens) {
      words.push_back(token.word);
    }
    index::AddReadings(text, tokens, /*has_infix=*/false, entry->second);
  }
  return entry->second;
}

const std::vector<std::vector<std::string>>& ReadingsOf(const std::string& text) {
  static thread_local std::unordered_map<std::string, std::vector<std::vector<std::string>>> known;
  const auto [entry, is_new] = known.try_emplace(text);
  if (is_new) {
    std::vector<index::Token> tokens;
    std::vector<index::Token> joined;
    index::Tokenizer::OfThread().Tokenize(text, tokens);
    const bool has_hyphens = index::JoinHyphens(tokens, joined);
    for (auto* reading : {&tokens, has_hyphens ? &joined : nullptr}) {
      if (reading != nullptr) {
        auto& words = entry->second.emplace_back();
        for (index::Token& token : *reading) {
          words.push_back(std::move(token.word));
        }
      }
    }
  }
  return entry->second;
}

const std::vector<std::string>& WordsOf(const std::string& text) {
  return ReadingsOf(text).front();
}

}  // namespace cacheindex::test
