#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "cache/write_transaction.h"
#include "node/core/json.h"
#include "node/core/result.h"
#include "replication/rows/row_store.h"

namespace cacheindex::replication {

/// The rows with values that are no UTF-8, as a database in SQL_ASCII may have them: stored as they
/// are, shown with U+FFFD in place of each bad byte, and persisted by name so that an operator
/// finds them.
///
/// Layout: entries of cache::kOwnersColumn. "repaired/" oid (big-endian), row key: what is
/// repaired.

/// Returns whether a value of the row is no UTF-8.
bool NeedsRepair(const StoredRow& row);

/// Remembers that the row needs repair.
Result<void> PutRepair(cache::WriteTransaction& transaction, std::uint32_t table,
                       std::string_view key, const StoredRow& row);
Result<void> DeleteRepair(cache::WriteTransaction& transaction, std::uint32_t table,
                          std::string_view key);

/// Forgets all rows of a table; returns how many they were.
Result<std::uint64_t> DeleteRepairs(cache::WriteTransaction& transaction, std::uint32_t table);

/// Returns table, key and columns of up to `rows_max` rows.
Result<std::vector<std::string>> Repairs(const cache::View& view, std::size_t rows_max);

/// JSON of bytes that are mostly text: a text, or an object where they are no UTF-8.
Json JsonOfBytes(std::string_view bytes);
/// The inverse; throws Json::exception for what JsonOfBytes does not return.
std::string BytesOfJson(const Json& json);

}  // namespace cacheindex::replication
