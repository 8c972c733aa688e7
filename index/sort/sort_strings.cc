#include "index/sort/sort_strings.h"

#include <cstdint>
#include <string_view>
#include <utility>

#include "index/columns/filter_ranges.h"
#include "index/columns/value_dictionary.h"
#include "index/expressions/filter_text.h"
#include "index/schema/field_values.h"
#include "index/words/tokenizer.h"

namespace cacheindex::index {

const std::string& SortStrings::Of(DocumentNumber number) {
  const auto [place, is_new] = known_.try_emplace(number);
  if (is_new && !failure_) {
    auto text = context_->IsExpired() ? Result<std::string>(DeadlinePassed()) : Read(number);
    if (text) {
      place->second = NormalForm(*text);
    } else {
      failure_ = std::move(text).error();
    }
  }
  return place->second;
}

Result<std::string> SortStrings::Read(DocumentNumber number) const {
  if (key_->ordinals == cache::ColumnNumber{}) {
    return ReadDocument(number);
  }
  const auto pages = context_->Pages(key_->ordinals);
  if (!pages) {
    return pages.error();
  }
  const cache::ColumnPage* page = (*pages)->Find(number / cache::kWidePageDocuments);
  const cache::ColumnValues values =
      page == nullptr ? cache::ColumnValues() : page->Find(number % cache::kWidePageDocuments);
  if (values.size() == 0) {
    return Error(ErrorCode::kCorruption, "document number " + std::to_string(number) +
                                             " has a sort key but no value in field " +
                                             Excerpt(key_->field));
  }
  return ValueDictionary(context_->view(), key_->ordinals)
      .Value(static_cast<std::uint32_t>(values[0]));
}

Result<std::string> SortStrings::ReadDocument(DocumentNumber number) const {
  const auto document = context_->ParseDocument(number);
  if (!document) {
    return document.error();
  }
  std::string text;
  ForEachField(context_->schema(), *document,
               [&](const Field& field, std::span<const Json* const> values) {
                 if (field.definition.name == key_->field && values.front()->is_string()) {
                   text = values.front()->get<std::string>();
                 }
               });
  return text;
}

}  // namespace cacheindex::index
