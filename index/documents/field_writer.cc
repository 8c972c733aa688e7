#include "index/documents/field_writer.h"

#include <array>
#include <string>
#include <utility>

#include "index/columns/word_dictionary.h"
#include "index/encoding/column_value.h"
#include "index/schema/field_values.h"
#include "index/words/tokenizer.h"
#include "index/words/whole_form.h"

namespace cacheindex::index {

using cache::ColumnNumber;

void FieldWriter::Clear(cache::WriteTransaction& transaction, const Field& field,
                        DocumentNumber number) {
  for (const ColumnNumber column :
       {field.storage.values, field.storage.words, field.storage.sort_key}) {
    if (column != ColumnNumber{}) {
      transaction.SetColumn(column, number, {});
    }
  }
}

Result<void> FieldWriter::Write(cache::WriteTransaction& transaction, const Schema& schema,
                                const Field& field, DocumentNumber number,
                                std::span<const Json* const> values, DocumentWords* words) {
  if (!IsText(field)) {
    WriteNumbers(transaction, field, number, values);
    return {};
  }
  if (auto written = WriteWords(transaction, schema, field, number, values, words); !written) {
    return written;
  }
  if (field.storage.values != ColumnNumber{}) {
    if (auto written = WriteWholeValues(transaction, field, number, values); !written) {
      return written;
    }
  }
  if (field.storage.sort_key != ColumnNumber{} && !values.empty() && values[0]->is_string()) {
    const std::array key{EncodeSortKey(NormalForm(values[0]->get_ref<const std::string&>()))};
    transaction.SetColumn(field.storage.sort_key, number, key);
  }
  return {};
}

void FieldWriter::WriteNumbers(cache::WriteTransaction& transaction, const Field& field,
                               DocumentNumber number, std::span<const Json* const> values) {
  encoded_.clear();
  for (const Json* value : values) {
    AppendEncoded(field.definition.type, *value, encoded_);
  }
  transaction.SetColumn(field.storage.values, number, encoded_);
}

Result<void> FieldWriter::WriteWords(cache::WriteTransaction& transaction, const Schema& schema,
                                     const Field& field, DocumentNumber number,
                                     std::span<const Json* const> values, DocumentWords* words) {
  encoded_.clear();
  if (words != nullptr) {
    words->BeginField(field.storage.number);
  }
  Result<void> added;
  field_words_.ForEach(field, values, [&](const std::string* text) {
    if (text == nullptr) {
      encoded_.push_back(kWordSeparator);
      if (words != nullptr) {
        words->EndElement();
      }
      return true;
    }
    auto word = numbers_->Word(transaction, schema.words_column, *text);
    if (!word) {
      added = std::move(word).error();
      return false;
    }
    encoded_.push_back(*word);
    if (words != nullptr) {
      words->AddWord(*text);
    }
    return true;
  });
  transaction.SetColumn(field.storage.words, number, encoded_);
  return added;
}

Result<void> FieldWriter::WriteWholeValues(cache::WriteTransaction& transaction, const Field& field,
                                           DocumentNumber number,
                                           std::span<const Json* const> values) {
  encoded_.clear();
  for (const Json* value : values) {
    if (!value->is_string()) {
      continue;
    }
    const auto& text = value->get_ref<const std::string&>();
    if (!field.definition.facet) {
      encoded_.push_back(HashOfWholeForm(WholeForm(text)));
      continue;
    }
    auto ordinal = numbers_->Value(transaction, field.storage.values, text);
    if (!ordinal) {
      return std::move(ordinal).error();
    }
    encoded_.push_back(*ordinal);
  }
  transaction.SetColumn(field.storage.values, number, encoded_);
  return {};
}

}  // namespace cacheindex::index
