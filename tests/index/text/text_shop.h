#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "cache/store.h"
#include "index/columns/document_set.h"
#include "index/columns/search_context.h"
#include "index/documents/document_columns.h"
#include "index/documents/fresh_words.h"
#include "index/documents/writer_schemas.h"
#include "index/match/text_matcher.h"
#include "index/schema/schema.h"
#include "index/schema/schema_cache.h"
#include "index/text/text_indexer.h"
#include "node/core/json.h"
#include "node/core/result.h"
#include "tests/support/eventually.h"

namespace cacheindex::index::test {

/// Ends the test program with the error's message: nothing can go on without this step.
[[noreturn]] void Abort(const Error& error);

template <class T>
T Require(Result<T> result) {
  if (!result) {
    Abort(result.error());
  }
  return *std::move(result);
}
inline void Require(const Result<void>& result) {
  if (!result) {
    Abort(result.error());
  }
}

/// A real store whose documents are written as the node writes them, and its text indexer.
class TextShop {
 public:
  /// Opens what is in `directory`; the text indexer does not run yet.
  explicit TextShop(const std::filesystem::path& directory);
  TextShop(const TextShop&) = delete;
  TextShop& operator=(const TextShop&) = delete;
  ~TextShop();

  /// `schema` is a body of POST /collections.
  cache::CollectionNumber Create(const Json& schema);
  void Drop(cache::CollectionNumber collection);
  cache::Committed Write(cache::CollectionNumber collection, const std::vector<Json>& documents);
  cache::Committed Delete(cache::CollectionNumber collection, const std::string& id);

  Result<void> StartText();
  void StopText() { text_.Stop(); }
  TextIndexer& text() { return text_; }
  WordLists& words() { return words_; }
  FreshWords& fresh_words() { return fresh_words_; }
  /// Waits until everything written is searchable.
  void Settle();
  /// Waits until `condition` holds; ends the test program after a minute.
  template <class Condition>
  void WaitUntil(const Condition& condition) const {
    if (!cacheindex::test::Eventually(condition)) {
      Abort(Error(ErrorCode::kTimeout, "waited in vain"));
    }
  }

  cache::Store& store() { return *store_; }
  const std::filesystem::path& directory() const { return directory_; }

  /// What one search works on.
  struct Search {
    explicit Search(cache::Snapshot opened) : snapshot(std::move(opened)) {}

    cache::Snapshot snapshot;
    cache::Collection collection;
    std::shared_ptr<const Schema> schema;
    std::unique_ptr<SearchContext> context;
    TextReader reader;

    std::vector<TextField> Fields(const std::vector<std::string>& names) const;
    std::string IdOf(DocumentNumber number) const;
  };
  std::unique_ptr<Search> Open(cache::CollectionNumber collection);

  /// Returns the ids of all documents that match `query` in the fields, best first and by id among
  /// equals.
  std::vector<std::string> Find(cache::CollectionNumber collection, std::string_view query,
                                const std::vector<std::string>& fields,
                                const TextMatchOptions& options = {.drop_tokens_threshold = 0});

  /// Returns one sentence for each way in which the text index contradicts the documents.
  std::vector<std::string> Contradictions(cache::CollectionNumber collection);

 private:
  std::filesystem::path directory_;
  WriterSchemas writer_schemas_;
  FreshWords fresh_words_;
  DocumentColumns columns_{writer_schemas_, fresh_words_};
  SchemaCache schemas_;
  std::unique_ptr<cache::Store> store_;
  TextIndexer text_;
  WordLists words_;
};

}  // namespace cacheindex::index::test
