#pragma once

#include <gmock/gmock.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "cache/store.h"
#include "node/core/json.h"
#include "replication/following/source.h"
#include "tests/replication/plain_sink.h"
#include "tests/replication/shop_database.h"
#include "tests/support/eventually.h"
#include "tests/support/result_matchers.h"
#include "tests/support/temp_directory.h"

namespace cacheindex::replication {

using test::Eventually;

/// Says of every document that the text index has to do with it.
class TextListener : public cache::DocumentListener {
 public:
  std::unique_ptr<Session> Begin(cache::WriteTransaction&) override {
    return std::make_unique<AllIsText>();
  }

 private:
  class AllIsText : public Session {
   public:
    Result<bool> Written(const cache::DocumentChange&) override { return true; }
    Result<void> BeforeCommit() override { return {}; }
  };
};

/// A store in a directory, with a text index that is as durable as the test says.
class PlainGeneration : public Generation {
 public:
  PlainGeneration(const std::filesystem::path& directory, const std::atomic<bool>& is_text_held)
      : is_text_held_(is_text_held) {
    cache::Store::Options options;
    options.directory = directory;
    options.map_size_bytes = std::uint64_t{64} << 20;
    auto store = cache::Store::Open(options, &listener_);
    if (!store) {
      throw std::runtime_error(store.error().message());
    }
    store_ = *std::move(store);
    text_ = store_->position();
  }
  cache::Store& store() override { return *store_; }
  DocumentSink& documents() override { return sink_; }
  Position text_position() override {
    if (!is_text_held_) {
      text_ = store_->position();
    }
    return text_;
  }
  bool CanServe() override { return applier() != nullptr && applier()->phase() == Phase::kLive; }
  void UseApplier(std::shared_ptr<const Applier> applier) override {
    const std::lock_guard lock(mutex_);
    applier_ = std::move(applier);
  }
  std::shared_ptr<const Applier> applier() const {
    const std::lock_guard lock(mutex_);
    return applier_;
  }
  PlainGeneration(const PlainGeneration&) = delete;
  PlainGeneration& operator=(const PlainGeneration&) = delete;
  ~PlainGeneration() override { applier_.reset(); }

 private:
  const std::atomic<bool>& is_text_held_;
  PlainSink sink_;
  TextListener listener_;
  std::unique_ptr<cache::Store> store_;
  std::atomic<Position> text_;
  mutable std::mutex mutex_;
  std::shared_ptr<const Applier> applier_;
};

/// Generations in directories "1", "2", ...; the file "live" names the live one.
class PlainGenerations : public Generations {
 public:
  explicit PlainGenerations(std::filesystem::path directory) : directory_(std::move(directory)) {
    std::filesystem::create_directories(directory_);
    while (std::filesystem::exists(directory_ / std::to_string(number_) / "retired")) {
      ++number_;
    }
  }

  Result<std::shared_ptr<Generation>> OpenLive() override {
    const std::lock_guard lock(mutex_);
    if (live_ == nullptr) {
      live_ = std::make_shared<PlainGeneration>(directory_ / std::to_string(number_), is_text_held);
    }
    return std::shared_ptr<Generation>(live_);
  }
  Result<std::shared_ptr<Generation>> OpenNext() override {
    const std::lock_guard lock(mutex_);
    next_ =
        std::make_shared<PlainGeneration>(directory_ / std::to_string(number_ + 1), is_text_held);
    return std::shared_ptr<Generation>(next_);
  }
  Result<void> DiscardNext() override {
    const std::lock_guard lock(mutex_);
    next_.reset();
    std::filesystem::remove_all(directory_ / std::to_string(number_ + 1));
    return {};
  }
  Result<void> PublishNext() override {
    const std::lock_guard lock(mutex_);
    retired_.push_back(std::move(live_));
    live_ = std::move(next_);
    std::filesystem::create_directory(directory_ / std::to_string(number_) / "retired");
    ++number_;
    return {};
  }

  std::shared_ptr<PlainGeneration> live() const {
    const std::lock_guard lock(mutex_);
    return live_;
  }

  /// While set, the text index makes no progress.
  std::atomic<bool> is_text_held = false;

 private:
  const std::filesystem::path directory_;
  int number_ = 1;
  mutable std::mutex mutex_;
  std::shared_ptr<PlainGeneration> live_;
  std::shared_ptr<PlainGeneration> next_;
  std::vector<std::shared_ptr<PlainGeneration>> retired_;
};

/// A collection that shows columns of one table as they print.
inline CollectionDeclaration Mirror(const std::string& table,
                                    const std::vector<std::string>& columns) {
  CollectionDeclaration declaration;
  declaration.name = table;
  declaration.root = table;
  for (const std::string& column : columns) {
    FieldDeclaration field;
    field.name = column;
    field.from = "text(" + column + ")";
    field.schema = Json{{"type", "string"}, {"optional", true}, {"index", false}};
    declaration.fields.push_back(std::move(field));
  }
  declaration.schema = Json::object();
  return declaration;
}

/// A database that a source follows, and the comparison of both.
class FollowedShop {
 public:
  explicit FollowedShop(const std::string& sql) : FollowedShop(nullptr, sql) {}
  /// In a cluster of its own, which the test may stop and break.
  FollowedShop(test::PostgresCluster* cluster, const std::string& sql)
      : FollowedShop(cluster == nullptr ? std::make_unique<ShopDatabase>()
                                        : std::make_unique<ShopDatabase>(*cluster),
                     sql) {}
  FollowedShop(std::unique_ptr<ShopDatabase> database, const std::string& sql)
      : database_(std::move(database)) {
    database_->Execute(sql);
    options.name = "shop";
    options.connection = database_->connection();
    options.publication = "p";
    options.slot = database_->name();
    options.spool_directory = directory_.path() / "spool";
    options.status_interval = std::chrono::milliseconds(50);
    options.backoff_min = std::chrono::milliseconds(20);
    options.backoff_max = std::chrono::milliseconds(200);
    generations_ = std::make_unique<PlainGenerations>(directory_.path() / "store");
  }
  FollowedShop(const FollowedShop&) = delete;
  FollowedShop& operator=(const FollowedShop&) = delete;
  ~FollowedShop() { Stop(); }

  /// Declares mirrors of tables; before Start.
  void MirrorTable(const std::string& table, const std::vector<std::string>& columns) {
    options.collections.push_back(Mirror(table, columns));
    mirrored_[table] = columns;
  }

  void Start() {
    auto source = Source::Start(options, *generations_);
    ASSERT_THAT(source, test::Succeeds());
    source_ = *std::move(source);
  }
  void Stop() { source_.reset(); }
  /// As a new process: what is not in files is forgotten.
  void Restart() {
    Stop();
    generations_.reset();
    generations_ = std::make_unique<PlainGenerations>(directory_.path() / "store");
    Start();
  }

  const std::filesystem::path& directory() const { return directory_.path(); }
  ShopDatabase& database() { return *database_; }
  Source& source() { return *source_; }
  PlainGenerations& generations() { return *generations_; }
  auto Execute(const std::string& sql) { return database_->Execute(sql); }
  std::string Value(const std::string& sql) { return database_->Value(sql); }

  LogPosition ServerPosition() {
    return *ParseLogPosition(Value("SELECT pg_current_wal_insert_lsn()"));
  }
  bool IsState(SourceStatus::State state) const { return source_->Status().state == state; }
  ::testing::AssertionResult BecomesState(SourceStatus::State state) const {
    if (Eventually([&] { return IsState(state); })) {
      return ::testing::AssertionSuccess();
    }
    const SourceStatus status = source_->Status();
    return ::testing::AssertionFailure()
           << "the state is " << static_cast<int>(status.state) << ": " << status.reason;
  }
  /// Waits until everything that is committed is visible.
  ::testing::AssertionResult CatchesUp(bool for_search = false) {
    const Result<void> waited = source_->WaitFor(
        ServerPosition(), for_search, std::chrono::steady_clock::now() + std::chrono::seconds(60));
    if (waited) {
      return ::testing::AssertionSuccess();
    }
    return ::testing::AssertionFailure()
           << waited.error().message() << "; state " << static_cast<int>(source_->Status().state)
           << ": " << source_->Status().reason;
  }

  /// The documents of a mirror as text, in the order of their ids.
  std::vector<std::string> Documents(const std::string& collection) const {
    const std::shared_ptr<PlainGeneration> live = generations_->live();
    std::vector<std::string> documents;
    auto snapshot = live->store().OpenSnapshot();
    const auto found = snapshot->FindCollection(collection);
    if (!found || !*found) {
      return {"no collection " + collection};
    }
    std::optional<std::string> after;
    while (true) {
      auto page = snapshot->Scan((*found)->number, after, 1'000);
      if (!page || page->empty()) {
        break;
      }
      for (const auto& document : *page) {
        documents.push_back(Normalized(Json::parse(document.document.json)));
        after = document.id;
      }
    }
    std::sort(documents.begin(), documents.end());
    return documents;
  }
  /// What SQL says they must be.
  std::vector<std::string> Expected(const std::string& table) {
    std::string object = "json_build_object('id', null";
    for (const std::string& column : mirrored_.at(table)) {
      object += ", '" + column + "', " + column + "::text";
    }
    return ExpectedOf("SELECT " + object + ") FROM " + table);
  }
  /// The same of a query for JSON.
  std::vector<std::string> ExpectedOf(const std::string& query) {
    std::vector<std::string> documents;
    for (const auto& row : Execute(query)) {
      documents.push_back(Normalized(Json::parse(row[0].value_or("null"))));
    }
    std::sort(documents.begin(), documents.end());
    return documents;
  }
  void ExpectEqual() {
    for (const auto& [table, columns] : mirrored_) {
      EXPECT_EQ(Documents(table), Expected(table)) << table;
    }
  }

  Source::Options options;

 private:
  // A missing member and a null are the same, and the id is a member of its own.
  static std::string Normalized(Json document) {
    document.erase("id");
    for (auto member = document.begin(); member != document.end();) {
      member = member->is_null() ? document.erase(member) : std::next(member);
    }
    return document.dump();
  }

  test::TempDirectory directory_;
  std::unique_ptr<ShopDatabase> database_;
  std::unique_ptr<PlainGenerations> generations_;
  std::unique_ptr<Source> source_;
  std::map<std::string, std::vector<std::string>> mirrored_;
};

}  // namespace cacheindex::replication
