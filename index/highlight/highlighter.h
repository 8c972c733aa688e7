#pragma once

#include <cstddef>
#include <vector>

#include "index/match/text_matcher.h"
#include "index/match/text_query.h"
#include "index/schema/schema.h"
#include "node/core/highlight.h"
#include "node/core/json.h"
#include "node/core/search.h"

namespace cacheindex::index {

/// Bytes of one value that are looked at; what comes after them is shown without marks.
inline constexpr std::size_t kHighlightBytesMax = 65'536;

/// Words before and after a match in a snippet, at most, whatever a request asks for.
inline constexpr std::uint32_t kHighlightAffixWordsMax = 100;

/// Whether the request wants anything marked.
bool IsHighlighted(const SearchRequest& request);

/// Marks the query's words in the string fields of one hit, as `request` asks: the tags, the fields
/// (those of `query_by` unless it names others; an object means its children), whole values in
/// `highlight_full_fields`, and snippets around the best match of longer ones. Only fields in which
/// something matched appear, but all of their values: those in which nothing matched as they are,
/// as far as kUnmarkedBytesMax (highlight_builder.h) goes.
///
/// Of a longer word that starts with the query's last one, only that start is marked. Outside the
/// tags, text is exactly as stored. Characters are never cut.
Highlights Highlight(const Json& document, const Schema& schema, const TextQuery& query,
                     const std::vector<TextField>& fields, const SearchRequest& request);

}  // namespace cacheindex::index
