#include "node/core/json_members.h"

#include <algorithm>
#include <cstddef>

namespace cacheindex {
namespace {

// Returns the position behind the string whose first quotation mark is at `at`.
std::size_t EndOfString(std::string_view text, std::size_t at) {
  for (++at; at < text.size(); ++at) {
    at = text.find('"', at);
    if (at == std::string_view::npos) {
      return text.size();
    }
    std::size_t backslashes = 0;
    while (text[at - 1 - backslashes] == '\\') {
      ++backslashes;
    }
    if (backslashes % 2 == 0) {
      return at + 1;
    }
  }
  return text.size();
}

// Returns the position behind the value that begins at `at`.
std::size_t EndOfValue(std::string_view text, std::size_t at) {
  std::size_t depth = 0;
  while (at < text.size()) {
    switch (text[at]) {
      case '"':
        at = EndOfString(text, at);
        break;
      case '{':
      case '[':
        ++depth;
        ++at;
        break;
      case '}':
      case ']':
        if (depth == 0) {
          return at;
        }
        --depth;
        ++at;
        break;
      case ',':
        if (depth == 0) {
          return at;
        }
        ++at;
        break;
      default:
        ++at;
    }
  }
  return at;
}

void Append(std::string& text, std::string_view quoted_name, std::string_view value) {
  text += text.empty() ? '{' : ',';
  text += quoted_name;
  text += ':';
  text += value;
}

// With its quotation marks.
std::string_view Quoted(const JsonMember& member) {
  return {member.name.data() - 1, member.name.size() + 2};
}

}  // namespace

bool SplitMembers(std::string_view text, std::vector<JsonMember>& members) {
  members.clear();
  if (text.size() < 2 || text.front() != '{' || text.back() != '}') {
    return false;
  }
  std::size_t at = 1;
  while (at < text.size() && text[at] == '"') {
    const std::size_t name_end = EndOfString(text, at);
    const std::size_t value_begin = name_end + 1;
    const std::size_t value_end = EndOfValue(text, value_begin);
    if (value_end >= text.size()) {
      return false;
    }
    members.push_back({.name = text.substr(at + 1, name_end - at - 2),
                       .value = text.substr(value_begin, value_end - value_begin)});
    at = value_end + 1;
  }
  return at == text.size() || (members.empty() && text.size() == 2);
}

bool HasPlainNames(const std::vector<JsonMember>& members) {
  return std::none_of(members.begin(), members.end(), [](const JsonMember& member) {
    return member.name.find('\\') != std::string_view::npos;
  });
}

std::string ReplaceMembers(const std::vector<JsonMember>& members,
                           const std::vector<std::string>& names, const Json& replacement) {
  std::string text;
  auto added = replacement.begin();
  const auto add = [&] {
    Append(text, DumpJson(Json(added.key())), DumpJson(added.value()));
    ++added;
  };
  for (const JsonMember& member : members) {
    while (added != replacement.end() && added.key() <= member.name) {
      add();
    }
    if (!std::binary_search(names.begin(), names.end(), member.name)) {
      Append(text, Quoted(member), member.value);
    }
  }
  while (added != replacement.end()) {
    add();
  }
  text += text.empty() ? "{}" : "}";
  return text;
}

}  // namespace cacheindex
