#include <atomic>
#include <latch>
#include <new>
#include <stdexcept>
#include <thread>

#include "cache/verify.h"
#include "tests/cache/store_fixture.h"

namespace cacheindex::cache {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

Result<void> PutText(WriteTransaction& transaction, CollectionNumber collection,
                     const std::string& id, std::string_view text) {
  auto put = transaction.Put(collection, MakeDocument(id, text));
  return put ? Result<void>() : std::move(put).error();
}

class StoreWriterTest : public StoreTest {
 protected:
  // Holds the writer inside a job until Release, so that what is written meanwhile waits and ends
  // up in one group.
  void Occupy() {
    occupant_ = std::jthread([this] {
      Write([this](WriteTransaction&) -> Result<void> {
        occupied_.count_down();
        released_.wait();
        return {};
      });
    });
    occupied_.wait();
  }

  void ReleaseWhenWaiting(std::uint32_t jobs) {
    EXPECT_TRUE(Eventually([&] { return store->statistics().jobs_waiting == jobs; }));
    released_.count_down();
    occupant_.join();
  }

  std::latch occupied_{1};
  std::latch released_{1};
  std::jthread occupant_;
};

TEST_F(StoreWriterTest, JobsThatWaitShareOneCommit) {
  Open();
  const CollectionNumber products = Create("products");
  Occupy();
  const std::uint64_t commits = store->statistics().commits;
  std::vector<std::jthread> writers;
  for (int i = 0; i < 20; ++i) {
    writers.emplace_back([&, i] { Put(products, MakeDocument(std::to_string(i), "text")); });
  }
  ReleaseWhenWaiting(20);
  writers.clear();
  EXPECT_EQ((*OpenSnapshot().FindCollection(products))->documents, 20U);
  // The occupant wrote nothing, so its commit does not count.
  EXPECT_EQ(store->statistics().commits, commits + 1);
}

TEST_F(StoreWriterTest, FailedJobCostsNobodyElseAnything) {
  TextListener listener;
  Open(&listener);
  const CollectionNumber products = Create("products");
  Occupy();
  std::atomic<int> failures = 0;
  std::vector<std::jthread> writers;
  for (int i = 0; i < 30; ++i) {
    writers.emplace_back([&, i] {
      const auto written = store->Write([&](WriteTransaction& transaction) -> Result<void> {
        if (auto put = PutText(transaction, products, std::to_string(i), "text"); !put) {
          return put;
        }
        return i % 3 == 0 ? Result<void>(Error(ErrorCode::kConflict, "job " + std::to_string(i)))
                          : Result<void>();
      });
      if (i % 3 == 0) {
        ++failures;
        EXPECT_THAT(written, FailsWith(ErrorCode::kConflict));
        EXPECT_EQ(written.error().message(), "job " + std::to_string(i));
      } else {
        EXPECT_THAT(written, Succeeds());
      }
    });
  }
  ReleaseWhenWaiting(30);
  writers.clear();
  EXPECT_EQ(failures, 10);
  EXPECT_EQ(store->position(), Position{20});
  const Snapshot snapshot = OpenSnapshot();
  EXPECT_EQ((*snapshot.FindCollection(products))->documents, 20U);
  EXPECT_EQ(*snapshot.FindHeader(products, "3"), std::nullopt);
  EXPECT_THAT(*snapshot.Log(Position{0}, 100), testing::SizeIs(20));
  EXPECT_THAT(Verify(snapshot).findings, IsEmpty());
}

TEST_F(StoreWriterTest, JobThatGoesOnAfterAFailedWriteIsGivenUp) {
  TextListener listener;
  listener.on_written = [](WriteTransaction&, const DocumentChange& change) -> Result<bool> {
    if (change.id == "poison") {
      return Error(ErrorCode::kUnprocessable, "cannot be indexed");
    }
    return true;
  };
  Open(&listener);
  const CollectionNumber products = Create("products");
  EXPECT_THAT(store->Write([&](WriteTransaction& transaction) -> Result<void> {
    EXPECT_THAT(PutText(transaction, products, "poison", "text"),
                FailsWith(ErrorCode::kUnprocessable));
    return PutText(transaction, products, "good", "text");
  }),
              FailsWith(ErrorCode::kUnprocessable));
  EXPECT_EQ(Read(products, "good"), "");
  EXPECT_EQ(Read(products, "poison"), "");
}

TEST_F(StoreWriterTest, VersionOfATransactionGivenUpIsNeverGivenAgain) {
  Open();
  const CollectionNumber products = Create("products");
  const auto version = [&](const View& view) { return (*view.FindCollection(products))->version; };
  std::uint64_t given_up = 0;
  const auto failed = store->Write([&](WriteTransaction& transaction) -> Result<void> {
    if (auto touched = transaction.TouchCollection(products); !touched) {
      return touched;
    }
    given_up = version(transaction);
    return Error(ErrorCode::kConflict, "on purpose");
  });
  EXPECT_FALSE(failed);
  ASSERT_THAT(store->Write([&](WriteTransaction& transaction) {
    return transaction.TouchCollection(products);
  }),
              Succeeds());
  EXPECT_GT(version(OpenSnapshot()), given_up);
}

TEST_F(StoreWriterTest, FailureBeforeTheCommitHitsOnlyItsCause) {
  TextListener listener;
  bool is_poisoned = false;
  listener.on_written = [&](WriteTransaction&, const DocumentChange& change) -> Result<bool> {
    is_poisoned = is_poisoned || change.id == "poison";
    return true;
  };
  listener.on_commit = [&](WriteTransaction&) -> Result<void> {
    if (std::exchange(is_poisoned, false)) {
      return Error(ErrorCode::kUnprocessable, "too much");
    }
    return {};
  };
  Open(&listener);
  const CollectionNumber products = Create("products");
  Occupy();
  std::vector<std::jthread> writers;
  for (const char* id : {"a", "b", "poison", "c"}) {
    writers.emplace_back([&, id] {
      const auto written = store->Write([&](WriteTransaction& transaction) {
        return PutText(transaction, products, id, "text");
      });
      if (std::string_view(id) == "poison") {
        EXPECT_THAT(written, FailsWith(ErrorCode::kUnprocessable));
      } else {
        EXPECT_THAT(written, Succeeds());
      }
    });
  }
  ReleaseWhenWaiting(4);
  writers.clear();
  EXPECT_EQ((*OpenSnapshot().FindCollection(products))->documents, 3U);
}

TEST_F(StoreWriterTest, ListenerWritesInTheSameTransactionAndSeesBeforeAndAfter) {
  TextListener listener;
  ColumnNumber column{};
  std::vector<std::string> seen;
  listener.on_written = [&](WriteTransaction& transaction,
                            const DocumentChange& change) -> Result<bool> {
    seen.push_back(std::string(change.before.value_or("-")) + ">" +
                   (change.after == nullptr ? "-" : change.after->json));
    const std::int64_t value = static_cast<std::int64_t>(seen.size());
    transaction.SetColumn(column, change.number, std::span(&value, 1));
    return false;
  };
  Open(&listener);
  const CollectionNumber products = Create("products");
  Write([&](WriteTransaction& transaction) -> Result<void> {
    column = *transaction.AllocateColumn(PageShape::kWide);
    return {};
  });
  const Document one = MakeDocument("a", "one");
  const Document two = MakeDocument("a", "two");
  Put(products, one);
  Put(products, two);
  Delete(products, "a");
  EXPECT_THAT(seen,
              testing::ElementsAre("->" + one.json, one.json + ">" + two.json, two.json + ">-"));
  EXPECT_EQ(OpenSnapshot().Pages(column)->Find(0)->Find(1)[0], 3);
  EXPECT_EQ(listener.sessions, 3U);
  EXPECT_EQ(listener.commits_prepared, 3U);
}

TEST_F(StoreWriterTest, ListenerHearsOfCommitsBeforeTheWriter) {
  TextListener listener;
  Open(&listener);
  const CollectionNumber products = Create("products");
  EXPECT_EQ(listener.commits, 0U);
  Put(products, MakeDocument("a", "one"));
  EXPECT_EQ(listener.commits, 1U);
  EXPECT_THAT(store->Write([&](WriteTransaction& transaction) -> Result<void> {
    EXPECT_THAT(PutText(transaction, products, "b", "two"), Succeeds());
    return Error(ErrorCode::kConflict, "given up");
  }),
              FailsWith(ErrorCode::kConflict));
  EXPECT_EQ(listener.sessions, 2U);
  EXPECT_EQ(listener.commits, 1U);
}

TEST_F(StoreWriterTest, ThrowingJobsReachTheirCallersAndNobodyElse) {
  Open();
  const CollectionNumber products = Create("products");
  EXPECT_THROW(
      {
        const auto ignored = store->Write([&](WriteTransaction& transaction) -> Result<void> {
          EXPECT_THAT(PutText(transaction, products, "half", "text"), Succeeds());
          throw std::runtime_error("surprise");
        });
        static_cast<void>(ignored);
      },
      std::runtime_error);
  EXPECT_THAT(store->Write([](WriteTransaction&) -> Result<void> { throw std::bad_alloc(); }),
              FailsWith(ErrorCode::kExhausted));
  Put(products, MakeDocument("a", "text"));
  EXPECT_EQ((*OpenSnapshot().FindCollection(products))->documents, 1U);
}

TEST_F(StoreWriterTest, OneJobTooManyIsRefused) {
  options.jobs_max = 2;
  Open();
  Occupy();
  std::vector<std::jthread> writers;
  for (int i = 0; i < 2; ++i) {
    writers.emplace_back([&] { Write([](WriteTransaction&) { return Result<void>(); }); });
  }
  EXPECT_TRUE(Eventually([&] { return store->statistics().jobs_waiting == 2; }));
  EXPECT_THAT(store->Write([](WriteTransaction&) { return Result<void>(); }),
              FailsWith(ErrorCode::kUnavailable));
  ReleaseWhenWaiting(2);
}

TEST_F(StoreWriterTest, OneSnapshotTooManyIsRefusedUntilOneIsClosed) {
  options.snapshots_max = 2;
  Open();
  std::optional<Snapshot> first(OpenSnapshot());
  const Snapshot second = OpenSnapshot();
  EXPECT_THAT(store->OpenSnapshot(), FailsWith(ErrorCode::kUnavailable));
  EXPECT_EQ(store->statistics().snapshots_open, 2U);
  first.reset();
  EXPECT_THAT(store->OpenSnapshot(), Succeeds());
  EXPECT_EQ(store->statistics().snapshots_open, 1U);
}

TEST_F(StoreWriterTest, FullMapGrowsAndEverythingIsThere) {
  options.map_size_bytes = 256 << 10;
  options.map_size_max_bytes = 64 << 20;
  TextListener listener;
  Open(&listener);
  const CollectionNumber products = Create("products");
  for (int i = 0; i < 40; ++i) {
    Write([&](WriteTransaction& transaction) -> Result<void> {
      for (int j = 0; j < 50; ++j) {
        const std::string id = std::to_string(i * 50 + j);
        if (auto put = PutText(transaction, products, id, id + std::string(200, 'x') + id); !put) {
          return put;
        }
      }
      return {};
    });
    EXPECT_NE(Read(products, std::to_string(i * 50)), "");
  }
  EXPECT_GT(store->statistics().map_size_bytes, options.map_size_bytes);
  EXPECT_EQ((*OpenSnapshot().FindCollection(products))->documents, 2000U);
  EXPECT_THAT(Verify(OpenSnapshot()).findings, IsEmpty());
  // A file larger than the first map opens all the same.
  Open(&listener);
  EXPECT_NE(Read(products, "1999"), "");
}

TEST_F(StoreWriterTest, MapThatMayNotGrowRefusesAndKeepsWhatItHas) {
  options.map_size_bytes = 512 << 10;
  options.map_size_max_bytes = 512 << 10;
  Open();
  const CollectionNumber products = Create("products");
  Put(products, MakeDocument("kept", "text"));
  Result<Committed> last = Committed{};
  int written = 0;
  for (; written < 1000 && last; ++written) {
    last = store->Write([&](WriteTransaction& transaction) -> Result<void> {
      Document document = MakeDocument("x", "");
      document.id = std::to_string(written);
      std::string noise(8000, '\0');
      for (std::size_t i = 0; i < noise.size(); ++i) {
        noise[i] = static_cast<char>((i * 2654435761U ^ (i * i * 40503U)) >> 7);
      }
      document.json = noise;
      auto put = transaction.Put(products, document);
      return put ? Result<void>() : std::move(put).error();
    });
  }
  EXPECT_THAT(last, FailsWith(ErrorCode::kExhausted));
  EXPECT_NE(Read(products, "kept"), "");
  EXPECT_EQ((*OpenSnapshot().FindCollection(products))->documents,
            static_cast<std::uint64_t>(written));
  EXPECT_THAT(Verify(OpenSnapshot()).findings, IsEmpty());
}

TEST_F(StoreWriterTest, ReadersAndWritersAtOnceSeeWholeTransactions) {
  Open();
  const CollectionNumber products = Create("products");
  std::atomic<bool> is_done = false;
  std::vector<std::jthread> readers;
  for (int i = 0; i < 2; ++i) {
    readers.emplace_back([&] {
      while (!is_done) {
        const Snapshot snapshot = OpenSnapshot();
        const auto first = *snapshot.Find(products, "first");
        const auto second = *snapshot.Find(products, "second");
        ASSERT_EQ(first.has_value(), second.has_value());
        if (first) {
          // Written together, so they differ in nothing but the id.
          EXPECT_EQ(Json::parse(first->json)["text"], Json::parse(second->json)["text"]);
        }
      }
    });
  }
  for (int i = 0; i < 200; ++i) {
    Write([&](WriteTransaction& transaction) -> Result<void> {
      const std::string text = "version " + std::to_string(i);
      if (auto put = PutText(transaction, products, "first", text); !put) {
        return put;
      }
      return PutText(transaction, products, "second", text);
    });
  }
  is_done = true;
}

TEST_F(StoreWriterTest, CopyIsAWholeStoreOfItsOwn) {
  Open();
  const CollectionNumber products = Create("products");
  Put(products, MakeDocument("a", "text"));
  const auto target = directory.path() / "copy";
  ASSERT_THAT(store->CopyTo(target), Succeeds());
  EXPECT_THAT(store->CopyTo(target), FailsWith(ErrorCode::kConflict));
  Put(products, MakeDocument("b", "text"));
  options.directory = target;
  Open();
  EXPECT_NE(Read(products, "a"), "");
  EXPECT_EQ(Read(products, "b"), "");
  EXPECT_THAT(Verify(OpenSnapshot()).findings, IsEmpty());
}

}  // namespace
}  // namespace cacheindex::cache
