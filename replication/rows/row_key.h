#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "replication/rows/table.h"

namespace cacheindex::replication {

/// Bytes of one row's key or of one reference's values, at most: a reference's entry holds both
/// within cache::kEntryKeyBytesMax.
inline constexpr std::size_t kRowKeyBytesMax = 88;

/// Appends one value of a key so that
///  - equal values give equal bytes, whichever integer or text type their columns have: a foreign
///    key finds the row that it names;
///  - integers order by value and texts by bytes;
///  - no value's bytes begin with another's, so concatenated values need no separator.
void AppendKeyValue(std::string& key, std::uint32_t base_type, std::string_view text);

/// Two independent digests of the same bytes, the same for ever.
std::pair<std::uint64_t, std::uint64_t> Digest(std::string_view bytes);

/// Returns `key` when it is short enough, otherwise its beginning and a digest of all of it.
/// The digest keeps different keys different, not their order.
std::string BoundedKey(std::string key);

/// Returns the id of the document whose root row has these key values: the value of a single key
/// column as it is, several joined by ':' (a '%' or ':' inside as %25 and %3A).
std::string DocumentId(std::span<const std::string_view> key_values);

/// One value of a row's key: its column's type, and its place in the id.
struct KeyPart {
  std::uint32_t base_type = 0;
  std::size_t place = 0;
};

/// Returns the key of the root row of a document: the inverse of DocumentId, given what the row's
/// key is made of. Empty when `id` cannot be one.
std::string RowKeyOfId(std::span<const KeyPart> parts, std::string_view id);

}  // namespace cacheindex::replication
