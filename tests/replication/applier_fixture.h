#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "cache/store.h"
#include "replication/apply/applier.h"
#include "replication/declaration/collection_declaration.h"
#include "tests/replication/plain_sink.h"
#include "tests/support/result_matchers.h"
#include "tests/support/temp_directory.h"

namespace cacheindex::replication {

using test::FailsWith;
using test::Succeeds;

inline constexpr std::uint32_t kBoolean = 16;
inline constexpr std::uint32_t kInteger = 23;
inline constexpr std::uint32_t kBigInteger = 20;
inline constexpr std::uint32_t kText = 25;
inline constexpr std::uint32_t kNumeric = 1700;

struct ColumnSpec {
  std::string name;
  std::uint32_t type = kText;
  bool is_key = false;
};

inline Value TextValue(std::string text) {
  return {.state = Value::State::kText, .text = std::move(text)};
}
inline Value NullValue() { return {}; }
inline Value UnchangedValue() { return {.state = Value::State::kUnchanged, .text = {}}; }

/// A row of texts; "NULL" and "..." stand for a null and for an unchanged value.
inline Row MakeRow(const std::vector<std::string>& texts) {
  Row row;
  for (const std::string& text : texts) {
    row.push_back(text == "NULL" ? NullValue()
                                 : (text == "..." ? UnchangedValue() : TextValue(text)));
  }
  return row;
}

inline std::shared_ptr<const Table> MakeTable(std::uint32_t oid, std::string name,
                                              const std::vector<ColumnSpec>& columns,
                                              std::vector<Table::ForeignKey> foreign_keys = {}) {
  auto table = std::make_shared<Table>();
  table->oid = oid;
  table->schema = "public";
  table->name = std::move(name);
  for (const ColumnSpec& column : columns) {
    TableColumn described;
    described.name = column.name;
    described.type = column.type;
    described.base_type = column.type;
    described.is_key = column.is_key;
    table->columns.push_back(std::move(described));
  }
  table->foreign_keys = std::move(foreign_keys);
  return table;
}

/// A transaction in memory.
class ListedTransaction : public ChangeTransaction {
 public:
  ListedTransaction(std::uint64_t commit_at, std::uint64_t end_at, std::vector<Change> listed)
      : changes(std::move(listed)) {
    commit = LogPosition{commit_at};
    end = LogPosition{end_at};
    change_count = changes.size();
  }
  Result<std::optional<Change>> Next() override {
    if (fails_at && next_ == *fails_at) {
      return Error(ErrorCode::kIo, "the spool cannot be read");
    }
    return next_ < changes.size() ? Result<std::optional<Change>>(changes[next_++]) : std::nullopt;
  }
  Result<void> Rewind() override {
    next_ = 0;
    return {};
  }

  std::vector<Change> changes;
  std::optional<std::size_t> fails_at;

 private:
  std::size_t next_ = 0;
};

inline Change Insert(std::shared_ptr<const Table> table, Row row) {
  return {.kind = Change::Kind::kInsert,
          .table = std::move(table),
          .old_row = std::nullopt,
          .is_old_key_only = false,
          .row = std::move(row)};
}
inline Change Update(std::shared_ptr<const Table> table, Row row,
                     std::optional<Row> old_key = std::nullopt) {
  const bool has_key = old_key.has_value();
  return {.kind = Change::Kind::kUpdate,
          .table = std::move(table),
          .old_row = std::move(old_key),
          .is_old_key_only = has_key,
          .row = std::move(row)};
}
inline Change Delete(std::shared_ptr<const Table> table, Row key) {
  return {.kind = Change::Kind::kDelete,
          .table = std::move(table),
          .old_row = std::move(key),
          .is_old_key_only = true,
          .row = {}};
}
inline Change Truncate(std::shared_ptr<const Table> table) {
  return {.kind = Change::Kind::kTruncate,
          .table = std::move(table),
          .old_row = std::nullopt,
          .is_old_key_only = false,
          .row = {}};
}

/// Keeps documents as they are, and counts what it is told.
class CountingSink : public PlainSink {
 public:
  Result<cache::CollectionNumber> EnsureCollection(cache::WriteTransaction& transaction,
                                                   const Json& schema) override {
    schemas[schema["name"]] = schema;
    return PlainSink::EnsureCollection(transaction, schema);
  }
  Result<void> Put(cache::WriteTransaction& transaction, cache::CollectionNumber collection,
                   std::string_view id, Json document) override {
    ++puts;
    return PlainSink::Put(transaction, collection, id, std::move(document));
  }
  Result<bool> ReplaceMembers(cache::WriteTransaction& transaction,
                              cache::CollectionNumber collection, std::string_view id,
                              const std::vector<std::string>& names, Json members) override {
    auto is_there =
        PlainSink::ReplaceMembers(transaction, collection, id, names, std::move(members));
    if (is_there && *is_there) {
      ++puts;
      replaced.push_back(names);
    }
    return is_there;
  }
  Result<void> Delete(cache::WriteTransaction& transaction, cache::CollectionNumber collection,
                      std::string_view id) override {
    ++deletes;
    return PlainSink::Delete(transaction, collection, id);
  }

  std::map<std::string, Json> schemas;
  std::uint64_t puts = 0;
  /// The members' names of each replacement.
  std::vector<std::vector<std::string>> replaced;
  std::uint64_t deletes = 0;
};

/// An applier over a store in a fresh directory.
class ApplierTest : public testing::Test {
 protected:
  ApplierTest() { options_.directory = directory_.path() / "store"; }

  void Reopen() {
    applier_.reset();
    store_.reset();
    auto store = cache::Store::Open(options_, listener_);
    ASSERT_THAT(store, Succeeds());
    store_ = *std::move(store);
    auto applier = Applier::Open(*store_, sink_, declarations_, limits_, [this] { return clock_; });
    ASSERT_THAT(applier, Succeeds());
    applier_ = *std::move(applier);
  }

  /// Opens everything with one collection, declared as the configuration does it.
  void Open(const Json& declaration, std::vector<std::shared_ptr<const Table>> tables) {
    auto parsed = ParseCollectionDeclaration(declaration);
    ASSERT_THAT(parsed, Succeeds());
    declarations_ = {*std::move(parsed)};
    tables_ = std::move(tables);
    Reopen();
    ASSERT_THAT(applier_->SetTables(tables_), Succeeds());
  }

  /// A generation without rows, live from position 100 on.
  void GoLive() {
    ASSERT_THAT(applier_->Begin({}, LogPosition{100}), Succeeds());
    for (const auto& table : tables_) {
      ASSERT_THAT(Copy(table, {}, 100), Succeeds());
    }
    Build();
  }

  Result<void> Copy(const std::shared_ptr<const Table>& table, const std::vector<Row>& rows,
                    std::uint64_t snapshot, bool is_complete = true) {
    return CopyAt(SnapshotPosition::At(LogPosition{snapshot}), table, rows, is_complete);
  }
  Result<void> CopyAt(SnapshotPosition snapshot, const std::shared_ptr<const Table>& table,
                      const std::vector<Row>& rows, bool is_complete = true) {
    return applier_->CopyRows(
        *table, rows, snapshot,
        {.table_oid = table->oid, .is_complete = is_complete, .last_key = {}, .rows = rows.size()});
  }

  void Build() {
    while (applier_->phase() == Phase::kBuilding) {
      ASSERT_THAT(applier_->BuildDocuments(), Succeeds());
    }
    ASSERT_EQ(applier_->phase(), Phase::kLive);
  }

  /// Applies one transaction right behind the last.
  Result<void> Commit(std::vector<Change> changes) {
    const std::uint64_t commit = position_;
    position_ += 10;
    ListedTransaction transaction(commit, position_, std::move(changes));
    ChangeTransaction* const all[] = {&transaction};
    return applier_->Apply(all);
  }

  void Drain() {
    while (true) {
      const auto left = applier_->DrainWaiting();
      ASSERT_THAT(left, Succeeds());
      if (!*left) {
        return;
      }
    }
  }

  /// Returns the document as readers see it, null when there is none.
  Json Read(std::string_view id) {
    const auto snapshot = store_->OpenSnapshot();
    EXPECT_THAT(snapshot, Succeeds());
    const auto collection = snapshot->FindCollection(declarations_[0].name);
    EXPECT_THAT(collection, Succeeds());
    auto composed = applier_->Compose(*snapshot, (*collection)->number, id);
    EXPECT_THAT(composed, Succeeds());
    if (*composed) {
      return **composed;
    }
    const auto stored = snapshot->Find((*collection)->number, id);
    EXPECT_THAT(stored, Succeeds());
    return *stored ? Json::parse((*stored)->json) : Json();
  }

  /// All stored documents by id.
  std::map<std::string, std::string> Stored() {
    std::map<std::string, std::string> documents;
    const auto snapshot = store_->OpenSnapshot();
    const auto collection = snapshot->FindCollection(declarations_[0].name);
    std::optional<std::string> after;
    while (true) {
      const auto some = snapshot->Scan((*collection)->number, after, 1'000);
      EXPECT_THAT(some, Succeeds());
      if (some->empty()) {
        return documents;
      }
      for (const auto& document : *some) {
        documents[document.id] = document.document.json;
      }
      after = some->back().id;
    }
  }

  test::TempDirectory directory_;
  cache::Store::Options options_;
  CountingSink sink_;
  cache::DocumentListener* listener_ = nullptr;
  std::vector<CollectionDeclaration> declarations_;
  Applier::Limits limits_;
  /// What the applier's clock shows.
  std::int64_t clock_ = 1'700'000'000;
  std::vector<std::shared_ptr<const Table>> tables_;
  std::unique_ptr<cache::Store> store_;
  std::unique_ptr<Applier> applier_;
  /// Where the next transaction's commit record is.
  std::uint64_t position_ = 100;
};

}  // namespace cacheindex::replication
