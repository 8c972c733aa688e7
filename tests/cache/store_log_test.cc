#include <algorithm>
#include <chrono>
#include <thread>

#include "cache/verify.h"
#include "tests/cache/store_fixture.h"

namespace cacheindex::cache {
namespace {

using testing::IsEmpty;
using testing::SizeIs;

class StoreLogTest : public StoreTest {
 protected:
  TextListener listener_;
};

TEST_F(StoreLogTest, OnlyChangedTextIsLogged) {
  Open(&listener_);
  const CollectionNumber products = Create("products");
  Put(products, MakeJsonDocument("a", Json{{"text", "words"}, {"price", 1}}));
  const Committed price = Write([&](WriteTransaction& transaction) -> Result<void> {
    auto put =
        transaction.Put(products, MakeJsonDocument("a", Json{{"text", "words"}, {"price", 2}}));
    return put ? Result<void>() : std::move(put).error();
  });
  EXPECT_FALSE(price.changed_text);
  const Committed text = Write([&](WriteTransaction& transaction) -> Result<void> {
    auto put =
        transaction.Put(products, MakeJsonDocument("a", Json{{"text", "other"}, {"price", 2}}));
    return put ? Result<void>() : std::move(put).error();
  });
  EXPECT_TRUE(text.changed_text);
  const auto log = *OpenSnapshot().Log(Position{0}, 10);
  ASSERT_THAT(log, SizeIs(2));
  EXPECT_EQ(log[0].position, Position{1});
  EXPECT_EQ(log[1].position, text.position);
  EXPECT_EQ(log[1].collection, products);
  EXPECT_EQ(log[1].number, 1U);
}

TEST_F(StoreLogTest, WithoutAListenerNothingIsLoggedUnlessAsked) {
  Open();
  const CollectionNumber products = Create("products");
  const DocumentNumber number = Put(products, MakeDocument("a", "one")).number;
  EXPECT_THAT(*OpenSnapshot().Log(Position{0}, 10), IsEmpty());
  const Committed asked =
      Write([&](WriteTransaction& transaction) { return transaction.AppendLog(products, number); });
  EXPECT_TRUE(asked.changed_text);
  EXPECT_THAT(*OpenSnapshot().Log(Position{0}, 10), SizeIs(1));
}

TEST_F(StoreLogTest, PositionCountsDocumentWritesAndSurvivesReopening) {
  Open();
  EXPECT_EQ(store->position(), Position{0});
  const CollectionNumber products = Create("products");
  EXPECT_EQ(store->position(), Position{0});
  const Committed committed = Write([&](WriteTransaction& transaction) -> Result<void> {
    for (const char* id : {"a", "b", "c"}) {
      if (auto put = transaction.Put(products, MakeDocument(id, "one")); !put) {
        return std::move(put).error();
      }
    }
    auto deleted = transaction.Delete(products, "b");
    return deleted ? Result<void>() : std::move(deleted).error();
  });
  EXPECT_EQ(committed.position, Position{4});
  EXPECT_EQ(OpenSnapshot().position(), Position{4});
  Open();
  EXPECT_EQ(store->position(), Position{4});
}

TEST_F(StoreLogTest, LogIsReadInPiecesInOrder) {
  Open(&listener_);
  const CollectionNumber products = Create("products");
  for (int i = 0; i < 25; ++i) {
    Put(products, MakeDocument(std::to_string(i), "text"));
  }
  const Snapshot snapshot = OpenSnapshot();
  Position seen{0};
  std::vector<std::uint64_t> positions;
  while (true) {
    const auto piece = *snapshot.Log(seen, 10);
    if (piece.empty()) {
      break;
    }
    for (const LogEntry& entry : piece) {
      positions.push_back(Number(entry.position));
    }
    seen = piece.back().position;
  }
  EXPECT_THAT(positions, SizeIs(25));
  EXPECT_TRUE(std::is_sorted(positions.begin(), positions.end()));
}

TEST_F(StoreLogTest, TrimmingHappensInTheNextTransactionAndIsRemembered) {
  Open(&listener_);
  const CollectionNumber products = Create("products");
  const CollectionNumber quiet = Create("quiet");
  for (int i = 0; i < 10; ++i) {
    Put(products, MakeDocument(std::to_string(i), "text"));
  }
  EXPECT_EQ(*OpenSnapshot().TrimmedPosition(products), Position{0});
  store->TrimLog(Position{6});
  Put(products, MakeDocument("next", "text"));
  const Snapshot snapshot = OpenSnapshot();
  const auto log = *snapshot.Log(Position{0}, 100);
  ASSERT_THAT(log, SizeIs(5));
  EXPECT_EQ(log.front().position, Position{7});
  EXPECT_EQ(*snapshot.TrimmedPosition(products), Position{6});
  EXPECT_EQ(*snapshot.TrimmedPosition(quiet), Position{0});
  EXPECT_THAT(Verify(snapshot).findings, IsEmpty());
}

TEST_F(StoreLogTest, LongLogIsTrimmedWithoutAnybodyWriting) {
  Open(&listener_);
  const CollectionNumber products = Create("products");
  Write([&](WriteTransaction& transaction) -> Result<void> {
    for (int i = 0; i < 25'000; ++i) {
      if (auto logged = transaction.AppendLog(products, 1); !logged) {
        return logged;
      }
    }
    return {};
  });
  store->TrimLog(Position{24'000});
  EXPECT_TRUE(Eventually([&] { return OpenSnapshot().Log(Position{0}, 30'000)->size() == 1000; }));
  EXPECT_EQ(*OpenSnapshot().TrimmedPosition(products), Position{24'000});
}

TEST_F(StoreLogTest, TrimmingBeyondTheEndRemovesOnlyWhatIsThere) {
  Open(&listener_);
  const CollectionNumber products = Create("products");
  Put(products, MakeDocument("a", "text"));
  store->TrimLog(Position{1'000'000});
  Put(products, MakeDocument("b", "text"));
  EXPECT_THAT(*OpenSnapshot().Log(Position{0}, 10), SizeIs(1));
}

TEST_F(StoreLogTest, WaitersWakeWhenThePositionChanges) {
  Open();
  const CollectionNumber products = Create("products");
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(60);
  Position woken{0};
  std::jthread waiter([&] { woken = store->WaitForChange(Position{0}, deadline); });
  Put(products, MakeDocument("a", "text"));
  waiter.join();
  EXPECT_EQ(woken, Position{1});
  EXPECT_EQ(store->WaitForChange(Position{1}, std::chrono::steady_clock::now()), Position{1});
}

TEST_F(StoreLogTest, CloseWakesWaitersAndRefusesWrites) {
  Open();
  Position woken{7};
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(60);
  std::jthread waiter([&] { woken = store->WaitForChange(Position{0}, deadline); });
  store->Close();
  waiter.join();
  EXPECT_EQ(woken, Position{0});
  EXPECT_LT(std::chrono::steady_clock::now(), deadline);
  EXPECT_THAT(store->Write([](WriteTransaction&) { return Result<void>(); }),
              FailsWith(ErrorCode::kUnavailable));
  EXPECT_THAT(store->OpenSnapshot(), Succeeds());
}

}  // namespace
}  // namespace cacheindex::cache
