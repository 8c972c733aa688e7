#include "index/documents/document_columns.h"

#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "index/documents/column_value.h"
#include "index/documents/word_dictionary.h"
#include "index/schema/field_values.h"
#include "index/text/field_words.h"
#include "index/text/tokenizer.h"

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

FieldValues CollectDifferent(const Schema& schema, const Json& document, const Json& other) {
  FieldValues collected;
  ForEachDifferentField(schema, document, other,
                        [&](const Field& field, std::span<const Json* const> values) {
                          collected.emplace(&field, Values(values.begin(), values.end()));
                        });
  return collected;
}

// A member "a.b" fills the same field as the member "b" of a member "a".
bool HasDottedName(const Json& document) {
  for (const auto& [name, value] : document.items()) {
    if (name.find('.') != std::string::npos) {
      return true;
    }
  }
  return false;
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
    if (auto written = WriteWords(field, number, values); !written) {
      return written;
    }
    if (field.storage.values != ColumnNumber{}) {
      if (auto written = WriteOrdinals(field, number, values); !written) {
        return written;
      }
    }
    if (field.storage.sort_key != ColumnNumber{} && !values.empty() && values[0]->is_string()) {
      const std::array key{EncodeSortKey(NormalForm(values[0]->get_ref<const std::string&>()))};
      transaction_->SetColumn(field.storage.sort_key, number, key);
    }
    return {};
  }

  Result<void> WriteWords(const Field& field, DocumentNumber number, const Values& values) {
    encoded_.clear();
    Result<void> added;
    field_words_.ForEach(field, values, [&](const std::string* text) {
      if (text == nullptr) {
        encoded_.push_back(kWordSeparator);
        return true;
      }
      auto word = numbers_->Word(*transaction_, schema_->words_column, *text);
      if (!word) {
        added = std::move(word).error();
        return false;
      }
      encoded_.push_back(*word);
      return true;
    });
    transaction_->SetColumn(field.storage.words, number, encoded_);
    return added;
  }

  Result<void> WriteOrdinals(const Field& field, DocumentNumber number, const Values& values) {
    encoded_.clear();
    for (const Json* value : values) {
      if (!value->is_string()) {
        continue;
      }
      auto ordinal =
          numbers_->Value(*transaction_, field.storage, value->get_ref<const std::string&>());
      if (!ordinal) {
        return std::move(ordinal).error();
      }
      encoded_.push_back(*ordinal);
    }
    transaction_->SetColumn(field.storage.values, number, encoded_);
    return {};
  }

  cache::WriteTransaction* transaction_;
  const Schema* schema_;
  NumberCache* numbers_;
  std::vector<std::int64_t> encoded_;
  FieldWords field_words_;
};

}  // namespace

class DocumentColumns::ColumnSession : public cache::DocumentListener::Session {
 public:
  ColumnSession(DocumentColumns& owner, cache::WriteTransaction& transaction)
      : owner_(&owner), transaction_(&transaction) {}

  Result<bool> Written(const cache::DocumentChange& change) override {
    changed_.insert(change.collection);
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
    SetPresence(**schema, change);
    if (change.before && change.after != nullptr && !HasDottedName(before_document) &&
        !HasDottedName(change.after->fields)) {
      // Most updates change little of a document.
      const Json& fields = change.after->fields;
      return Update(**schema, change.number, CollectDifferent(**schema, before_document, fields),
                    CollectDifferent(**schema, fields, before_document));
    }
    const FieldValues before = change.before ? Collect(**schema, before_document) : FieldValues{};
    const FieldValues after =
        change.after != nullptr ? Collect(**schema, change.after->fields) : FieldValues{};
    return Update(**schema, change.number, before, after);
  }

  Result<void> BeforeCommit() override {
    for (const cache::CollectionNumber collection : changed_) {
      owner_->changes_.Note(collection, transaction_->position());
    }
    return {};
  }

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
  std::set<cache::CollectionNumber> changed_;
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
