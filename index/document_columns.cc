#include "index/document_columns.h"

#include <algorithm>
#include <array>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "index/column_value.h"
#include "index/field_values.h"
#include "index/tokenizer.h"
#include "index/word_dictionary.h"

namespace cacheindex::index {
namespace {

using cache::ColumnNumber;
using Values = std::vector<const Json*>;
using FieldValues = std::map<const Field*, Values>;

FieldValues Collect(const Schema& schema, const Json& document) {
  FieldValues collected;
  ForEachField(schema, document, [&](const Field& field, std::span<const Json* const> values) {
    collected.emplace(&field, Values(values.begin(), values.end()));
  });
  return collected;
}

bool AreEqual(const Values& left, const Values& right) {
  return std::ranges::equal(left, right, [](const Json* a, const Json* b) { return *a == *b; });
}

bool IsText(const Field& field) { return field.storage.words != ColumnNumber{}; }

// Writes what the columns of one field hold for one document.
class FieldWriter {
 public:
  FieldWriter(cache::WriteTransaction& transaction, const Schema& schema, NumberCache& numbers)
      : transaction_(&transaction), schema_(&schema), numbers_(&numbers) {}

  void Clear(const Field& field, DocumentNumber number) {
    for (const ColumnNumber column :
         {field.storage.values, field.storage.words, field.storage.sort_key}) {
      if (column != ColumnNumber{}) {
        transaction_->SetColumn(column, number, {});
      }
    }
  }

  Result<void> Write(const Field& field, DocumentNumber number, const Values& values) {
    return IsText(field) ? WriteText(field, number, values) : WriteNumbers(field, number, values);
  }

 private:
  Result<void> WriteNumbers(const Field& field, DocumentNumber number, const Values& values) {
    encoded_.clear();
    for (const Json* value : values) {
      if (const auto encoded = EncodeNumber(field.definition.type, *value)) {
        encoded_.push_back(*encoded);
      }
    }
    transaction_->SetColumn(field.storage.values, number, encoded_);
    return {};
  }

  Result<void> WriteText(const Field& field, DocumentNumber number, const Values& values) {
    encoded_.clear();
    words_.clear();
    for (const Json* value : values) {
      if (!value->is_string()) {
        continue;
      }
      const auto& text = value->get_ref<const std::string&>();
      if (auto added = AddWords(text); !added) {
        return added;
      }
      if (field.storage.values != ColumnNumber{}) {
        auto ordinal = numbers_->Value(*transaction_, field.storage.values, text);
        if (!ordinal) {
          return std::move(ordinal).error();
        }
        encoded_.push_back(*ordinal);
      }
    }
    transaction_->SetColumn(field.storage.words, number, words_);
    if (field.storage.values != ColumnNumber{}) {
      transaction_->SetColumn(field.storage.values, number, encoded_);
    }
    if (field.storage.sort_key != ColumnNumber{} && !values.empty() && values[0]->is_string()) {
      const std::array key{EncodeSortKey(NormalForm(values[0]->get_ref<const std::string&>()))};
      transaction_->SetColumn(field.storage.sort_key, number, key);
    }
    return {};
  }

  // Appends the words of one element. The separator also stands before the first word of a later
  // element when the elements before it had none, so that an element's place is not lost.
  Result<void> AddWords(const std::string& text) {
    if (has_element_) {
      words_.push_back(kWordSeparator);
    }
    has_element_ = true;
    Tokenizer::OfThread().Tokenize(text, tokens_);
    for (const Token& token : tokens_) {
      auto word = numbers_->Word(*transaction_, schema_->words_column, token.word);
      if (!word) {
        return std::move(word).error();
      }
      words_.push_back(*word);
    }
    return {};
  }

  cache::WriteTransaction* transaction_;
  const Schema* schema_;
  NumberCache* numbers_;
  std::vector<std::int64_t> encoded_;
  std::vector<std::int64_t> words_;
  std::vector<Token> tokens_;
  bool has_element_ = false;
};

}  // namespace

class DocumentColumns::ColumnSession : public cache::DocumentListener::Session {
 public:
  ColumnSession(DocumentColumns& owner, cache::WriteTransaction& transaction)
      : owner_(&owner), transaction_(&transaction) {}

  Result<bool> Written(const cache::DocumentChange& change) override {
    auto schema = owner_->schemas_->Load(*transaction_, change.collection);
    if (!schema) {
      return std::move(schema).error();
    }
    Json before_document;
    if (change.before) {
      auto parsed = ParseJson(*change.before);
      if (!parsed) {
        return std::move(parsed).error().WithContext("stored document");
      }
      before_document = std::move(*parsed);
    }
    const FieldValues before = change.before ? Collect(**schema, before_document) : FieldValues{};
    const FieldValues after =
        change.after != nullptr ? Collect(**schema, change.after->fields) : FieldValues{};
    SetPresence(**schema, change);
    return Update(**schema, change.number, before, after);
  }

  Result<void> BeforeCommit() override { return {}; }

 private:
  void SetPresence(const Schema& schema, const cache::DocumentChange& change) {
    constexpr std::array<std::int64_t, 1> kPresent{0};
    if (change.after == nullptr) {
      transaction_->SetColumn(schema.documents_column, change.number, {});
    } else if (!change.before) {
      transaction_->SetColumn(schema.documents_column, change.number, kPresent);
    }
  }

  // Only what differs is written: an update that changes one price rewrites one page.
  Result<bool> Update(const Schema& schema, DocumentNumber number, const FieldValues& before,
                      const FieldValues& after) {
    bool has_text_changed = false;
    for (const auto& [field, values] : before) {
      if (!after.contains(field)) {
        FieldWriter(*transaction_, schema, owner_->numbers_).Clear(*field, number);
        has_text_changed = has_text_changed || IsText(*field);
      }
    }
    for (const auto& [field, values] : after) {
      const auto old = before.find(field);
      if (old != before.end() && AreEqual(old->second, values)) {
        continue;
      }
      FieldWriter writer(*transaction_, schema, owner_->numbers_);
      if (auto written = writer.Write(*field, number, values); !written) {
        return std::move(written).error();
      }
      has_text_changed = has_text_changed || IsText(*field);
    }
    return has_text_changed;
  }

  DocumentColumns* owner_;
  cache::WriteTransaction* transaction_;
};

std::unique_ptr<cache::DocumentListener::Session> DocumentColumns::Begin(
    cache::WriteTransaction& transaction) {
  numbers_.BeginTransaction();
  return std::make_unique<ColumnSession>(*this, transaction);
}

Result<bool> WriteNewFields(cache::WriteTransaction& transaction, const Schema& schema,
                            std::size_t first_new, DocumentNumber number, const Json& document) {
  // No session has begun, so what the shared cache remembers may be of a transaction given up.
  NumberCache numbers;
  bool has_text = false;
  const Field* first = schema.fields.data() + first_new;
  for (const auto& [field, values] : Collect(schema, document)) {
    if (field < first) {
      continue;
    }
    if (auto written = FieldWriter(transaction, schema, numbers).Write(*field, number, values);
        !written) {
      return std::move(written).error();
    }
    has_text = has_text || IsText(*field);
  }
  return has_text;
}

}  // namespace cacheindex::index
