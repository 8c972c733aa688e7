#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "cache/store.h"
#include "index/columns/document_set.h"
#include "index/columns/search_context.h"
#include "index/documents/document_columns.h"
#include "index/documents/writer_schemas.h"
#include "index/schema/schema.h"
#include "index/schema/schema_storage.h"
#include "node/core/json.h"
#include "node/core/result.h"
#include "node/core/search.h"
#include "tests/support/temp_directory.h"

namespace cacheindex::index::test {

/// One collection in a real store, written as the node writes it.
class TestCollection {
 public:
  /// `schema` is a body of POST /collections.
  explicit TestCollection(const Json& schema, TieOrder ties = TieOrder::kByCreation);

  /// Writes the documents in one transaction. Every one must have an id and fit the schema.
  void Write(const std::vector<Json>& documents);
  /// Members of a document to be replaced; see document_writer.h.
  struct Replacement {
    std::string id;
    std::vector<std::string> names;
    Json members;
  };
  /// Replaces members in one transaction.
  Result<void> Replace(const std::vector<Replacement>& replacements);
  void Delete(const std::string& id);

  /// What a search works on.
  struct Reader {
    std::unique_ptr<cache::Snapshot> snapshot;
    std::unique_ptr<cache::Collection> collection;
    std::unique_ptr<Schema> schema;
    std::unique_ptr<SearchContext> context;
  };
  Reader Read() const;

 private:
  cacheindex::test::TempDirectory directory_;
  WriterSchemas schemas_;
  FreshWords fresh_words_;
  DocumentColumns columns_{schemas_, fresh_words_};
  std::unique_ptr<cache::Store> store_;
  cache::CollectionNumber number_{};
};

/// Gives a field of `schema` a second name, one that a declaration could not spell.
void AddAlias(Schema& schema, const std::string& name, const std::string& alias);

/// Returns the ids of `numbers`, in their order.
std::vector<std::string> IdsOf(const TestCollection::Reader& reader,
                               const std::vector<DocumentNumber>& numbers);
/// Returns the ids of a set, sorted.
std::vector<std::string> IdsOf(const TestCollection::Reader& reader, const DocumentSet& set);

/// Parses and evaluates a filter over all documents. A failure becomes the only "id".
std::vector<std::string> Filtered(const TestCollection& collection, std::string_view filter);
/// Sorts all documents. A failure becomes the only "id".
std::vector<std::string> Sorted(const TestCollection& collection, std::string_view sort_by,
                                std::size_t count = 1000);
/// Counts facets over all documents.
Result<std::vector<FacetCounts>> Counted(const TestCollection& collection,
                                         const SearchRequest& request);
/// Writes the counts of one facet as "value:count value:count".
std::string Show(const FacetCounts& counts);

}  // namespace cacheindex::index::test
