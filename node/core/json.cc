#include "node/core/json.h"

#include <algorithm>
#include <optional>
#include <utility>

namespace cacheindex {
namespace {

// Elements and members of one value. Short ones become sixteen times as many bytes in a tree as
// they have in the text, so the text's size alone does not bound the memory.
constexpr std::size_t kJsonValuesMax = 5'000'000;

// A scan of brackets and commas, so that what is too deep or has too many values is refused before
// a tree is built from it. Returns why, if it is.
std::optional<std::string> TooMuch(std::string_view text) {
  std::size_t depth = 0;
  std::size_t values = 1;
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
      ++values;
      if (++depth > kJsonDepthMax) {
        return "nested deeper than " + std::to_string(kJsonDepthMax) + " levels";
      }
    } else if (byte == ',') {
      if (++values > kJsonValuesMax) {
        return "more than " + std::to_string(kJsonValuesMax) + " values";
      }
    } else if (byte == '}' || byte == ']') {
      depth -= depth > 0 ? 1 : 0;
    }
  }
  return std::nullopt;
}

bool IsDeeperThan(const Json& value, std::size_t depth) {
  if (!value.is_structured()) {
    return false;
  }
  return depth == 0 || std::any_of(value.begin(), value.end(), [&](const Json& member) {
           return IsDeeperThan(member, depth - 1);
         });
}

// The parser's own text starts with "[json.exception.parse_error.101] "; people do not need that.
std::string Readable(std::string_view what) {
  const auto end = what.find("] ");
  return std::string(end == std::string_view::npos ? what : what.substr(end + 2));
}

}  // namespace

Result<Json> ParseJson(std::string_view text) {
  if (auto reason = TooMuch(text)) {
    return Error(ErrorCode::kInvalidArgument, *std::move(reason));
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

bool IsTooDeep(const Json& value) { return IsDeeperThan(value, kJsonDepthMax); }

std::string DumpJson(const Json& value) { return value.dump(); }

}  // namespace cacheindex
