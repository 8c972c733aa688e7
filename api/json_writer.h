#pragma once

#include <string>
#include <string_view>

namespace cacheindex::api {

/// Appends `text` as a JSON string. Bytes that are not UTF-8 become U+FFFD, so that the output is
/// valid JSON whatever comes in.
void AppendJsonString(std::string& output, std::string_view text);

/// Appends the shortest spelling that reads back as the same number; null for NaN and infinities.
void AppendJsonNumber(std::string& output, double number);

}  // namespace cacheindex::api
