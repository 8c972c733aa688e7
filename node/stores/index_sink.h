#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "index/search_index.h"
#include "replication/apply/document_sink.h"

namespace cacheindex::node {

/// Writes a source's documents through the index, which knows schemas, columns and texts.
///
/// All fields are optional there, whatever the declaration says: the source's tables are the truth,
/// and a document is never refused. Threads: as DocumentSink. Lifetime: within that of the index.
class IndexSink : public replication::DocumentSink {
 public:
  explicit IndexSink(index::SearchIndex& index) : index_(&index) {}

  Result<cache::CollectionNumber> EnsureCollection(cache::WriteTransaction& transaction,
                                                   const Json& schema) override;
  Result<void> Put(cache::WriteTransaction& transaction, cache::CollectionNumber collection,
                   std::string_view id, Json document) override;
  Result<bool> ReplaceMembers(cache::WriteTransaction& transaction,
                              cache::CollectionNumber collection, std::string_view id,
                              const std::vector<std::string>& names, Json members) override;
  Result<void> Delete(cache::WriteTransaction& transaction, cache::CollectionNumber collection,
                      std::string_view id) override;

 private:
  index::SearchIndex* index_;
};

}  // namespace cacheindex::node
