#pragma once

#include <cstddef>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "node/core/result.h"

namespace cacheindex {

/// The language of documents, requests and answers. Objects keep their keys sorted by bytes.
using Json = nlohmann::json;

/// Objects and arrays inside each other, at most. Printing and comparing recurse, so this bounds
/// the stack.
inline constexpr std::size_t kJsonDepthMax = 64;

/// Returns the value that `text` spells. Numbers that a tree does not hold exactly are kept as they
/// were written (long_number.h).
///
/// Errors: kInvalidArgument when `text` is not one JSON value in valid UTF-8, or is nested deeper
/// than kJsonDepthMax; the message says what was wrong and at which byte.
Result<Json> ParseJson(std::string_view text);

/// Returns whether `value` is nested deeper than kJsonDepthMax, so that ParseJson would refuse it.
bool IsTooDeep(const Json& value);

/// Returns `value` as the bytes this project stores and serves: compact, keys sorted, UTF-8
/// unescaped.
///
/// Strings are valid UTF-8, which ParseJson guarantees; what is none becomes U+FFFD, as in a
/// message that names damaged bytes.
std::string DumpJson(const Json& value);

}  // namespace cacheindex
