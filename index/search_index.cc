#include "index/search_index.h"

#include <atomic>
#include <utility>

#include "index/columns/search_context.h"
#include "index/columns/value_dictionary.h"
#include "index/documents/column_rebuild.h"
#include "index/documents/document_columns.h"
#include "index/documents/fresh_words.h"
#include "index/documents/schema_change.h"
#include "index/documents/writer_schemas.h"
#include "index/filter/filter.h"
#include "index/index_verifier.h"
#include "index/match/word_lists.h"
#include "index/schema/schema_cache.h"
#include "index/schema/schema_comparison.h"
#include "index/schema/schema_definition.h"
#include "index/schema/schema_storage.h"
#include "index/text/text_indexer.h"
#include "index/words/whole_form.h"

namespace cacheindex::index {

namespace {

std::uint64_t NextIdentity() {
  static std::atomic<std::uint64_t> last{0};
  return ++last;
}

Result<cache::CollectionNumber> Create(cache::WriteTransaction& transaction, Schema& schema,
                                       std::int64_t created_at, TieOrder ties) {
  schema.created_at = created_at;
  auto created = index::CreateCollection(transaction, schema, ties);
  return created ? Result<cache::CollectionNumber>(schema.collection) : std::move(created).error();
}

}  // namespace

struct SearchIndex::Parts {
  const std::uint64_t identity = NextIdentity();
  WriterSchemas writer_schemas;
  FreshWords fresh_words;
  DocumentColumns columns{writer_schemas, fresh_words};
  SchemaCache schemas;
  TextIndexer text;
  WordLists words;
};

SearchIndex::SearchIndex() : parts_(std::make_unique<Parts>()) {}
SearchIndex::~SearchIndex() { Stop(); }

cache::DocumentListener& SearchIndex::listener() { return parts_->columns; }

Result<void> SearchIndex::Start(cache::Store& store, const std::filesystem::path& directory) {
  return parts_->text.Start(store, parts_->schemas, parts_->fresh_words, directory);
}

void SearchIndex::Stop() { parts_->text.Stop(); }

Result<cache::CollectionNumber> SearchIndex::CreateCollection(cache::WriteTransaction& transaction,
                                                              const Json& body,
                                                              std::int64_t created_at) {
  auto schema = ParseSchema(body);
  if (!schema) {
    return std::move(schema).error();
  }
  auto existing = transaction.FindCollection(schema->name);
  if (!existing) {
    return std::move(existing).error();
  }
  if (*existing) {
    return Error(ErrorCode::kConflict,
                 "A collection with name `" + schema->name + "` already exists.");
  }
  return Create(transaction, *schema, created_at, TieOrder::kByCreation);
}

Result<cache::CollectionNumber> SearchIndex::EnsureCollection(cache::WriteTransaction& transaction,
                                                              const Json& body,
                                                              std::int64_t created_at) {
  auto declared = ParseSchema(body);
  if (!declared) {
    return std::move(declared).error();
  }
  auto existing = transaction.FindCollection(declared->name);
  if (!existing) {
    return std::move(existing).error();
  }
  if (!*existing) {
    return Create(transaction, *declared, created_at, TieOrder::kById);
  }
  auto stored = LoadSchema(transaction, **existing);
  if (!stored) {
    return std::move(stored).error();
  }
  // One of an older program has no order of ids: it is built anew, as one of another schema.
  if (!IsDeclaredAs(*stored, *declared) || stored->id_order_column == cache::ColumnNumber{}) {
    return Error(ErrorCode::kConflict,
                 "The collection `" + declared->name + "` was created with another schema.");
  }
  return (*existing)->number;
}

Result<Json> SearchIndex::ChangeCollection(cache::WriteTransaction& transaction,
                                           cache::CollectionNumber collection, const Json& body) {
  auto changed = ChangeSchema(transaction, parts_->writer_schemas, collection, body);
  // New fields are searchable once the text index has followed the log up to here.
  parts_->columns.changes().Note(collection, transaction.position());
  return changed;
}

Result<void> SearchIndex::DropCollection(cache::WriteTransaction& transaction,
                                         cache::CollectionNumber collection) {
  auto schema = parts_->writer_schemas.Load(transaction, collection);
  if (!schema) {
    return std::move(schema).error();
  }
  auto dropped = index::DropCollection(transaction, **schema);
  parts_->writer_schemas.Forget(collection);
  parts_->schemas.Forget(collection);
  parts_->columns.changes().Forget(collection);
  parts_->words.Forget(collection);
  return dropped;
}

Result<DocumentWritten> SearchIndex::Write(cache::WriteTransaction& transaction,
                                           cache::CollectionNumber collection, DocumentWrite& write,
                                           const DocumentWriteOptions& options) {
  return WriteDocument(transaction, parts_->writer_schemas, collection, write, options);
}

Result<std::optional<DocumentWritten>> SearchIndex::ReplaceMembers(
    cache::WriteTransaction& transaction, cache::CollectionNumber collection, std::string_view id,
    const std::vector<std::string>& names, Json members, const DocumentWriteOptions& options) {
  return index::ReplaceMembers(transaction, parts_->writer_schemas, collection, id, names,
                               std::move(members), options);
}

Result<Json> SearchIndex::DescribeCollection(const cache::View& view,
                                             const cache::Collection& collection) {
  auto schema = LoadSchema(view, collection);
  if (!schema) {
    return std::move(schema).error();
  }
  return index::DescribeCollection(*schema, collection);
}

Result<std::vector<std::string>> SearchIndex::HiddenFields(const cache::View& view,
                                                           cache::CollectionNumber collection,
                                                           std::uint64_t version) {
  if (const auto known = parts_->schemas.Find(collection, version)) {
    return known->hidden;
  }
  auto described = view.FindCollection(collection);
  if (!described) {
    return std::move(described).error();
  }
  if (!*described) {
    return Error(ErrorCode::kNotFound, "Collection not found");
  }
  auto schema = parts_->schemas.Load(view, **described);
  return schema ? Result<std::vector<std::string>>((*schema)->hidden) : std::move(schema).error();
}

Result<std::vector<std::string>> SearchIndex::HiddenFields(
    const cache::WriteTransaction& transaction, cache::CollectionNumber collection) {
  auto schema = parts_->writer_schemas.Load(transaction, collection);
  return schema ? Result<std::vector<std::string>>((*schema)->hidden) : std::move(schema).error();
}

Result<AttachedSets> SearchIndex::FindAttachedSets(const cache::View& view,
                                                   const cache::Collection& collection) {
  auto schema = parts_->schemas.Load(view, collection);
  if (!schema) {
    return std::move(schema).error();
  }
  AttachedSets sets;
  for (const auto& [name, target] : {std::pair{"synonym_sets", &sets.synonym_sets},
                                     std::pair{"curation_sets", &sets.curation_sets}}) {
    const auto list = (*schema)->extra.find(name);
    if (list == (*schema)->extra.end() || !list->is_array()) {
      continue;
    }
    for (const Json& element : *list) {
      if (element.is_string()) {
        target->push_back(element.get<std::string>());
      }
    }
  }
  return sets;
}

Result<bool> SearchIndex::HasFacetValue(const cache::View& view,
                                        const cache::Collection& collection, std::string_view field,
                                        std::string_view value) {
  auto schema = parts_->schemas.Load(view, collection);
  if (!schema) {
    return std::move(schema).error();
  }
  const Field* const found = (*schema)->Find(std::string(field));
  if (found == nullptr || !found->definition.facet ||
      found->definition.type != FieldType::kString) {
    return false;
  }
  auto ordinals = ValueDictionary(view, found->storage.values).FindForm(WholeForm(value));
  if (!ordinals) {
    return std::move(ordinals).error();
  }
  return !ordinals->empty();
}

Result<DocumentSet> SearchIndex::Filter(const cache::View& view,
                                        const cache::Collection& collection,
                                        std::string_view filter_by, bool validate_field_names) {
  auto schema = parts_->schemas.Load(view, collection);
  if (!schema) {
    return std::move(schema).error();
  }
  auto filter =
      index::Filter::Parse(filter_by, **schema, {.validate_field_names = validate_field_names});
  if (!filter) {
    return std::move(filter).error();
  }
  SearchContext context(view, collection, **schema);
  auto documents = context.AllDocuments();
  if (documents && !filter->IsEmpty()) {
    documents = filter->Evaluate(context, *documents);
  }
  if (auto checked = context.CheckPages(); !checked) {
    return std::move(checked).error();
  }
  return documents;
}

SearchSession SearchIndex::OpenSession(const cache::View& view, NewerDocument newer_document) {
  return {view, parts_->schemas, parts_->text, parts_->words, std::move(newer_document)};
}

Result<SearchPage> SearchIndex::Search(const cache::View& view, const cache::Collection& collection,
                                       const SearchRequest& request) {
  return OpenSession(view).Search(collection, request);
}

std::uint64_t SearchIndex::identity() const noexcept { return parts_->identity; }

Position SearchIndex::ChangedAt(cache::CollectionNumber collection) const {
  return parts_->columns.changes().Of(collection);
}

Position SearchIndex::position() const { return parts_->text.position(); }

Result<void> SearchIndex::WaitSearchable(Position position,
                                         std::chrono::steady_clock::time_point deadline) {
  return parts_->text.WaitSearchable(position, deadline);
}

TextStatistics SearchIndex::statistics() const { return parts_->text.statistics(); }

Result<std::vector<std::string>> SearchIndex::Verify(const cache::View& view) {
  auto collections = view.Collections();
  if (!collections) {
    return std::move(collections).error();
  }
  std::vector<std::string> findings;
  for (const cache::Collection& collection : *collections) {
    auto schema = LoadSchema(view, collection);
    if (!schema) {
      return std::move(schema).error();
    }
    auto text = parts_->text.OpenReader(collection.number);
    if (!text) {
      return std::move(text).error();
    }
    if (auto verified =
            VerifyCollection(view, collection, *schema, *text, kDifferencesMax, findings);
        !verified) {
      return std::move(verified).error();
    }
  }
  return findings;
}

void SearchIndex::ReportTextDamage(cache::CollectionNumber collection) {
  parts_->text.ReportDamage(collection);
}

Result<void> SearchIndex::RebuildColumns(cache::WriteTransaction& transaction,
                                         cache::CollectionNumber collection,
                                         const std::function<bool()>& should_stop) {
  auto rebuilt =
      index::RebuildColumns(transaction, parts_->writer_schemas, collection, should_stop);
  // What was answered from the old ones may be wrong.
  parts_->columns.changes().Note(collection, transaction.position());
  return rebuilt;
}

Result<void> SearchIndex::CopyTo(const std::filesystem::path& target,
                                 const std::function<Result<void>()>& copy_store) {
  return parts_->text.CopyTo(target, copy_store);
}

}  // namespace cacheindex::index
