#include "index/documents/schema_change.h"

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "index/columns/document_set.h"
#include "index/documents/document_preparation.h"
#include "index/documents/stored_documents.h"
#include "index/documents/stored_values.h"
#include "index/schema/schema_definition.h"
#include "index/schema/schema_properties.h"
#include "index/schema/schema_storage.h"

namespace cacheindex::index {
namespace {

constexpr std::array<std::string_view, 3> kSettings = {"metadata", "synonym_sets", "curation_sets"};

Error Invalid(std::string message) { return {ErrorCode::kInvalidArgument, std::move(message)}; }

struct Changes {
  std::vector<FieldDefinition> dropped;
  std::vector<FieldDefinition> added;
};

bool IsDrop(const Json& element) {
  return element.is_object() && element.value("drop", Json()) == Json(true);
}

const std::string& NameOf(const Field& field) { return field.definition.name; }

bool IsAmong(const std::vector<FieldDefinition>& definitions, const std::string& name) {
  return std::ranges::find(definitions, name, &FieldDefinition::name) != definitions.end();
}

Result<Changes> ReadChanges(const Schema& schema, const Json& fields) {
  if (!fields.is_array() || fields.empty()) {
    return Invalid(
        "The `fields` value should be an array of objects containing the field `name` "
        "and other properties.");
  }
  Changes changes;
  for (const Json& element : fields) {
    if (IsDrop(element)) {
      const std::string name = element.value("name", "");
      const auto field = std::ranges::find(schema.fields, name, NameOf);
      if (field == schema.fields.end()) {
        return Invalid("Field `" + name + "` is not part of collection schema.");
      }
      if (name == schema.default_sorting_field) {
        return Invalid("Field `" + name + "` is the default sorting field and cannot be dropped.");
      }
      changes.dropped.push_back(field->definition);
      continue;
    }
    if (auto checked = CheckFieldProperties(element); !checked) {
      return std::move(checked).error();
    }
    auto definition = ParseFieldDefinition(element, schema.enable_nested_fields);
    if (!definition) {
      return std::move(definition).error();
    }
    if (IsAmong(changes.added, definition->name)) {
      return Invalid("There are duplicate field names in the schema: `" + definition->name + "`.");
    }
    changes.added.push_back(std::move(*definition));
  }
  for (const FieldDefinition& definition : changes.added) {
    const bool exists =
        std::ranges::find(schema.fields, definition.name, NameOf) != schema.fields.end();
    if (definition.name == "id" || (exists && !IsAmong(changes.dropped, definition.name))) {
      return Invalid("Field `" + definition.name +
                     "` is already part of the schema: To change this field, drop it first before "
                     "adding it back to the schema.");
    }
  }
  return changes;
}

// Adds the documents that have a word in the column: their terms must leave the text index.
Result<void> CollectDocuments(const cache::View& view, cache::ColumnNumber words_column,
                              DocumentSet& documents) {
  const auto pages = view.Pages(words_column);
  if (!pages) {
    return pages.error();
  }
  const cache::PageShape shape = cache::ShapeOf(words_column);
  std::array<std::uint64_t, DocumentSet::kWordsPerWidePage> everything{};
  everything.fill(~std::uint64_t{0});
  for (std::uint32_t number = 0; number < pages->page_count(); ++number) {
    if (const cache::ColumnPage* page = pages->Find(number)) {
      const std::uint32_t first = number * cache::DocumentsPerPage(shape);
      page->ForEachDocument(everything.data(), [&](std::uint32_t offset, const auto&) {
        documents.Add(first + offset);
      });
    }
  }
  if (pages->damage()) {
    return *pages->damage();
  }
  return {};
}

// Adds the documents that the text index has not looked at yet: of those that were written in this
// very transaction, the pages say nothing.
Result<void> CollectWaiting(const cache::View& view, cache::CollectionNumber collection,
                            DocumentSet& documents) {
  constexpr std::uint32_t kLogEntriesMax = 10'000;
  Position after{};
  while (true) {
    const auto entries = view.Log(after, kLogEntriesMax);
    if (!entries) {
      return entries.error();
    }
    if (entries->empty()) {
      return {};
    }
    for (const cache::LogEntry& entry : *entries) {
      if (entry.collection == collection) {
        documents.Add(entry.number);
      }
    }
    after = entries->back().position;
  }
}

Result<void> DropFields(cache::WriteTransaction& transaction, Schema& schema,
                        const std::vector<FieldDefinition>& dropped) {
  const auto collection = transaction.FindCollection(schema.collection);
  if (!collection || !*collection) {
    return collection ? Error(ErrorCode::kNotFound, "Collection not found") : collection.error();
  }
  DocumentSet documents((*collection)->number_max);
  bool has_text = false;
  for (const FieldDefinition& definition : dropped) {
    const std::string& name = definition.name;
    // An object's discovered children go with it.
    for (std::size_t i = schema.fields.size(); i-- > 0;) {
      const std::string& candidate = schema.fields[i].definition.name;
      if (candidate != name && !candidate.starts_with(name + '.')) {
        continue;
      }
      if (const auto words = schema.fields[i].storage.words; words != cache::ColumnNumber{}) {
        has_text = true;
        if (auto collected = CollectDocuments(transaction, words, documents); !collected) {
          return collected;
        }
      }
      if (auto removed = RemoveField(transaction, schema, i); !removed) {
        return removed;
      }
    }
  }
  if (has_text) {
    if (auto collected = CollectWaiting(transaction, schema.collection, documents); !collected) {
      return collected;
    }
  }
  Result<void> logged;
  documents.ForEach([&](DocumentNumber number) {
    if (logged) {
      logged = transaction.AppendLog(schema.collection, number);
    }
  });
  return logged;
}

// Checks a stored document against the fields from `first_new` on. Returns those that it brings.
Result<std::vector<FieldDefinition>> CheckStored(const Schema& schema, std::size_t first_new,
                                                 const std::string& id, Json& document) {
  auto discovered = PrepareDocument(schema, {.first_checked = first_new}, document);
  return discovered
             ? std::move(discovered)
             : std::move(discovered)
                   .error()
                   .WithContext("Schema change is incompatible with the stored document with id " +
                                id);
}

Result<void> TryAll(Schema& trial, std::vector<FieldDefinition> definitions) {
  for (FieldDefinition& definition : definitions) {
    if (auto tried = trial.Try(std::move(definition)); !tried) {
      return tried;
    }
  }
  return trial.fields.size() <= kFieldsMax
             ? Result<void>()
             : Error(ErrorCode::kUnprocessable, "The collection would have more than " +
                                                    std::to_string(kFieldsMax) + " fields.");
}

// Adds the fields that rules from `first_new` on discover in the stored documents, each as wide as
// all of them need.
Result<void> DiscoverStored(cache::WriteTransaction& transaction, Schema& schema,
                            std::size_t first_new) {
  const bool has_rules = std::any_of(schema.fields.begin() + static_cast<std::ptrdiff_t>(first_new),
                                     schema.fields.end(), [](const Field& field) {
                                       return field.definition.is_pattern ||
                                              field.definition.type == FieldType::kObject;
                                     });
  if (!has_rules) {
    return {};
  }
  Schema trial = schema;
  auto tried = StoredDocuments(transaction, schema.collection)
                   .ForEach([&](DocumentNumber /*number*/, const std::string& id,
                                Json& document) -> Result<void> {
                     auto discovered = CheckStored(trial, first_new, id, document);
                     if (!discovered) {
                       return std::move(discovered).error();
                     }
                     return TryAll(trial, *std::move(discovered));
                   });
  for (std::size_t i = schema.fields.size(); tried && i < trial.fields.size(); ++i) {
    tried = AddField(transaction, schema, std::move(trial.fields[i].definition));
  }
  return tried;
}

Result<void> IndexStored(cache::WriteTransaction& transaction, const Schema& schema,
                         std::size_t first_new) {
  StoredFieldWriter writer(transaction);
  return StoredDocuments(transaction, schema.collection)
      .ForEach([&](DocumentNumber number, const std::string& id, Json& document) -> Result<void> {
        if (auto checked = CheckStored(schema, first_new, id, document); !checked) {
          return std::move(checked).error();
        }
        auto has_text = writer.Write(schema, first_new, number, document);
        if (!has_text) {
          return std::move(has_text).error();
        }
        return *has_text ? transaction.AppendLog(schema.collection, number) : Result<void>();
      });
}

Result<void> ApplyFields(cache::WriteTransaction& transaction, Schema& schema, Changes changes) {
  if (auto dropped = DropFields(transaction, schema, changes.dropped); !dropped) {
    return dropped;
  }
  if (changes.added.empty()) {
    return {};
  }
  const std::size_t first_new = schema.fields.size();
  for (FieldDefinition& definition : changes.added) {
    if (auto added = AddField(transaction, schema, std::move(definition)); !added) {
      return added;
    }
  }
  if (auto discovered = DiscoverStored(transaction, schema, first_new); !discovered) {
    return discovered;
  }
  return IndexStored(transaction, schema, first_new);
}

}  // namespace

Result<Json> ChangeSchema(cache::WriteTransaction& transaction, WriterSchemas& schemas,
                          cache::CollectionNumber collection, const Json& body) {
  auto loaded = schemas.Load(transaction, collection);
  if (!loaded) {
    return std::move(loaded).error();
  }
  // The shared copy changes only together with the transaction, which may still be refused below.
  Schema schema = **loaded;
  Json echo = Json::object();
  if (!body.is_object()) {
    return Invalid("Bad JSON.");
  }
  if (auto checked = CheckChangeProperties(body); !checked) {
    return std::move(checked).error();
  }
  for (const std::string_view setting : kSettings) {
    if (const auto value = body.find(std::string(setting)); value != body.end()) {
      schema.extra[std::string(setting)] = *value;
      echo[std::string(setting)] = *value;
    }
  }
  const auto fields = body.find("fields");
  if (echo.empty() && fields == body.end()) {
    return Invalid("The body holds nothing that can be altered: `fields` or `metadata`.");
  }
  if (!echo.empty()) {
    if (auto saved = SaveSettings(transaction, schema); !saved) {
      return std::move(saved).error();
    }
  }
  if (fields != body.end()) {
    auto changes = ReadChanges(schema, *fields);
    if (!changes) {
      return std::move(changes).error();
    }
    Json echoed = Json::array();
    for (const FieldDefinition& definition : changes->dropped) {
      echoed.push_back({{"drop", true},
                        {"name", definition.name},
                        {"type", TypeName(definition.type, definition.is_array)}});
    }
    for (const FieldDefinition& definition : changes->added) {
      echoed.push_back(DescribeField(definition));
    }
    echo["fields"] = std::move(echoed);
    if (auto applied = ApplyFields(transaction, schema, std::move(*changes)); !applied) {
      return std::move(applied).error();
    }
  }
  schemas.Forget(collection);
  return echo;
}

}  // namespace cacheindex::index
