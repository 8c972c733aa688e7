#include "index/documents/document_words.h"

#include <span>

#include "index/schema/field_values.h"

namespace cacheindex::index {

void DocumentSplitter::Split(const Schema& schema, const Json& document, DocumentWords& words) {
  words.Clear();
  ForEachField(schema, document, [&](const Field& field, std::span<const Json* const> values) {
    if (field.storage.words == cache::ColumnNumber{}) {
      return;
    }
    words.BeginField(field.storage.number);
    field_words_.ForEach(field, values, [&](const std::string* word) {
      if (word == nullptr) {
        words.EndElement();
      } else {
        words.AddWord(*word);
      }
      return true;
    });
  });
}

}  // namespace cacheindex::index
