#include "index/text/text_terms.h"

#include <algorithm>
#include <span>
#include <tuple>
#include <utility>

#include "index/schema/field_values.h"
#include "index/text/word_impact.h"

namespace cacheindex::index {

const std::vector<WeighedTerm>& TextTerms::Of(const Schema& schema, const Json& document) {
  occurrences_.clear();
  element_sizes_.clear();
  ForEachField(schema, document, [this](const Field& field, std::span<const Json* const> values) {
    if (field.storage.words == cache::ColumnNumber{}) {
      return;
    }
    field_number_ = field.storage.number;
    words_.ForEach(field, values, [this](const std::string* word) {
      if (word == nullptr) {
        AddElement();
      } else {
        element_words_.push_back(*word);
      }
      return true;
    });
    AddElement();
  });
  Weigh();
  return terms_;
}

void TextTerms::AddElement() {
  const auto element = static_cast<std::uint32_t>(element_sizes_.size());
  const std::size_t size = element_words_.size();
  for (std::size_t i = 0; i < size; ++i) {
    occurrences_.push_back({.term = TextTerm(field_number_, element_words_[i]),
                            .element = element,
                            .is_head = i + 1 == size || IsNumber(element_words_[i + 1])});
  }
  element_sizes_.push_back(static_cast<std::uint32_t>(size));
  element_words_.clear();
}

void TextTerms::Weigh() {
  std::sort(occurrences_.begin(), occurrences_.end(),
            [](const Occurrence& left, const Occurrence& right) {
              return std::tie(left.term, left.element) < std::tie(right.term, right.element);
            });
  terms_.clear();
  for (std::size_t begin = 0; begin < occurrences_.size();) {
    std::size_t end = begin;
    bool is_head = false;
    while (end < occurrences_.size() && occurrences_[end].element == occurrences_[begin].element &&
           occurrences_[end].term == occurrences_[begin].term) {
      is_head = is_head || occurrences_[end].is_head;
      ++end;
    }
    const std::uint32_t impact = WordImpact(static_cast<std::uint32_t>(end - begin),
                                            element_sizes_[occurrences_[begin].element], is_head);
    if (!terms_.empty() && terms_.back().term == occurrences_[begin].term) {
      terms_.back().impact = std::max(terms_.back().impact, impact);
    } else {
      terms_.push_back({std::move(occurrences_[begin].term), impact});
    }
    begin = end;
  }
}

}  // namespace cacheindex::index
