#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace cacheindex {

/// Returns the bytes of the character that `text` begins with, 0 when there is none. Overlong
/// forms, surrogates and what is beyond U+10FFFF are none (Unicode, table 3-7). Requires text.
std::size_t Utf8CharacterBytes(std::string_view text) noexcept;

/// Returns whether `text` is UTF-8.
bool IsUtf8(std::string_view text) noexcept;

/// Returns `text` with U+FFFD in place of each byte that belongs to no character.
std::string ReplaceInvalidUtf8(std::string_view text);

}  // namespace cacheindex
