#include "index/schema/schema_storage.h"

#include <optional>
#include <utility>

#include "index/encoding/entry_codec.h"
#include "index/schema/schema_definition.h"

namespace cacheindex::index {
namespace {

using cache::ColumnNumber;
using cache::PageShape;

// A collection's definition is a JSON object of its settings and its columns; a field's
// record, in the entries of the fields column under the field's number, one of its description and
// its columns. Of a field that was dropped its name is left there (Schema::dropped). All start with
// a format version.
constexpr int kFormatVersion = 1;

std::uint32_t Number(ColumnNumber column) { return static_cast<std::uint32_t>(column); }

Json Settings(const Schema& schema) {
  return {{"version", kFormatVersion},
          {"created_at", schema.created_at},
          {"default_sorting_field", schema.default_sorting_field},
          {"enable_nested_fields", schema.enable_nested_fields},
          {"extra", schema.extra},
          {"documents_column", Number(schema.documents_column)},
          {"id_order_column", Number(schema.id_order_column)},
          {"words_column", Number(schema.words_column)},
          {"fields_column", Number(schema.fields_column)}};
}

Json Record(const Field& field) {
  return {{"version", kFormatVersion},
          {"field", DescribeField(field.definition)},
          {"is_open", field.definition.is_open},
          {"values", Number(field.storage.values)},
          {"words", Number(field.storage.words)},
          {"sort_key", Number(field.storage.sort_key)}};
}

Error Damaged(const cache::Collection& collection, std::string_view what) {
  return {ErrorCode::kCorruption,
          "collection `" + collection.name + "`: " + std::string(what) + " cannot be read"};
}

ColumnNumber ReadColumn(const Json& record, const char* name) {
  return static_cast<ColumnNumber>(record.value(name, 0U));
}

Json DroppedRecord(std::string_view name) {
  return {{"version", kFormatVersion}, {"dropped", name}};
}

// Adds what a record says to `schema`.
Result<void> ReadRecord(const cache::Collection& collection, std::string_view key,
                        std::string_view value, Schema& schema) {
  auto record = ParseJson(value);
  if (!record || !record->is_object() || record->value("version", 0) != kFormatVersion) {
    return Damaged(collection, "a field record");
  }
  if (const auto dropped = record->find("dropped"); dropped != record->end()) {
    if (!dropped->is_string()) {
      return Damaged(collection, "a field record");
    }
    schema.dropped.emplace(dropped->get<std::string>(), DecodeBigEndian32(key));
    return {};
  }
  const auto field = record->find("field");
  auto definition = field != record->end()
                        ? ParseFieldDefinition(*field, /*nested=*/true)
                        : Result<FieldDefinition>(Damaged(collection, "a field record"));
  if (!definition) {
    return Damaged(collection, "a field record");
  }
  definition->is_open = record->value("is_open", false);
  return schema.Append({.definition = std::move(*definition),
                        .storage = {.number = DecodeBigEndian32(key),
                                    .values = ReadColumn(*record, "values"),
                                    .words = ReadColumn(*record, "words"),
                                    .sort_key = ReadColumn(*record, "sort_key"),
                                    .text_rules = nullptr}});
}

// Leaves the name of a dropped field in the place of its record.
Result<void> RememberDropped(cache::WriteTransaction& transaction, Schema& schema,
                             const Field& field) {
  const std::string key = EncodeBigEndian32(field.storage.number);
  const bool is_one_of_many = schema.dropped.size() >= Schema::kDroppedNamesMax;
  const std::string name = is_one_of_many ? std::string() : field.definition.name;
  if (field.definition.is_pattern || schema.dropped.contains(name)) {
    return transaction.DeleteEntry(schema.fields_column, key);
  }
  schema.dropped.emplace(name, field.storage.number);
  return transaction.PutEntry(schema.fields_column, key, DumpJson(DroppedRecord(name)));
}

// The field of that name comes back, and with it the values that documents have; a rule of that
// name brings nothing back yet.
Result<void> ForgetDropped(cache::WriteTransaction& transaction, Schema& schema,
                           const FieldDefinition& definition) {
  const auto dropped = schema.dropped.find(definition.name);
  if (definition.is_pattern || dropped == schema.dropped.end()) {
    return {};
  }
  const std::string key = EncodeBigEndian32(dropped->second);
  schema.dropped.erase(dropped);
  return transaction.DeleteEntry(schema.fields_column, key);
}

Result<void> Allocate(cache::WriteTransaction& transaction, PageShape shape, bool is_needed,
                      ColumnNumber& column) {
  if (!is_needed) {
    return {};
  }
  auto allocated = transaction.AllocateColumn(shape);
  if (!allocated) {
    return std::move(allocated).error();
  }
  column = *allocated;
  return {};
}

Result<void> AllocateStorage(cache::WriteTransaction& transaction, Field& field) {
  const FieldDefinition& definition = field.definition;
  const bool is_concrete =
      definition.index && !definition.is_pattern && definition.type != FieldType::kObject;
  const bool is_text = definition.type == FieldType::kString;
  FieldStorage& storage = field.storage;
  // Column numbers are never reused, so neither are field numbers: the terms of a removed field
  // cannot be taken for those of a later one.
  auto number = transaction.AllocateColumn(PageShape::kNarrow);
  if (!number) {
    return std::move(number).error();
  }
  storage.number = Number(*number);
  storage.words = is_concrete && is_text ? *number : ColumnNumber{};
  if (auto done = Allocate(transaction, PageShape::kWide, is_concrete, storage.values); !done) {
    return done;
  }
  return Allocate(transaction, PageShape::kWide, is_concrete && is_text && definition.sort,
                  storage.sort_key);
}

void ForgetFields(Schema& schema) {
  schema.fields.clear();
  schema.by_name.clear();
  schema.patterns.clear();
  schema.required.clear();
  schema.hidden.clear();
}

Result<void> RefreshVersion(cache::WriteTransaction& transaction, Schema& schema) {
  auto collection = transaction.FindCollection(schema.collection);
  if (!collection) {
    return std::move(collection).error();
  }
  if (!*collection) {
    return Error(ErrorCode::kNotFound, "Collection not found");
  }
  schema.version = (*collection)->version;
  return {};
}

// Of a column that is none there is none afterwards.
Result<void> Replace(cache::WriteTransaction& transaction, ColumnNumber& column) {
  if (column == ColumnNumber{}) {
    return {};
  }
  const ColumnNumber old = column;
  if (auto allocated = Allocate(transaction, cache::ShapeOf(old), true, column); !allocated) {
    return allocated;
  }
  return transaction.DropColumn(old);
}

Result<void> DropStorage(cache::WriteTransaction& transaction, const FieldStorage& storage) {
  for (const ColumnNumber column : {storage.values, storage.words, storage.sort_key}) {
    if (column == ColumnNumber{}) {
      continue;
    }
    if (auto dropped = transaction.DropColumn(column); !dropped) {
      return dropped;
    }
  }
  return {};
}

}  // namespace

Result<void> CreateCollection(cache::WriteTransaction& transaction, Schema& schema, TieOrder ties) {
  if (auto done =
          Allocate(transaction, PageShape::kWide, ties == TieOrder::kById, schema.id_order_column);
      !done) {
    return done;
  }
  for (auto [column, shape] : {std::pair{&schema.documents_column, PageShape::kWide},
                               std::pair{&schema.words_column, PageShape::kWide},
                               std::pair{&schema.fields_column, PageShape::kWide}}) {
    if (auto done = Allocate(transaction, shape, true, *column); !done) {
      return done;
    }
  }
  auto number = transaction.CreateCollection(schema.name, DumpJson(Settings(schema)));
  if (!number) {
    return std::move(number).error();
  }
  schema.collection = *number;
  std::vector<Field> declared = std::move(schema.fields);
  ForgetFields(schema);
  for (Field& field : declared) {
    if (auto added = AddField(transaction, schema, std::move(field.definition)); !added) {
      return added;
    }
  }
  return RefreshVersion(transaction, schema);
}

Result<void> AddField(cache::WriteTransaction& transaction, Schema& schema,
                      FieldDefinition definition) {
  if (schema.fields.size() >= kFieldsMax) {
    return Error(ErrorCode::kUnprocessable, "Field `" + definition.name +
                                                "`: a collection can have at most " +
                                                std::to_string(kFieldsMax) + " fields.");
  }
  Field field{.definition = std::move(definition), .storage = {}};
  if (auto allocated = AllocateStorage(transaction, field); !allocated) {
    return allocated;
  }
  if (auto put = transaction.PutEntry(schema.fields_column, EncodeBigEndian32(field.storage.number),
                                      DumpJson(Record(field)));
      !put) {
    return put;
  }
  if (auto forgotten = ForgetDropped(transaction, schema, field.definition); !forgotten) {
    return forgotten;
  }
  if (auto touched = transaction.TouchCollection(schema.collection); !touched) {
    return touched;
  }
  if (auto appended = schema.Append(std::move(field)); !appended) {
    return appended;
  }
  return RefreshVersion(transaction, schema);
}

Result<void> RemoveField(cache::WriteTransaction& transaction, Schema& schema,
                         std::size_t position) {
  const Field& removed = schema.fields[position];
  if (auto dropped = DropStorage(transaction, removed.storage); !dropped) {
    return dropped;
  }
  if (auto remembered = RememberDropped(transaction, schema, removed); !remembered) {
    return remembered;
  }
  if (auto touched = transaction.TouchCollection(schema.collection); !touched) {
    return touched;
  }
  std::vector<Field> kept = std::move(schema.fields);
  kept.erase(kept.begin() + static_cast<std::ptrdiff_t>(position));
  ForgetFields(schema);
  for (Field& field : kept) {
    if (auto appended = schema.Append(std::move(field)); !appended) {
      return appended;
    }
  }
  return RefreshVersion(transaction, schema);
}

Result<void> ReplaceColumns(cache::WriteTransaction& transaction, Schema& schema) {
  for (ColumnNumber* const column :
       {&schema.documents_column, &schema.id_order_column, &schema.words_column}) {
    if (auto replaced = Replace(transaction, *column); !replaced) {
      return replaced;
    }
  }
  for (Field& field : schema.fields) {
    for (ColumnNumber* const column :
         {&field.storage.values, &field.storage.words, &field.storage.sort_key}) {
      if (auto replaced = Replace(transaction, *column); !replaced) {
        return replaced;
      }
    }
    if (auto put = transaction.PutEntry(
            schema.fields_column, EncodeBigEndian32(field.storage.number), DumpJson(Record(field)));
        !put) {
      return put;
    }
  }
  if (auto saved = SaveSettings(transaction, schema); !saved) {
    return saved;
  }
  return RefreshVersion(transaction, schema);
}

Result<void> SaveSettings(cache::WriteTransaction& transaction, const Schema& schema) {
  return transaction.SetDefinition(schema.collection, DumpJson(Settings(schema)));
}

Result<void> DropCollection(cache::WriteTransaction& transaction, const Schema& schema) {
  for (const Field& field : schema.fields) {
    if (auto dropped = DropStorage(transaction, field.storage); !dropped) {
      return dropped;
    }
  }
  for (const ColumnNumber column : {schema.documents_column, schema.id_order_column,
                                    schema.words_column, schema.fields_column}) {
    if (column == ColumnNumber{}) {
      continue;
    }
    if (auto dropped = transaction.DropColumn(column); !dropped) {
      return dropped;
    }
  }
  return transaction.DropCollection(schema.collection);
}

Result<Schema> LoadSchema(const cache::View& view, const cache::Collection& collection) {
  auto settings = ParseJson(collection.definition);
  if (!settings || !settings->is_object() || settings->value("version", 0) != kFormatVersion) {
    return Damaged(collection, "its definition");
  }
  Schema schema;
  schema.collection = collection.number;
  schema.version = collection.version;
  schema.name = collection.name;
  schema.created_at = settings->value("created_at", std::int64_t{0});
  schema.default_sorting_field = settings->value("default_sorting_field", "");
  schema.enable_nested_fields = settings->value("enable_nested_fields", false);
  schema.extra = settings->value("extra", Json::object());
  schema.documents_column = ReadColumn(*settings, "documents_column");
  schema.id_order_column = ReadColumn(*settings, "id_order_column");
  schema.words_column = ReadColumn(*settings, "words_column");
  schema.fields_column = ReadColumn(*settings, "fields_column");
  std::optional<Error> failure;
  auto scanned =
      view.ScanEntries(schema.fields_column, "", [&](std::string_view key, std::string_view value) {
        if (auto read = ReadRecord(collection, key, value, schema); !read) {
          failure = std::move(read).error();
        }
        return !failure.has_value();
      });
  if (!scanned) {
    return std::move(scanned).error();
  }
  if (failure) {
    return std::move(*failure);
  }
  return schema;
}

}  // namespace cacheindex::index
