#include "index/documents/document_columns.h"

#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "index/documents/column_value.h"
#include "index/documents/word_dictionary.h"
#include "index/schema/field_values.h"
#include "index/text/field_words.h"
#include "index/text/tokenizer.h"
#include "node/core/json_members.h"

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

FieldValues CollectOf(const Schema& schema, const Json& document,
                      std::span<const std::string_view> names) {
  FieldValues collected;
  ForEachFieldOf(schema, document, names,
                 [&](const Field& field, std::span<const Json* const> values) {
                   collected.emplace(&field, Values(values.begin(), values.end()));
                 });
  return collected;
}

// Where two texts of a document differ.
class Difference {
 public:
  // Returns nullopt where the documents must be compared as a whole: a member "a.b" fills the same
  // field as the member "b" of a member "a".
  static Result<std::optional<Difference>> Find(std::string_view before, std::string_view after) {
    Difference found;
    std::vector<JsonMember> old_members;
    std::vector<JsonMember> new_members;
    if (!SplitMembers(before, old_members) || !SplitMembers(after, new_members)) {
      return Error(ErrorCode::kCorruption, "a document is no JSON object");
    }
    if (!AreNamesOfFields(old_members) || !AreNamesOfFields(new_members)) {
      return std::nullopt;
    }
    auto old_member = old_members.begin();
    auto new_member = new_members.begin();
    while (old_member != old_members.end() || new_member != new_members.end()) {
      const bool is_removed =
          new_member == new_members.end() ||
          (old_member != old_members.end() && old_member->name < new_member->name);
      const bool is_added =
          !is_removed && (old_member == old_members.end() || new_member->name < old_member->name);
      if (is_removed || is_added || old_member->value != new_member->value) {
        found.names_.push_back(is_added ? new_member->name : old_member->name);
        if (!is_added) {
          auto value = ParseJson(old_member->value);
          if (!value) {
            return std::move(value).error();
          }
          found.before_.emplace(old_member->name, *std::move(value));
        }
      }
      old_member += is_added ? 0 : 1;
      new_member += is_removed ? 0 : 1;
    }
    return found;
  }

  /// The differing members. They borrow from both texts.
  std::span<const std::string_view> names() const noexcept { return names_; }
  /// Their values before.
  const Json& before() const noexcept { return before_; }

 private:
  static bool AreNamesOfFields(const std::vector<JsonMember>& members) {
    return std::none_of(members.begin(), members.end(), [](const JsonMember& member) {
      return member.name.find_first_of(".\\") != std::string_view::npos;
    });
  }

  std::vector<std::string_view> names_;
  Json before_ = Json::object();
};

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
    SetPresence(**schema, change);
    if (change.before && change.after != nullptr) {
      return Replaced(**schema, change);
    }
    if (change.after != nullptr) {
      return Update(**schema, change.number, {}, Collect(**schema, change.after->fields));
    }
    const auto before = change.before ? ParseJson(*change.before) : Json::object();
    if (!before) {
      return Error(before.error()).WithContext("stored document");
    }
    return Update(**schema, change.number, Collect(**schema, *before), {});
  }

  Result<void> BeforeCommit() override {
    for (const cache::CollectionNumber collection : changed_) {
      owner_->changes_.Note(collection, transaction_->position());
    }
    return {};
  }

 private:
  // Most updates change little of a document.
  Result<bool> Replaced(const Schema& schema, const cache::DocumentChange& change) {
    const auto difference = Difference::Find(*change.before, change.after->json);
    if (!difference) {
      return Error(difference.error()).WithContext("stored document");
    }
    if (*difference) {
      const Difference& found = **difference;
      return Update(schema, change.number, Collect(schema, found.before()),
                    CollectOf(schema, change.after->fields, found.names()));
    }
    const auto before = ParseJson(*change.before);
    const auto after = ParseJson(change.after->json);
    if (!before || !after) {
      return Error((before ? after : before).error()).WithContext("stored document");
    }
    return Update(schema, change.number, Collect(schema, *before), Collect(schema, *after));
  }

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
