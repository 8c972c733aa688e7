#include "replication/collection_declaration.h"

#include <array>
#include <string_view>
#include <utility>

#include "replication/expression_syntax.h"

namespace cacheindex::replication {
namespace {

/// Fields of one declaration, at most.
constexpr std::size_t kFieldsMax = 1'000;
constexpr std::size_t kReferencesMax = 1'000;

Error Wrong(const std::string& key, std::string_view cause) {
  return Error(ErrorCode::kInvalidArgument, key + " " + std::string(cause));
}

// Returns the text under `key`, empty when there is none.
Result<std::string> TakeText(Json& table, const char* key, const std::string& name) {
  const auto found = table.find(key);
  if (found == table.end()) {
    return std::string();
  }
  if (!found->is_string()) {
    return Wrong(name, "must be a string");
  }
  std::string text = found->get<std::string>();
  table.erase(found);
  return text;
}

Result<void> CheckSyntax(const std::string& text, const std::string& key) {
  const auto syntax = ParseExpression(text);
  return syntax ? Result<void>() : Error(syntax.error()).WithContext(key + " = \"" + text + "\"");
}

Result<FieldDeclaration> ParseField(Json table, const std::string& key) {
  if (!table.is_object()) {
    return Wrong(key, "must be a table");
  }
  FieldDeclaration field;
  auto name = TakeText(table, "name", key + ".name");
  if (!name) {
    return std::move(name).error();
  }
  auto from = TakeText(table, "from", key + ".from");
  if (!from) {
    return std::move(from).error();
  }
  field.name = *std::move(name);
  if (field.name.empty()) {
    return Wrong(key + ".name", "is missing");
  }
  if (field.name == "id") {
    return Wrong(key + ".name", "is \"id\", which is the key of the root row");
  }
  if (const auto star = field.name.find('*');
      star != std::string::npos && star + 1 != field.name.size()) {
    return Wrong(key + ".name", "\"" + field.name + "\" has a star that is not at its end");
  }
  field.from = from->empty() ? field.name : *std::move(from);
  if (auto checked = CheckSyntax(field.from, "field \"" + field.name + "\""); !checked) {
    return std::move(checked).error();
  }
  if (const auto found = table.find("default"); found != table.end()) {
    field.default_value = std::move(*found);
    table.erase(found);
  }
  field.schema = std::move(table);
  return field;
}

// Two fields that write the same place would hide each other.
Result<void> CheckOverlaps(const std::vector<FieldDeclaration>& fields) {
  const auto stem = [](const FieldDeclaration& field) {
    return std::string_view(field.name).substr(0, field.name.size() - field.name.ends_with('*'));
  };
  for (const FieldDeclaration& one : fields) {
    for (const FieldDeclaration& other : fields) {
      const bool are_both_stars = one.name.ends_with('*') && other.name.ends_with('*');
      const bool is_same = &one != &other && one.name == other.name;
      // A name beside a star wins over what the star spreads.
      const bool is_inside =
          &one != &other && !one.name.ends_with('*') && stem(other).starts_with(one.name + '.');
      const bool is_spread_twice =
          &one != &other && are_both_stars && stem(other).starts_with(stem(one));
      if (is_same || is_inside || is_spread_twice) {
        return Wrong("field \"" + other.name + "\"",
                     is_same ? "is declared twice"
                             : "overlaps with field \"" + one.name + "\": declare one of them");
      }
    }
  }
  return {};
}

}  // namespace

Result<CollectionDeclaration> ParseCollectionDeclaration(const Json& table) {
  if (!table.is_object()) {
    return Wrong("collection", "must be a table");
  }
  Json rest = table;
  CollectionDeclaration declaration;
  struct Text {
    const char* key;
    std::string* value;
  };
  for (const Text& text : std::array<Text, 4>{{{"name", &declaration.name},
                                               {"id", &declaration.id},
                                               {"root", &declaration.root},
                                               {"filter", &declaration.filter}}}) {
    auto taken = TakeText(rest, text.key, text.key);
    if (!taken) {
      return std::move(taken).error();
    }
    *text.value = *std::move(taken);
  }
  if (declaration.name.empty()) {
    return Wrong("name", "is missing");
  }
  const auto in_collection = [&](Error error) {
    return std::move(error).WithContext("collection \"" + declaration.name + "\"");
  };
  if (declaration.root.empty()) {
    return in_collection(Wrong("root", "is missing"));
  }
  if (!declaration.filter.empty()) {
    if (auto checked = CheckSyntax(declaration.filter, "filter"); !checked) {
      return in_collection(std::move(checked).error());
    }
  }
  const Json fields = rest.value("fields", Json());
  const Json references = rest.value("references", Json::array());
  rest.erase("fields");
  rest.erase("references");
  if (!fields.is_array() || fields.empty() || fields.size() > kFieldsMax) {
    return in_collection(Wrong("fields", "must be 1 to " + std::to_string(kFieldsMax) + " tables"));
  }
  if (!references.is_array() || references.size() > kReferencesMax) {
    return in_collection(
        Wrong("references", "must be at most " + std::to_string(kReferencesMax) + " strings"));
  }
  for (std::size_t i = 0; i < fields.size(); ++i) {
    auto field = ParseField(fields[i], "fields[" + std::to_string(i) + "]");
    if (!field) {
      return in_collection(std::move(field).error());
    }
    declaration.fields.push_back(*std::move(field));
  }
  if (auto checked = CheckOverlaps(declaration.fields); !checked) {
    return in_collection(std::move(checked).error());
  }
  for (std::size_t i = 0; i < references.size(); ++i) {
    const std::string key = "references[" + std::to_string(i) + "]";
    if (!references[i].is_string()) {
      return in_collection(Wrong(key, "must be a string like \"sku.product_id -> product.id\""));
    }
    auto reference = ParseReference(references[i].get_ref<const std::string&>());
    if (!reference) {
      return in_collection(Wrong(key, reference.error().message()));
    }
    declaration.references.push_back(*std::move(reference));
  }
  declaration.schema = std::move(rest);
  return declaration;
}

}  // namespace cacheindex::replication
