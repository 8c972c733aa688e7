#pragma once

#include <string_view>

namespace cacheindex::index {

/// Returns the language whose stemmer serves `locale` (empty: English; a region is ignored), empty
/// when there is none. The names are those of Xapian's stemmers.
std::string_view StemmingLanguage(std::string_view locale);

}  // namespace cacheindex::index
