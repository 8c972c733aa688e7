#include "index/expressions/filter_text.h"

#include <cstddef>

namespace cacheindex::index {
namespace {

constexpr std::size_t kExcerptBytesMax = 80;

bool IsContinuation(char byte) { return (static_cast<unsigned char>(byte) & 0xC0U) == 0x80U; }

// Returns the bytes of the well-formed character at the start of `text`, 0 when there is none.
std::size_t CharacterBytes(std::string_view text) {
  const auto lead = static_cast<unsigned char>(text[0]);
  if (lead < 0x80) {
    return lead < 0x20 || lead == 0x7F ? 0 : 1;
  }
  std::size_t bytes = 0;
  unsigned char second_min = 0x80;
  unsigned char second_max = 0xBF;
  if (lead >= 0xC2 && lead <= 0xDF) {
    bytes = 2;
  } else if (lead >= 0xE0 && lead <= 0xEF) {
    bytes = 3;
    // No overlong forms, no surrogates.
    second_min = lead == 0xE0 ? 0xA0 : 0x80;
    second_max = lead == 0xED ? 0x9F : 0xBF;
  } else if (lead >= 0xF0 && lead <= 0xF4) {
    bytes = 4;
    // No overlong forms, nothing above U+10FFFF.
    second_min = lead == 0xF0 ? 0x90 : 0x80;
    second_max = lead == 0xF4 ? 0x8F : 0xBF;
  }
  if (bytes == 0 || text.size() < bytes) {
    return 0;
  }
  const auto second = static_cast<unsigned char>(text[1]);
  if (second < second_min || second > second_max) {
    return 0;
  }
  for (std::size_t i = 2; i < bytes; ++i) {
    if (!IsContinuation(text[i])) {
      return 0;
    }
  }
  return bytes;
}

}  // namespace

std::string Excerpt(std::string_view text) {
  std::string excerpt = "`";
  bool cut = false;
  for (std::size_t i = 0; i < text.size();) {
    const std::size_t bytes = CharacterBytes(text.substr(i));
    if (excerpt.size() + bytes > kExcerptBytesMax) {
      cut = true;
      break;
    }
    excerpt += bytes == 0 ? std::string_view("?") : text.substr(i, bytes);
    i += bytes == 0 ? 1 : bytes;
  }
  excerpt += cut ? "...`" : "`";
  return excerpt;
}

std::string_view Trim(std::string_view text) {
  constexpr std::string_view kSpace = " \t\r\n";
  const std::size_t begin = text.find_first_not_of(kSpace);
  if (begin == std::string_view::npos) {
    return {};
  }
  return text.substr(begin, text.find_last_not_of(kSpace) + 1 - begin);
}

std::vector<std::string_view> SplitList(std::string_view text) {
  std::vector<std::string_view> parts;
  std::size_t depth = 0;
  std::size_t begin = 0;
  bool is_quoted = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '`' && (i == 0 || text[i - 1] != '\\')) {
      is_quoted = !is_quoted;
    } else if (is_quoted) {
      continue;
    } else if (text[i] == '(' || text[i] == '[') {
      ++depth;
    } else if ((text[i] == ')' || text[i] == ']') && depth > 0) {
      --depth;
    } else if (text[i] == ',' && depth == 0) {
      parts.push_back(Trim(text.substr(begin, i - begin)));
      begin = i + 1;
    }
  }
  parts.push_back(Trim(text.substr(begin)));
  return parts;
}

}  // namespace cacheindex::index
