#pragma once

#include <functional>

#include "cache/numbers.h"
#include "cache/write_transaction.h"
#include "index/documents/writer_schemas.h"
#include "node/core/result.h"

namespace cacheindex::index {

/// Gives a collection new columns, pages and dictionaries, and fills them from its documents; what
/// it had is dropped unread. Readers see the old ones or the new ones, whole. The text index does
/// not change: its terms name fields and words, not columns.
///
/// Cost: one pass over all documents in the writer; `should_stop` is asked at each.
/// Errors: kCorruption when a document or the schema cannot be read; kNotFound; kUnavailable when
/// it should stop. Then the transaction must be given up.
Result<void> RebuildColumns(cache::WriteTransaction& transaction, WriterSchemas& schemas,
                            cache::CollectionNumber collection,
                            const std::function<bool()>& should_stop);

}  // namespace cacheindex::index
