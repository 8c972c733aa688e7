#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace cacheindex::index {

/// Returns `text` as it may stand in a message: between back-quotes, at most 80 bytes of it, and
/// valid UTF-8 whatever came in, because messages become JSON.
std::string Excerpt(std::string_view text);

/// Returns `text` without the white space around it.
std::string_view Trim(std::string_view text);

/// Returns the parts of `text` between commas that stand in no parentheses, no brackets and no
/// back-quotes, each without the white space around it.
std::vector<std::string_view> SplitList(std::string_view text);

}  // namespace cacheindex::index
