#pragma once

#include "cache/write_transaction.h"
#include "index/documents/writer_schemas.h"
#include "node/core/json.h"
#include "node/core/result.h"

namespace cacheindex::index {

/// Applies the body of `PATCH /collections/:c`: fields added or dropped (`"drop": true`), settings
/// replaced. Columns and text of added fields are built from the stored documents in the same
/// transaction, so readers see the field complete or not at all. Returns what the contract echoes:
/// the altered part.
///
/// Cost: with an added field, one pass over all documents in the writer.
/// Errors: kInvalidArgument naming the field, also when a stored document contradicts it;
/// kNotFound.
Result<Json> ChangeSchema(cache::WriteTransaction& transaction, WriterSchemas& schemas,
                          cache::CollectionNumber collection, const Json& body);

}  // namespace cacheindex::index
