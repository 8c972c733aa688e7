#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace cacheindex {

/// Names longer than this are near to nothing, which bounds the work.
inline constexpr std::size_t kNearNameBytesMax = 64;

/// Returns which of `names` was probably meant by `name`, which is none of them: the one with the
/// fewest letters too few, too many, wrong or swapped, at most a third of them; else the shortest
/// that has it as a part. Case does not matter. Empty when nothing is near.
/// Cost: the product of both lengths for each name.
std::string NearestName(std::string_view name, const std::vector<std::string>& names);

/// Returns what a message about the unknown `name` ends with: `; did you mean "brand"?`, or
/// nothing.
std::string DidYouMean(std::string_view name, const std::vector<std::string>& names,
                       char quote = '"');

}  // namespace cacheindex
