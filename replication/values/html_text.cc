#include "replication/values/html_text.h"

#include <libxml/HTMLparser.h>

#include <algorithm>
#include <array>
#include <climits>
#include <memory>

namespace cacheindex::replication {
namespace {

/// Bytes that libxml2 is given at once.
constexpr std::size_t kPieceBytesMax = std::size_t{1} << 20;

// Elements that stand in a line: all others part words.
constexpr std::array<std::string_view, 24> kInline = {
    "a",   "abbr", "b", "bdi", "bdo",  "big",   "cite", "code",   "dfn", "em",  "font", "i",
    "kbd", "mark", "q", "s",   "samp", "small", "span", "strong", "sub", "sup", "u",    "var"};
constexpr std::array<std::string_view, 4> kUnseen = {"script", "style", "template", "title"};

std::string_view View(const xmlChar* text) { return reinterpret_cast<const char*>(text); }

template <std::size_t Size>
bool Contains(const std::array<std::string_view, Size>& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

bool IsBlank(char byte) {
  return byte == ' ' || byte == '\n' || byte == '\r' || byte == '\t' || byte == '\f';
}

// What the parser tells, put together as text.
struct Reader {
  std::string text;
  bool is_space_due = false;
  int unseen = 0;

  void Add(std::string_view piece) {
    if (unseen > 0) {
      return;
    }
    constexpr std::string_view kNoBreakSpace = "\xC2\xA0";
    while (!piece.empty()) {
      if (IsBlank(piece.front()) || piece.starts_with(kNoBreakSpace)) {
        is_space_due = true;
        piece.remove_prefix(IsBlank(piece.front()) ? 1 : kNoBreakSpace.size());
        continue;
      }
      text += is_space_due && !text.empty() ? " " : "";
      is_space_due = false;
      text += piece.front();
      piece.remove_prefix(1);
    }
  }

  void Begin(std::string_view name) {
    unseen += Contains(kUnseen, name) ? 1 : 0;
    is_space_due = is_space_due || !Contains(kInline, name);
  }
  void End(std::string_view name) {
    unseen -= unseen > 0 && Contains(kUnseen, name) ? 1 : 0;
    is_space_due = is_space_due || !Contains(kInline, name);
  }
};

htmlSAXHandler Handler() {
  htmlSAXHandler handler{};
  handler.startElement = [](void* reader, const xmlChar* name, const xmlChar**) {
    static_cast<Reader*>(reader)->Begin(View(name));
  };
  handler.endElement = [](void* reader, const xmlChar* name) {
    static_cast<Reader*>(reader)->End(View(name));
  };
  handler.characters = [](void* reader, const xmlChar* text, int size) {
    static_cast<Reader*>(reader)->Add(View(text).substr(0, static_cast<std::size_t>(size)));
  };
  handler.ignorableWhitespace = handler.characters;
  handler.cdataBlock = [](void* reader, const xmlChar* text, int size) {
    static_cast<Reader*>(reader)->Add(View(text).substr(0, static_cast<std::size_t>(size)));
  };
  return handler;
}

}  // namespace

std::string HtmlText(std::string_view html) {
  static const bool is_ready = [] {
    xmlInitParser();
    return true;
  }();
  htmlSAXHandler handler = Handler();
  Reader reader;
  const std::unique_ptr<htmlParserCtxt, decltype(&htmlFreeParserCtxt)> parser(
      is_ready
          ? htmlCreatePushParserCtxt(&handler, &reader, nullptr, 0, nullptr, XML_CHAR_ENCODING_UTF8)
          : nullptr,
      &htmlFreeParserCtxt);
  htmlCtxtUseOptions(parser.get(), HTML_PARSE_NOERROR | HTML_PARSE_NOWARNING | HTML_PARSE_NONET |
                                       HTML_PARSE_RECOVER);
  while (!html.empty()) {
    const std::string_view piece = html.substr(0, kPieceBytesMax);
    html.remove_prefix(piece.size());
    htmlParseChunk(parser.get(), piece.data(), static_cast<int>(piece.size()), 0);
  }
  htmlParseChunk(parser.get(), nullptr, 0, 1);
  return std::move(reader.text);
}

}  // namespace cacheindex::replication
