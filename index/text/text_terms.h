#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "index/schema/schema.h"
#include "index/text/field_words.h"
#include "index/text/text_index.h"
#include "node/core/json.h"

namespace cacheindex::index {

/// Finds what the text index holds of a document.
///
/// Threads: one instance per thread, whose memory is reused.
class TextTerms {
 public:
  /// Returns the distinct terms of `document`, sorted. Valid until the next call.
  const std::vector<WeighedTerm>& Of(const Schema& schema, const Json& document);

 private:
  /// A word where it stands.
  struct Occurrence {
    std::string term;
    /// Of all fields, one after another.
    std::uint32_t element = 0;
    bool is_head = false;
  };

  void AddElement();
  void Weigh();

  std::uint32_t field_number_ = 0;
  std::vector<std::string> element_words_;
  /// Words of each element.
  std::vector<std::uint32_t> element_sizes_;
  std::vector<Occurrence> occurrences_;
  std::vector<WeighedTerm> terms_;
  FieldWords words_;
};

}  // namespace cacheindex::index
