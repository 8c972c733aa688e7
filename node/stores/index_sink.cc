#include "node/stores/index_sink.h"

#include <string>
#include <utility>

#include "node/core/clock.h"

namespace cacheindex::node {

namespace {

const index::DocumentWriteOptions kOptions{
    .action = WriteAction::kUpsert, .dirty_values = DirtyValues::kCoerceOrDrop, .is_lenient = true};

// What can never be stored.
Error Refusal(const Error& error) { return {ErrorCode::kUnprocessable, error.message()}; }

}  // namespace

Result<cache::CollectionNumber> IndexSink::EnsureCollection(cache::WriteTransaction& transaction,
                                                            const Json& schema) {
  return index_->EnsureCollection(transaction, schema, UnixSeconds());
}

Result<void> IndexSink::Put(cache::WriteTransaction& transaction,
                            cache::CollectionNumber collection, std::string_view id,
                            Json document) {
  index::DocumentWrite write{.text = {}, .id = std::string(id), .parsed = std::move(document)};
  auto written = index_->Write(transaction, collection, write, kOptions);
  if (!written) {
    return std::move(written).error();
  }
  return written->error ? Refusal(*written->error) : Result<void>();
}

Result<bool> IndexSink::ReplaceMembers(cache::WriteTransaction& transaction,
                                       cache::CollectionNumber collection, std::string_view id,
                                       const std::vector<std::string>& names, Json members) {
  auto replaced =
      index_->ReplaceMembers(transaction, collection, id, names, std::move(members), kOptions);
  if (!replaced) {
    return std::move(replaced).error();
  }
  if (!*replaced) {
    return false;
  }
  return (*replaced)->error ? Result<bool>(Refusal(*(*replaced)->error)) : true;
}

Result<void> IndexSink::Delete(cache::WriteTransaction& transaction,
                               cache::CollectionNumber collection, std::string_view id) {
  auto deleted = transaction.Delete(collection, id);
  return deleted ? Result<void>() : std::move(deleted).error();
}

}  // namespace cacheindex::node
