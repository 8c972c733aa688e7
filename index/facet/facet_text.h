#pragma once

#include <cstdint>
#include <string>

#include "index/schema/schema.h"

namespace cacheindex::index {

/// Returns a number or boolean of a column as facets show it: floats as the shortest text that
/// means the same number.
std::string FacetText(FieldType type, std::int64_t column_value);

}  // namespace cacheindex::index
