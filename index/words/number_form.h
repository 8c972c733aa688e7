#pragma once

#include <string>
#include <string_view>

namespace cacheindex::index {

/// Returns the number that `word`, digits with points and commas between them, is for everybody:
/// without what parts groups of thousands (also of lakhs: 1,00,000), with a decimal point. Lists
/// and versions (1,2,3 and 1.2.3) are returned as they are.
std::string NumberForm(std::string_view word);

}  // namespace cacheindex::index
