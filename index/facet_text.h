#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "index/schema.h"

namespace cacheindex::index {

/// Returns a number or boolean of a column as facets show it: floats as the shortest text that
/// means the same number.
std::string FacetText(FieldType type, std::int64_t column_value);

/// Whether the words of `value` include all of `query_words`, the last of which may go on.
bool MatchesFacetQuery(std::string_view value, std::span<const std::string> query_words);

/// Returns `value` with the words of the query, and of a word that goes on the part that was asked
/// for, between the tags.
std::string HighlightFacet(std::string_view value, std::span<const std::string> query_words,
                           std::string_view start_tag, std::string_view end_tag);

}  // namespace cacheindex::index
