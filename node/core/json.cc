#include "node/core/json.h"

#include <algorithm>

namespace cacheindex {
namespace {

// A scan of the brackets, so that a deep value is refused before a tree is built from it.
bool IsTooDeep(std::string_view text) {
  std::size_t depth = 0;
  bool in_string = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char byte = text[i];
    if (in_string) {
      if (byte == '\\') {
        ++i;
      } else if (byte == '"') {
        in_string = false;
      }
    } else if (byte == '"') {
      in_string = true;
    } else if (byte == '{' || byte == '[') {
      if (++depth > kJsonDepthMax) {
        return true;
      }
    } else if (byte == '}' || byte == ']') {
      depth -= depth > 0 ? 1 : 0;
    }
  }
  return false;
}

// The parser's own text starts with "[json.exception.parse_error.101] "; people do not need that.
std::string Readable(std::string_view what) {
  const auto end = what.find("] ");
  return std::string(end == std::string_view::npos ? what : what.substr(end + 2));
}

}  // namespace

Result<Json> ParseJson(std::string_view text) {
  if (IsTooDeep(text)) {
    return Error(ErrorCode::kInvalidArgument,
                 "nested deeper than " + std::to_string(kJsonDepthMax) + " levels");
  }
  // The parser takes a zero byte for the end of its input and would ignore what follows.
  if (const auto zero = text.find('\0'); zero != std::string_view::npos) {
    return Error(ErrorCode::kInvalidArgument, "zero byte at byte " + std::to_string(zero + 1));
  }
  try {
    return Json::parse(text);
  } catch (const Json::exception& failure) {
    return Error(ErrorCode::kInvalidArgument, Readable(failure.what()));
  }
}

std::string DumpJson(const Json& value) { return value.dump(); }

}  // namespace cacheindex
