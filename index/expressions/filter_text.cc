#include "index/expressions/filter_text.h"

#include <cstddef>

#include "node/core/utf8.h"

namespace cacheindex::index {
namespace {

constexpr std::size_t kExcerptBytesMax = 80;

// Control characters are nothing to show.
std::size_t ShownBytes(std::string_view text) {
  const auto first = static_cast<unsigned char>(text[0]);
  return first < 0x20 || first == 0x7F ? 0 : Utf8CharacterBytes(text);
}

}  // namespace

std::string Excerpt(std::string_view text) {
  std::string excerpt = "`";
  bool cut = false;
  for (std::size_t i = 0; i < text.size();) {
    const std::size_t bytes = ShownBytes(text.substr(i));
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
