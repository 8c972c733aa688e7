#pragma once

#include <string>
#include <string_view>

namespace cacheindex::replication {

/// Returns whether `text` is UTF-8. A database in SQL_ASCII may send anything.
bool IsUtf8(std::string_view text) noexcept;

/// Returns `text` with U+FFFD in place of each byte that belongs to no character.
std::string ReplaceInvalidUtf8(std::string_view text);

}  // namespace cacheindex::replication
