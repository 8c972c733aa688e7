#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace cacheindex::index {

/// A Unicode code point; negative where bytes are ill-formed.
using CodePoint = std::int32_t;

inline constexpr CodePoint kIllFormed = -1;

/// Returns the character of `text` at byte `i` and moves `i` behind it; an ill-formed byte alone is
/// kIllFormed. Requires i < text.size().
inline CodePoint NextOfUtf8(std::string_view text, std::size_t& i) {
  const auto byte_at = [text](std::size_t at) {
    return static_cast<CodePoint>(static_cast<unsigned char>(text[at]));
  };
  const CodePoint lead = byte_at(i++);
  if (lead < 0x80) {
    return lead;
  }
  const std::size_t trails = lead < 0xC2   ? 0
                             : lead < 0xE0 ? 1
                             : lead < 0xF0 ? 2
                             : lead < 0xF5 ? 3
                                           : 0;
  if (trails == 0 || text.size() - i < trails) {
    return kIllFormed;
  }
  CodePoint code_point = lead & (0x3F >> trails);
  for (std::size_t trail = 0; trail < trails; ++trail) {
    const CodePoint byte = byte_at(i + trail);
    if ((byte & 0xC0) != 0x80) {
      return kIllFormed;
    }
    code_point = code_point << 6 | (byte & 0x3F);
  }
  const bool is_overlong =
      (trails == 2 && code_point < 0x800) || (trails == 3 && code_point < 0x10000);
  const bool is_surrogate = code_point >= 0xD800 && code_point <= 0xDFFF;
  if (is_overlong || is_surrogate || code_point > 0x10FFFF) {
    return kIllFormed;
  }
  i += trails;
  return code_point;
}

/// Returns the character of well-formed `text` at unit `i` and moves `i` behind it. Requires
/// i < text.size().
inline CodePoint NextOfUtf16(std::u16string_view text, std::size_t& i) {
  const CodePoint unit = text[i++];
  if (unit < 0xD800 || unit > 0xDBFF || i == text.size()) {
    return unit;
  }
  return 0x10000 + ((unit - 0xD800) << 10) + (static_cast<CodePoint>(text[i++]) - 0xDC00);
}

/// Appends `code_point` as UTF-8. Requires a well-formed one.
inline void AppendUtf8(CodePoint code_point, std::string& text) {
  if (code_point < 0x80) {
    text.push_back(static_cast<char>(code_point));
    return;
  }
  if (code_point < 0x800) {
    text.push_back(static_cast<char>(0xC0 | code_point >> 6));
  } else {
    if (code_point < 0x10000) {
      text.push_back(static_cast<char>(0xE0 | code_point >> 12));
    } else {
      text.push_back(static_cast<char>(0xF0 | code_point >> 18));
      text.push_back(static_cast<char>(0x80 | (code_point >> 12 & 0x3F)));
    }
    text.push_back(static_cast<char>(0x80 | (code_point >> 6 & 0x3F)));
  }
  text.push_back(static_cast<char>(0x80 | (code_point & 0x3F)));
}

}  // namespace cacheindex::index
