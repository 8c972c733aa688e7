#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace cacheindex {

/// One text of a hit, with the query's words marked.
struct HighlightFragment {
  std::string snippet;
  /// The whole marked-up text, for fields of `highlight_full_fields`.
  std::optional<std::string> value;
  /// The words as they stand in the text; none where nothing matched.
  std::vector<std::string> matched_tokens;
};

/// What a hit shows of its document, in the document's own shape, because pages read it by name and
/// place: in an array all elements are there, also those in which nothing matched.
struct HighlightTree {
  enum class Kind { kObject, kArray, kText };
  Kind kind = Kind::kObject;
  /// Of a kText.
  HighlightFragment text;
  struct Part;
  /// Members of a kObject by name, elements of a kArray by place. A place that is left out shows
  /// nothing.
  std::vector<Part> parts;
};

struct HighlightTree::Part {
  /// Of a member: the key as the document spells it, dots included.
  std::string name;
  /// Of an element, nulls counted.
  std::uint32_t place = 0;
  HighlightTree tree;
};

/// What one hit shows of the query's words: only fields in which something matched.
struct Highlights {
  /// Of the document: a kObject, without parts when nothing matched.
  HighlightTree tree;
  /// Members of the document that are a text or an array of texts in which something matched, in
  /// the order of the request.
  std::vector<std::string> members;
};

/// Returns the bytes of memory that `highlights` take.
std::size_t BytesOf(const Highlights& highlights);

}  // namespace cacheindex
