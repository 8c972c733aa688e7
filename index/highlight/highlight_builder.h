#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "node/core/highlight.h"
#include "node/core/json.h"

namespace cacheindex::index {

/// Bytes that the texts in which nothing matched take in the highlights of one hit, at most. What
/// comes after them is left out, and a page shows the document's own.
inline constexpr std::size_t kUnmarkedBytesMax = std::size_t{256} << 10;

/// What matched in one document.
struct MarkedDocument {
  /// Fields may lie in objects; else only members of the document are fields, whatever their names.
  bool has_nested_fields = false;
  /// The fields in which something matched, by name.
  struct MarkedField {
    /// Whole values are shown besides the snippets.
    bool is_full = false;
  };
  std::map<std::string_view, MarkedField> fields;
  /// The marked texts, by where they lie in the document.
  std::unordered_map<const Json*, HighlightFragment> texts;
};

/// Returns the part of `document` that the fields in `marked` are, in its own shape: of objects in
/// arrays one for each, of arrays each element (an empty text for a null). Uses up the texts.
HighlightTree BuildHighlights(const Json& document, MarkedDocument& marked);

}  // namespace cacheindex::index
