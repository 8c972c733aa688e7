#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cache/store.h"
#include "index/search_index.h"
#include "node/core/document.h"
#include "node/core/json.h"
#include "node/core/search.h"
#include "tests/node/oracle/shape.h"
#include "tests/support/temp_directory.h"

namespace cacheindex::test {

/// One write as a client would send it.
struct WriteOperation {
  bool is_deletion = false;
  WriteAction action = WriteAction::kUpsert;
  std::string id;
  /// Of a deletion: null.
  Json document;
};

/// The real store and index with one collection, in a directory of their own.
class Product {
 public:
  /// Fails the test when it cannot be made.
  explicit Product(const Json& schema, bool orders_by_id = false);
  explicit Product(const Shape& shape) : Product(shape.schema, shape.orders_by_id) {}
  ~Product();
  Product(const Product&) = delete;
  Product& operator=(const Product&) = delete;

  /// Writes all in one transaction and waits until it is searchable. Returns the code of the error
  /// of each, nullopt for those that were accepted; kNotFound for deletions of nothing.
  std::vector<std::optional<ErrorCode>> Write(const std::vector<WriteOperation>& operations);

  /// Adds a field to, or drops one from the schema, after `documents` were written in the same
  /// transaction.
  Result<Json> ChangeSchema(const Json& body, const std::vector<Json>& documents = {});

  /// Closes everything and opens it again.
  void Reopen();

  /// Everything below is answered from the state at this call.
  void TakeSnapshot();
  /// The contract's description of the collection.
  Json Description() const;
  /// All documents, by id.
  std::map<std::string, Json> Documents() const;
  Result<SearchPage> Search(const SearchRequest& request);
  Result<std::vector<DocumentNumber>> Filter(const std::string& filter_by);
  std::optional<DocumentNumber> NumberOf(const std::string& id) const;
  void ReleaseSnapshot();

  /// What `verify` has to say.
  std::vector<std::string> Findings();

 private:
  void Open();
  void Close();

  TempDirectory directory_;
  std::unique_ptr<index::SearchIndex> index_;
  std::unique_ptr<cache::Store> store_;
  cache::CollectionNumber collection_{};
  std::optional<cache::Snapshot> snapshot_;
  std::optional<cache::Collection> described_;
  /// One for all searches of a snapshot, so that they share what a page's searches share.
  std::optional<index::SearchSession> session_;
};

}  // namespace cacheindex::test
