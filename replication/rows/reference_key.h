#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "replication/rows/key_form.h"
#include "replication/rows/row_store.h"
#include "replication/rows/table_catalogue.h"

namespace cacheindex::replication {

/// Values of one row that may lead to other rows, at most: a document that is made of a row with
/// more is refused.
inline constexpr std::size_t kReferenceValuesMax = 10'000;

/// Rows of one table with more values than that, at most: with more of them, no document is made
/// that asks which rows refer to its own.
inline constexpr std::size_t kCrowdedRowsMax = 1'000;

/// Begins the entries of an index for rows that have too many values to be found by each. No key
/// begins so.
inline constexpr std::string_view kCrowdedMark = "\x01";

/// Returns the concatenated key values of these slots. nullopt when one is null, unknown, or cannot
/// be read as its form says. Requires forms that are not spread.
std::optional<std::string> ReferenceKey(const TableVersion& version,
                                        std::span<const std::uint32_t> slots, const KeyForms& forms,
                                        std::span<const Cell> cells_by_slot);

/// Returns all keys of the row, each once, in the order of the elements, pieces or beginnings.
/// Cost: that of the row's bytes.
std::vector<std::string> ReferenceKeys(const TableVersion& version,
                                       std::span<const std::uint32_t> slots, const KeyForms& forms,
                                       std::span<const Cell> cells_by_slot);

/// As ReferenceKeys of an index's entries: rows with too many are found under kCrowdedMark alone.
std::vector<std::string> IndexKeys(const TableVersion& version, const ReferenceIndex& index,
                                   std::span<const Cell> cells_by_slot);

// Spans: whole numbers from a lower to an upper bound. An index of spans has entries for the
// aligned blocks, each of 2^level numbers, that a span is made of: 'b', the level, 8 bytes of the
// block's first number. Of the blocks around a number, one of each level, a span that holds the
// number has exactly one, and others have none.

/// Bytes of a whole number in a key, and of a block.
inline constexpr std::size_t kNumberBytes = 9;
inline constexpr std::size_t kBlockBytes = 10;

/// Returns the number whose key value `bytes` is.
std::uint64_t NumberOfKey(std::string_view bytes);
/// Returns the inverse of NumberOfKey.
std::string KeyOfNumber(std::uint64_t number);

/// Returns the bytes of the block of `level` (0 to 64) that holds `number`.
std::string BlockKey(unsigned level, std::uint64_t number);
/// Returns the blocks that numbers from `first` to `last` are made of, at most 128.
std::vector<std::string> BlockKeys(std::uint64_t first, std::uint64_t last);

}  // namespace cacheindex::replication
