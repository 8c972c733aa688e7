#include "replication/values/text_functions.h"

#include <unicode/uchar.h>
#include <unicode/utf8.h>

#include <algorithm>

namespace cacheindex::replication {
namespace {

bool IsContinuation(char byte) { return (static_cast<unsigned char>(byte) & 0xC0U) == 0x80U; }

// The byte behind the character at `at`.
std::size_t Next(std::string_view text, std::size_t at) {
  ++at;
  while (at < text.size() && IsContinuation(text[at])) {
    ++at;
  }
  return at;
}

std::string Map(std::string_view text, UChar32 (*map)(UChar32)) {
  std::string mapped;
  mapped.reserve(text.size());
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = Next(text, at);
    UChar32 character = 0;
    std::size_t read = at;
    U8_NEXT_UNSAFE(text.data(), read, character);
    std::uint8_t bytes[U8_MAX_LENGTH];
    std::size_t size = 0;
    U8_APPEND_UNSAFE(bytes, size, static_cast<std::uint32_t>(map(character)));
    mapped.append(reinterpret_cast<const char*>(bytes), size);
    at = end;
  }
  return mapped;
}

}  // namespace

std::string Lower(std::string_view text) { return Map(text, u_tolower); }
std::string Upper(std::string_view text) { return Map(text, u_toupper); }

std::string_view Trim(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(' ');
  return begin == std::string_view::npos
             ? std::string_view()
             : text.substr(begin, text.find_last_not_of(' ') + 1 - begin);
}

std::int64_t LengthOf(std::string_view text) {
  return std::count_if(text.begin(), text.end(), [](char byte) { return !IsContinuation(byte); });
}

std::string Replace(std::string_view text, std::string_view from, std::string_view to) {
  std::string replaced;
  std::size_t at = 0;
  while (!from.empty()) {
    const std::size_t found = text.find(from, at);
    if (found == std::string_view::npos) {
      break;
    }
    replaced += text.substr(at, found - at);
    replaced += to;
    at = found + from.size();
  }
  replaced += text.substr(at);
  return replaced;
}

std::string_view Substring(std::string_view text, std::int64_t from,
                           std::optional<std::int64_t> count) {
  std::int64_t end = INT64_MAX;
  if (count && (*count < 0 || __builtin_add_overflow(from, *count, &end))) {
    end = *count < 0 ? from : INT64_MAX;
  }
  std::size_t at = 0;
  for (std::int64_t place = 1; place < from && at < text.size(); ++place) {
    at = Next(text, at);
  }
  std::size_t behind = at;
  for (std::int64_t place = std::max<std::int64_t>(from, 1); place < end && behind < text.size();
       ++place) {
    behind = Next(text, behind);
  }
  return text.substr(at, behind - at);
}

std::vector<std::string_view> Split(std::string_view text, std::string_view separator) {
  std::vector<std::string_view> pieces;
  if (text.empty()) {
    return pieces;
  }
  while (!separator.empty()) {
    const std::size_t found = text.find(separator);
    if (found == std::string_view::npos) {
      break;
    }
    pieces.push_back(text.substr(0, found));
    text.remove_prefix(found + separator.size());
  }
  pieces.push_back(text);
  return pieces;
}

bool IsLike(std::string_view text, std::string_view pattern) {
  std::size_t at = 0;
  std::size_t rule = 0;
  // Where to go on with one character more for the last %.
  std::optional<std::size_t> rule_behind_any;
  std::size_t text_behind_any = 0;
  while (at < text.size() || rule < pattern.size()) {
    if (rule < pattern.size() && pattern[rule] == '%') {
      rule_behind_any = ++rule;
      text_behind_any = at;
      continue;
    }
    if (rule < pattern.size() && at < text.size()) {
      const std::size_t end = Next(text, at);
      if (pattern[rule] == '_') {
        ++rule;
        at = end;
        continue;
      }
      const std::size_t literal =
          pattern[rule] == '\\' && rule + 1 < pattern.size() ? rule + 1 : rule;
      const std::size_t literal_end = Next(pattern, literal);
      if (pattern.substr(literal, literal_end - literal) == text.substr(at, end - at)) {
        rule = literal_end;
        at = end;
        continue;
      }
    }
    if (!rule_behind_any || text_behind_any >= text.size()) {
      return false;
    }
    text_behind_any = Next(text, text_behind_any);
    at = text_behind_any;
    rule = *rule_behind_any;
  }
  return true;
}

}  // namespace cacheindex::replication
