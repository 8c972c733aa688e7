#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "cache/write_transaction.h"
#include "node/core/result.h"
#include "replication/rows/row_store.h"

namespace cacheindex::replication {

/// The keys of rows in a table without a key (Table::IsKeyless): a digest of the values, and a
/// number, so that equal rows lie side by side under the numbers 0, 1, 2, ...
///
/// Exact because a change tells all of the old values, a group of equal rows is copied in one
/// snapshot, and the first of a group is the oldest: its position decides whether a change is newer
/// than the group. A group that the snapshot lacks may come and go again as the stream is read up
/// to there; what it lacks then is taken for gone, and at the snapshot it is gone.

/// The beginning of all keys of rows with these values. A column without a value makes no
/// difference, so one that is added does not.
std::string EqualRowsPrefix(std::span<const Cell> cells_by_slot);

/// Returns the key of one of them.
std::string EqualRowKey(std::string_view prefix, std::uint32_t number);

/// Returns how many there are.
Result<std::uint32_t> CountEqualRows(const cache::View& view, cache::ColumnNumber rows,
                                     std::string_view prefix);

}  // namespace cacheindex::replication
