#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "index/documents/document_words.h"
#include "index/text/text_index.h"

namespace cacheindex::index {

/// Finds what the text index holds of a document.
///
/// Threads: one instance per thread, whose memory is reused.
class TextTerms {
 public:
  /// Returns the distinct terms of a document with these words, sorted within each field. Valid
  /// until the next call.
  const std::vector<WeighedTerm>& Of(const DocumentWords& words);

 private:
  class Collector;

  /// A word where it stands in its field.
  struct Occurrence {
    std::string_view word;
    std::uint32_t element = 0;
    bool is_head = false;
  };

  void EndElement();
  void EndField(std::uint32_t field_number);

  // Of one field.
  std::vector<std::string_view> element_words_;
  /// Words of each element.
  std::vector<std::uint32_t> element_sizes_;
  std::vector<Occurrence> occurrences_;

  std::vector<WeighedTerm> terms_;
};

}  // namespace cacheindex::index
