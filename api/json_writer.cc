#include "api/json_writer.h"

#include <array>
#include <charconv>
#include <cmath>
#include <cstddef>

#include "api/parameters.h"
#include "node/core/utf8.h"

namespace cacheindex::api {
namespace {

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";

// Neither needs an escape nor starts a sequence of bytes that must be checked.
constexpr std::array<bool, 256> kIsPlain = [] {
  std::array<bool, 256> plain{};
  for (std::size_t code = 0x20; code < 0x80; ++code) {
    plain[code] = code != '"' && code != '\\';
  }
  return plain;
}();

void AppendEscaped(std::string& output, char byte) {
  switch (byte) {
    case '"':
      output += "\\\"";
      break;
    case '\\':
      output += "\\\\";
      break;
    case '\b':
      output += "\\b";
      break;
    case '\f':
      output += "\\f";
      break;
    case '\n':
      output += "\\n";
      break;
    case '\r':
      output += "\\r";
      break;
    case '\t':
      output += "\\t";
      break;
    default:
      output += "\\u00";
      output += "0123456789abcdef"[static_cast<unsigned char>(byte) >> 4];
      output += "0123456789abcdef"[static_cast<unsigned char>(byte) & 15];
  }
}

// Bytes of the valid sequence of several bytes at the start of `text`, or 0.
std::size_t SequenceBytes(std::string_view text) {
  for (std::size_t bytes = 2; bytes <= 4 && bytes <= text.size(); ++bytes) {
    if (IsUtf8(text.substr(0, bytes))) {
      return bytes;
    }
  }
  return 0;
}

}  // namespace

void AppendJsonString(std::string& output, std::string_view text) {
  output += '"';
  std::size_t plain_start = 0;
  for (std::size_t i = 0; i < text.size();) {
    const auto code = static_cast<unsigned char>(text[i]);
    if (kIsPlain[code]) {
      ++i;
      continue;
    }
    const std::size_t sequence = code >= 0x80 ? SequenceBytes(text.substr(i)) : 0;
    if (sequence > 0) {
      i += sequence;
      continue;
    }
    output.append(text.substr(plain_start, i - plain_start));
    if (code >= 0x80) {
      output += kReplacement;
    } else {
      AppendEscaped(output, text[i]);
    }
    plain_start = ++i;
  }
  output.append(text.substr(plain_start));
  output += '"';
}

void AppendJsonNumber(std::string& output, double number) {
  if (!std::isfinite(number)) {
    output += "null";
    return;
  }
  std::array<char, 32> digits{};
  const auto result = std::to_chars(digits.data(), digits.data() + digits.size(), number);
  const std::string_view text(digits.data(), static_cast<std::size_t>(result.ptr - digits.data()));
  output += text;
  if (text.find_first_of(".e") == std::string_view::npos) {
    output += ".0";
  }
}

}  // namespace cacheindex::api
