#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cacheindex::replication {

// The functions of texts that expressions call, as PostgreSQL has them in a database of UTF-8.
// Texts are valid UTF-8; places and lengths count characters.

/// Each character for itself, as the source does it under C.UTF-8 and its kind: "ß" stays.
std::string Lower(std::string_view text);
std::string Upper(std::string_view text);

/// Without the spaces at both ends; other blanks stay, as in SQL.
std::string_view Trim(std::string_view text);

std::int64_t LengthOf(std::string_view text);

/// Replaces each `from`; nothing when that is empty.
std::string Replace(std::string_view text, std::string_view from, std::string_view to);

/// Returns `count` characters from place `from` on, which counts from 1; all to the end for
/// nullopt. Places before the first one count, but hold nothing.
std::string_view Substring(std::string_view text, std::int64_t from,
                           std::optional<std::int64_t> count);

/// Returns what lies between the separators: nothing of an empty text, all of it for an empty
/// separator.
std::vector<std::string_view> Split(std::string_view text, std::string_view separator);

/// Whether all of `text` matches a pattern in which % stands for any characters, _ for one, and a
/// backslash before either for itself. Cost: the product of both lengths at most.
bool IsLike(std::string_view text, std::string_view pattern);

}  // namespace cacheindex::replication
