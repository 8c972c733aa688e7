#include "index/documents/writer_schemas.h"

#include <utility>

#include "index/schema/schema_storage.h"

namespace cacheindex::index {

Result<Schema*> WriterSchemas::Load(const cache::WriteTransaction& transaction,
                                    cache::CollectionNumber number) {
  auto collection = transaction.FindCollection(number);
  if (!collection) {
    return std::move(collection).error();
  }
  if (!*collection) {
    schemas_.erase(number);
    return Error(ErrorCode::kNotFound, "Collection not found");
  }
  auto& schema = schemas_[number];
  if (schema == nullptr || schema->version != (*collection)->version) {
    auto loaded = LoadSchema(transaction, **collection);
    if (!loaded) {
      return std::move(loaded).error();
    }
    schema = std::make_unique<Schema>(std::move(*loaded));
  }
  return schema.get();
}

}  // namespace cacheindex::index
