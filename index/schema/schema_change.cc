#include "index/schema/schema_change.h"

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "index/document_set.h"
#include "index/documents/document_columns.h"
#include "index/documents/document_preparation.h"
#include "index/schema/schema_definition.h"
#include "index/schema/schema_storage.h"

namespace cacheindex::index {
namespace {

constexpr std::array<std::string_view, 3> kSettings = {"metadata", "synonym_sets", "curation_sets"};
constexpr std::uint32_t kScanDocumentsMax = 1'000;

Error Invalid(std::string message) { return {ErrorCode::kInvalidArgument, std::move(message)}; }

struct Changes {
  std::vector<std::string> dropped;
  std::vector<FieldDefinition> added;
};

bool IsDrop(const Json& element) {
  return element.is_object() && element.value("drop", Json()) == Json(true);
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
      const bool exists = std::ranges::any_of(
          schema.fields, [&](const Field& field) { return field.definition.name == name; });
      if (!exists) {
        return Invalid("Field `" + name + "` is not part of collection schema.");
      }
      if (name == schema.default_sorting_field) {
        return Invalid("Field `" + name + "` is the default sorting field and cannot be dropped.");
      }
      changes.dropped.push_back(name);
      continue;
    }
    auto definition = ParseFieldDefinition(element, schema.enable_nested_fields);
    if (!definition) {
      return std::move(definition).error();
    }
    changes.added.push_back(std::move(*definition));
  }
  for (const FieldDefinition& definition : changes.added) {
    const bool exists = std::ranges::any_of(schema.fields, [&](const Field& field) {
      return field.definition.name == definition.name;
    });
    const bool is_replaced =
        std::ranges::find(changes.dropped, definition.name) != changes.dropped.end();
    if (definition.name == "id" || (exists && !is_replaced)) {
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

Result<void> DropFields(cache::WriteTransaction& transaction, Schema& schema,
                        const std::vector<std::string>& names) {
  const auto collection = transaction.FindCollection(schema.collection);
  if (!collection || !*collection) {
    return collection ? Error(ErrorCode::kNotFound, "Collection not found") : collection.error();
  }
  DocumentSet documents((*collection)->number_max);
  for (const std::string& name : names) {
    // An object's discovered children go with it.
    for (std::size_t i = schema.fields.size(); i-- > 0;) {
      const std::string& candidate = schema.fields[i].definition.name;
      if (candidate != name && !candidate.starts_with(name + '.')) {
        continue;
      }
      if (const auto words = schema.fields[i].storage.words; words != cache::ColumnNumber{}) {
        if (auto collected = CollectDocuments(transaction, words, documents); !collected) {
          return collected;
        }
      }
      if (auto removed = RemoveField(transaction, schema, i); !removed) {
        return removed;
      }
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

// Checks one stored document against the schema with its new fields, and writes their columns.
Result<void> IndexStored(cache::WriteTransaction& transaction, Schema& schema,
                         std::size_t first_new, const cache::View::IdentifiedDocument& stored) {
  auto document = ParseJson(stored.document.json);
  if (!document) {
    return std::move(document).error().WithContext("stored document " + stored.id);
  }
  auto discovered = PrepareDocument(schema, {}, *document);
  if (!discovered) {
    return std::move(discovered)
        .error()
        .WithContext("Schema change is incompatible with the stored document with id " + stored.id);
  }
  for (FieldDefinition& definition : *discovered) {
    if (auto added = AddField(transaction, schema, std::move(definition)); !added) {
      return added;
    }
  }
  auto has_text =
      WriteNewFields(transaction, schema, first_new, stored.document.header.number, *document);
  if (!has_text) {
    return std::move(has_text).error();
  }
  return *has_text ? transaction.AppendLog(schema.collection, stored.document.header.number)
                   : Result<void>();
}

Result<void> IndexAllStored(cache::WriteTransaction& transaction, Schema& schema,
                            std::size_t first_new) {
  std::optional<std::string> after;
  while (true) {
    auto batch = transaction.Scan(schema.collection, after, kScanDocumentsMax);
    if (!batch) {
      return std::move(batch).error();
    }
    if (batch->empty()) {
      return {};
    }
    for (const auto& stored : *batch) {
      if (auto indexed = IndexStored(transaction, schema, first_new, stored); !indexed) {
        return indexed;
      }
    }
    after = batch->back().id;
  }
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
  return IndexAllStored(transaction, schema, first_new);
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
    for (const std::string& name : changes->dropped) {
      echoed.push_back({{"drop", true}, {"name", name}});
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
