#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "cache/write_transaction.h"
#include "node/core/result.h"

namespace cacheindex::replication {

/// The rows that cannot be documents, although the declaration says they are: persisted with why,
/// so that an operator finds them. Such a row has no document, and the others go on.
///
/// Layout: entries of cache::kOwnersColumn. "refused/" collection u32 (big-endian), root key: why.

/// Remembers why the row under `key` is no document, or forgets it when `reason` is empty. Returns
/// by how much the number of refused documents changed: -1, 0 or 1.
Result<int> SetRefusal(cache::WriteTransaction& transaction, cache::CollectionNumber collection,
                       std::string_view key, const std::string& reason);

/// Returns the reasons of up to `documents_max` refused documents.
Result<std::vector<std::string>> Refusals(const cache::View& view, std::size_t documents_max);

}  // namespace cacheindex::replication
