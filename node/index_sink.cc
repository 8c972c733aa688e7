#include "node/index_sink.h"

#include <string>
#include <utility>

#include "node/core/clock.h"

namespace cacheindex::node {

Result<cache::CollectionNumber> IndexSink::EnsureCollection(cache::WriteTransaction& transaction,
                                                            const Json& schema) {
  return index_->EnsureCollection(transaction, schema, UnixSeconds());
}

Result<void> IndexSink::Put(cache::WriteTransaction& transaction,
                            cache::CollectionNumber collection, std::string_view id,
                            Json document) {
  index::DocumentWrite write{.text = {}, .id = std::string(id), .parsed = std::move(document)};
  auto written = index_->Write(transaction, collection, write,
                               {.action = WriteAction::kUpsert,
                                .dirty_values = DirtyValues::kCoerceOrDrop,
                                .is_lenient = true});
  if (!written) {
    return std::move(written).error();
  }
  return written->error ? Error(ErrorCode::kUnprocessable, written->error->message())
                        : Result<void>();
}

Result<void> IndexSink::Delete(cache::WriteTransaction& transaction,
                               cache::CollectionNumber collection, std::string_view id) {
  auto deleted = transaction.Delete(collection, id);
  return deleted ? Result<void>() : std::move(deleted).error();
}

}  // namespace cacheindex::node
