#include "replication/declaration/collection_declaration.h"

#include <array>
#include <optional>
#include <string_view>
#include <utility>

#include "replication/declaration/expression_syntax.h"

namespace cacheindex::replication {
namespace {

/// Fields of one declaration, at most.
constexpr std::size_t kFieldsMax = 1'000;
constexpr std::size_t kReferencesMax = 1'000;

Error Wrong(const std::string& key, std::string_view cause) {
  return Error(ErrorCode::kInvalidArgument, key + " " + std::string(cause));
}

struct Text {
  const char* key;
  std::string* value;
};

// Takes the text out of `table`, where there is one; what is none stays there.
void TakeText(Json& table, const Text& text, const std::string& name,
              std::vector<Error>& mistakes) {
  const auto found = table.find(text.key);
  if (found == table.end()) {
    return;
  }
  if (!found->is_string()) {
    mistakes.push_back(Wrong(name, "must be a string"));
    return;
  }
  *text.value = found->get<std::string>();
  table.erase(found);
}

void CheckSyntax(const std::string& text, const std::string& key, std::vector<Error>& mistakes) {
  if (const auto syntax = ParseExpression(text); !syntax) {
    mistakes.push_back(Error(syntax.error()).WithContext(key + " = \"" + text + "\""));
  }
}

// Returns the field as far as it can be read, nullopt where it has no name.
std::optional<FieldDeclaration> ReadField(Json table, const std::string& key,
                                          std::vector<Error>& mistakes) {
  if (!table.is_object()) {
    mistakes.push_back(Wrong(key, "must be a table"));
    return std::nullopt;
  }
  FieldDeclaration field;
  for (const Text& text : std::array<Text, 2>{{{"name", &field.name}, {"from", &field.from}}}) {
    TakeText(table, text, key + "." + text.key, mistakes);
  }
  if (field.name.empty()) {
    if (!table.contains("name")) {
      mistakes.push_back(Wrong(key + ".name", "is missing"));
    }
    return std::nullopt;
  }
  if (field.name == "id") {
    mistakes.push_back(Wrong(key + ".name", "is \"id\", which is the key of the root row"));
  }
  if (const auto star = field.name.find('*');
      star != std::string::npos && star + 1 != field.name.size()) {
    mistakes.push_back(
        Wrong(key + ".name", "\"" + field.name + "\" has a star that is not at its end"));
  }
  if (field.from.empty() && !table.contains("from")) {
    field.from = field.name;
  }
  if (!field.from.empty()) {
    CheckSyntax(field.from, "field \"" + field.name + "\"", mistakes);
  }
  if (const auto found = table.find("default"); found != table.end()) {
    field.default_value = std::move(*found);
    table.erase(found);
  }
  field.schema = std::move(table);
  return field;
}

// Two fields that write the same place would hide each other. Adds what is wrong.
void CheckOverlaps(const std::vector<FieldDeclaration>& fields, std::vector<Error>& mistakes) {
  const auto stem = [](const FieldDeclaration& field) {
    return std::string_view(field.name).substr(0, field.name.size() - field.name.ends_with('*'));
  };
  for (std::size_t i = 0; i < fields.size(); ++i) {
    for (std::size_t j = 0; j < fields.size(); ++j) {
      const FieldDeclaration& one = fields[i];
      const FieldDeclaration& other = fields[j];
      const bool are_both_stars = one.name.ends_with('*') && other.name.ends_with('*');
      const bool is_same = i < j && one.name == other.name;
      const bool are_others = i != j && one.name != other.name;
      // A name beside a star wins over what the star spreads.
      const bool is_inside =
          are_others && !one.name.ends_with('*') && stem(other).starts_with(one.name + '.');
      const bool is_spread_twice =
          are_others && are_both_stars && stem(other).starts_with(stem(one));
      if (is_same || is_inside || is_spread_twice) {
        mistakes.push_back(
            Wrong("field \"" + other.name + "\"",
                  is_same ? "is declared twice"
                          : "overlaps with field \"" + one.name + "\": declare one of them"));
      }
    }
  }
}

void ReadFields(const Json& fields, CollectionDeclaration& declaration,
                std::vector<Error>& mistakes) {
  if (!fields.is_array() || fields.empty() || fields.size() > kFieldsMax) {
    mistakes.push_back(Wrong("fields", "must be 1 to " + std::to_string(kFieldsMax) + " tables"));
    return;
  }
  for (std::size_t i = 0; i < fields.size(); ++i) {
    if (auto field = ReadField(fields[i], "fields[" + std::to_string(i) + "]", mistakes)) {
      declaration.fields.push_back(*std::move(field));
    }
  }
  CheckOverlaps(declaration.fields, mistakes);
}

void ReadReferences(const Json& references, CollectionDeclaration& declaration,
                    std::vector<Error>& mistakes) {
  if (!references.is_array() || references.size() > kReferencesMax) {
    mistakes.push_back(
        Wrong("references", "must be at most " + std::to_string(kReferencesMax) + " strings"));
    return;
  }
  for (std::size_t i = 0; i < references.size(); ++i) {
    const std::string key = "references[" + std::to_string(i) + "]";
    if (!references[i].is_string()) {
      mistakes.push_back(Wrong(key, "must be a string like \"sku.product_id -> product.id\""));
      continue;
    }
    auto reference = ParseReference(references[i].get_ref<const std::string&>());
    if (reference) {
      declaration.references.push_back(*std::move(reference));
    } else {
      mistakes.push_back(Wrong(key, reference.error().message()));
    }
  }
}

}  // namespace

ReadDeclaration ReadCollectionDeclaration(const Json& table) {
  ReadDeclaration read;
  read.declaration.schema = Json::object();
  if (!table.is_object()) {
    read.mistakes.emplace_back("collection must be a table");
    return read;
  }
  Json rest = table;
  CollectionDeclaration& declaration = read.declaration;
  std::vector<Error> mistakes;
  for (const Text& text : std::array<Text, 4>{{{"name", &declaration.name},
                                               {"id", &declaration.id},
                                               {"root", &declaration.root},
                                               {"filter", &declaration.filter}}}) {
    TakeText(rest, text, text.key, mistakes);
  }
  for (const Text& required :
       std::array<Text, 2>{{{"name", &declaration.name}, {"root", &declaration.root}}}) {
    // What is there and no text has been told of.
    if (required.value->empty() && !rest.contains(required.key)) {
      mistakes.push_back(Wrong(required.key, "is missing"));
    }
  }
  if (!declaration.filter.empty()) {
    CheckSyntax(declaration.filter, "filter", mistakes);
  }
  ReadFields(rest.value("fields", Json()), declaration, mistakes);
  ReadReferences(rest.value("references", Json::array()), declaration, mistakes);
  for (const char* const key : {"name", "id", "root", "filter", "fields", "references"}) {
    rest.erase(key);
  }
  declaration.schema = std::move(rest);
  const std::string context =
      declaration.name.empty() ? "" : "collection \"" + declaration.name + "\": ";
  for (const Error& mistake : mistakes) {
    read.mistakes.push_back(context + mistake.message());
  }
  return read;
}

Result<CollectionDeclaration> ParseCollectionDeclaration(const Json& table) {
  ReadDeclaration read = ReadCollectionDeclaration(table);
  if (read.mistakes.empty()) {
    return std::move(read.declaration);
  }
  std::string lines;
  for (const std::string& mistake : read.mistakes) {
    lines += (lines.empty() ? "" : "\n  ") + mistake;
  }
  return Error(ErrorCode::kInvalidArgument, std::move(lines));
}

}  // namespace cacheindex::replication
