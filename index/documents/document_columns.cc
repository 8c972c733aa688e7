#include "index/documents/document_columns.h"

#include <algorithm>
#include <map>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "index/encoding/id_order.h"
#include "index/schema/field_values.h"
#include "node/core/json_members.h"

namespace cacheindex::index {
namespace {

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
    if (change.after != nullptr) {
      return change.before ? Replaced(**schema, change) : Added(**schema, change);
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
  Result<bool> Added(const Schema& schema, const cache::DocumentChange& change) {
    DocumentWords& words = owner_->words_;
    words.Clear();
    Result<void> added;
    ForEachField(
        schema, change.after->fields, [&](const Field& field, std::span<const Json* const> values) {
          if (added) {
            added =
                owner_->fields_.Write(*transaction_, schema, field, change.number, values, &words);
          }
        });
    if (!added) {
      return std::move(added).error();
    }
    if (words.empty()) {
      return false;
    }
    owner_->fresh_->Add(transaction_->position(), words);
    return true;
  }

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
    if (change.before && change.after != nullptr) {
      return;
    }
    const bool is_there = change.after != nullptr;
    const auto set = [&](cache::ColumnNumber column, std::int64_t value) {
      transaction_->SetColumn(column, change.number, std::span(&value, is_there ? 1 : 0));
    };
    set(schema.documents_column, 0);
    if (schema.id_order_column != cache::ColumnNumber{}) {
      set(schema.id_order_column, EncodeIdOrder(change.id));
    }
  }

  // Only what differs is written: an update that changes one price rewrites one page.
  Result<bool> Update(const Schema& schema, DocumentNumber number, const FieldValues& before,
                      const FieldValues& after) {
    bool has_text_changed = false;
    for (const auto& [field, values] : before) {
      if (!after.contains(field)) {
        FieldWriter::Clear(*transaction_, *field, number);
        has_text_changed = has_text_changed || IsText(*field);
      }
    }
    for (const auto& [field, values] : after) {
      const auto old = before.find(field);
      if (old != before.end() && AreEqual(old->second, values)) {
        continue;
      }
      if (auto written = owner_->fields_.Write(*transaction_, schema, *field, number, values);
          !written) {
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
  fresh_->BeginTransaction();
  return std::make_unique<ColumnSession>(*this, transaction);
}

}  // namespace cacheindex::index
