#include "index/text_terms.h"

#include <algorithm>
#include <span>

#include "index/field_values.h"
#include "index/text_index.h"

namespace cacheindex::index {

const std::vector<std::string>& TextTerms::Of(const Schema& schema, const Json& document) {
  terms_.clear();
  ForEachField(schema, document, [this](const Field& field, std::span<const Json* const> values) {
    if (field.storage.words == cache::ColumnNumber{}) {
      return;
    }
    for (const Json* value : values) {
      if (!value->is_string()) {
        continue;
      }
      Tokenizer::OfThread().Tokenize(value->get_ref<const std::string&>(), tokens_);
      for (const Token& token : tokens_) {
        terms_.push_back(TextTerm(field.storage.number, token.word));
      }
    }
  });
  std::sort(terms_.begin(), terms_.end());
  terms_.erase(std::unique(terms_.begin(), terms_.end()), terms_.end());
  return terms_;
}

}  // namespace cacheindex::index
