#include "index/text/text_terms.h"

#include <algorithm>
#include <cstddef>
#include <optional>
#include <tuple>

#include "index/words/word_impact.h"

namespace cacheindex::index {

class TextTerms::Collector {
 public:
  explicit Collector(TextTerms& terms) : terms_(&terms) {}

  void OnField(std::uint32_t number) {
    End();
    field_ = number;
  }
  void OnWord(std::string_view word) { terms_->element_words_.push_back(word); }
  void OnElementEnd() { terms_->EndElement(); }

  void End() {
    if (field_) {
      terms_->EndElement();
      terms_->EndField(*field_);
    }
  }

 private:
  TextTerms* terms_;
  std::optional<std::uint32_t> field_;
};

const std::vector<WeighedTerm>& TextTerms::Of(const DocumentWords& words) {
  terms_.clear();
  Collector collector(*this);
  words.ForEach(collector);
  collector.End();
  return terms_;
}

void TextTerms::EndElement() {
  const auto element = static_cast<std::uint32_t>(element_sizes_.size());
  const std::size_t size = element_words_.size();
  for (std::size_t i = 0; i < size; ++i) {
    occurrences_.push_back({.word = element_words_[i],
                            .element = element,
                            .is_head = i + 1 == size || IsNumber(element_words_[i + 1])});
  }
  element_sizes_.push_back(static_cast<std::uint32_t>(size));
  element_words_.clear();
}

void TextTerms::EndField(std::uint32_t field_number) {
  std::sort(occurrences_.begin(), occurrences_.end(),
            [](const Occurrence& left, const Occurrence& right) {
              return std::tie(left.word, left.element) < std::tie(right.word, right.element);
            });
  std::string_view last;
  for (std::size_t begin = 0; begin < occurrences_.size();) {
    const Occurrence& first = occurrences_[begin];
    std::size_t end = begin;
    bool is_head = false;
    while (end < occurrences_.size() && occurrences_[end].element == first.element &&
           occurrences_[end].word == first.word) {
      is_head = is_head || occurrences_[end].is_head;
      ++end;
    }
    const std::uint32_t impact =
        WordImpact(static_cast<std::uint32_t>(end - begin), element_sizes_[first.element], is_head);
    if (first.word == last) {
      terms_.back().impact = std::max(terms_.back().impact, impact);
    } else {
      terms_.push_back({TextTerm(field_number, first.word), impact});
    }
    last = first.word;
    begin = end;
  }
  occurrences_.clear();
  element_sizes_.clear();
}

}  // namespace cacheindex::index
