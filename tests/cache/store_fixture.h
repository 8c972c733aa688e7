#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "cache/store.h"
#include "tests/support/eventually.h"
#include "tests/support/result_matchers.h"
#include "tests/support/temp_directory.h"

namespace cacheindex::cache {

using test::Eventually;
using test::FailsWith;
using test::Succeeds;

inline Document MakeJsonDocument(std::string id, Json fields) {
  fields["id"] = id;
  std::string json = DumpJson(fields);
  return {.id = std::move(id), .fields = std::move(fields), .json = std::move(json)};
}

inline Document MakeDocument(std::string id, std::string_view text) {
  return MakeJsonDocument(std::move(id), Json{{"text", text}});
}

/// Says "the text changed" for every document whose text did, as the index will.
class TextListener : public DocumentListener {
 public:
  std::unique_ptr<Session> Begin(WriteTransaction& transaction) override {
    ++sessions;
    return std::make_unique<OneSession>(*this, transaction);
  }

  void Committed() override { ++commits; }

  std::uint32_t sessions = 0;
  std::uint32_t commits_prepared = 0;
  std::uint32_t commits = 0;
  /// Called for every change, when set.
  std::function<Result<bool>(WriteTransaction&, const DocumentChange&)> on_written;
  std::function<Result<void>(WriteTransaction&)> on_commit;

 private:
  class OneSession : public Session {
   public:
    OneSession(TextListener& listener, WriteTransaction& transaction)
        : listener_(listener), transaction_(transaction) {}

    Result<bool> Written(const DocumentChange& change) override {
      if (listener_.on_written) {
        return listener_.on_written(transaction_, change);
      }
      if (change.after == nullptr || !change.before) {
        return true;
      }
      return Json::parse(*change.before).value("text", "") !=
             change.after->fields.value("text", "");
    }

    Result<void> BeforeCommit() override {
      ++listener_.commits_prepared;
      return listener_.on_commit ? listener_.on_commit(transaction_) : Result<void>();
    }

   private:
    TextListener& listener_;
    WriteTransaction& transaction_;
  };
};

/// A store in a fresh directory.
class StoreTest : public testing::Test {
 protected:
  StoreTest() { options.directory = directory.path() / "store"; }

  void Open(DocumentListener* listener = nullptr) {
    store.reset();
    auto opened = Store::Open(options, listener);
    ASSERT_THAT(opened, Succeeds());
    store = *std::move(opened);
  }

  /// Runs `job` and fails the test when it does.
  Committed Write(const Store::Job& job) {
    auto written = store->Write(job);
    EXPECT_THAT(written, Succeeds());
    return written ? *written : Committed{};
  }

  CollectionNumber Create(std::string_view name, std::string_view definition = "{}") {
    CollectionNumber number{};
    Write([&](WriteTransaction& transaction) -> Result<void> {
      auto created = transaction.CreateCollection(name, definition);
      if (!created) {
        return std::move(created).error();
      }
      number = *created;
      return {};
    });
    return number;
  }

  PutOutcome Put(CollectionNumber collection, const Document& document) {
    PutOutcome outcome;
    Write([&](WriteTransaction& transaction) -> Result<void> {
      auto put = transaction.Put(collection, document);
      if (!put) {
        return std::move(put).error();
      }
      outcome = *put;
      return {};
    });
    return outcome;
  }

  std::optional<std::string> Delete(CollectionNumber collection, std::string_view id) {
    std::optional<std::string> deleted;
    Write([&](WriteTransaction& transaction) -> Result<void> {
      auto result = transaction.Delete(collection, id);
      if (!result) {
        return std::move(result).error();
      }
      deleted = *std::move(result);
      return {};
    });
    return deleted;
  }

  Snapshot OpenSnapshot() {
    auto snapshot = store->OpenSnapshot();
    EXPECT_THAT(snapshot, Succeeds());
    return *std::move(snapshot);
  }

  /// Returns the JSON under `id`, "" when there is none.
  std::string Read(CollectionNumber collection, std::string_view id) {
    auto document = OpenSnapshot().Find(collection, id);
    EXPECT_THAT(document, Succeeds());
    return document && *document ? (*document)->json : "";
  }

  test::TempDirectory directory;
  Store::Options options;
  std::unique_ptr<Store> store;
};

inline std::uint64_t Number(Position position) { return static_cast<std::uint64_t>(position); }

}  // namespace cacheindex::cache
