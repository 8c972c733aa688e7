// Searches in turn: who is next, who waits, who is shed.
#include "api/search_pool.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <functional>

#include "node/core/long_work.h"
#include "tests/api/fake_service.h"
#include "tests/support/eventually.h"

namespace cacheindex::api::test {
namespace {

using cacheindex::test::Eventually;
using std::chrono::milliseconds;

constexpr milliseconds kLong{60'000};

// What became of the jobs of one client.
struct Fate {
  std::atomic<int> run = 0;
  std::atomic<int> cancelled = 0;
  std::atomic<int> shed = 0;
  std::atomic<int> too_many = 0;
};

class TestJob : public Job {
 public:
  TestJob(Fate& fate, std::function<void()> work) : fate_(fate), work_(std::move(work)) {}
  void Run() override {
    work_();
    ++fate_.run;
  }
  void Cancel() override { ++fate_.cancelled; }
  void Shed(Shedding reason) override {
    ++(reason == Shedding::kOverload ? fate_.shed : fate_.too_many);
  }

 private:
  Fate& fate_;
  std::function<void()> work_;
};

SearchClient Named(const std::string& address) { return {.address = address, .key = 1}; }

void Compute(milliseconds time) {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  const auto nanoseconds = [&] { return now.tv_sec * 1'000'000'000L + now.tv_nsec; };
  const long end = nanoseconds() + time.count() * 1'000'000L;
  while (nanoseconds() < end) {
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  }
}

TEST(SearchPoolTest, OneClientNeverHasAllThreads) {
  Gate gate;
  Fate fate;
  Fate others;
  SearchPool pool({.threads = 4,
                   .queued_max = 100,
                   .queued_per_client_max = 100,
                   .wait_max = kLong,
                   .may_sleep = true});
  for (int i = 0; i < 8; ++i) {
    pool.Push(std::make_unique<TestJob>(fate, [&] { gate.Wait(); }), Named("a"));
  }
  gate.AwaitWaiting(3);
  EXPECT_EQ(pool.queued(), 5U) << "the fourth thread is for others";
  pool.Push(std::make_unique<TestJob>(others, [] {}), Named("b"));
  EXPECT_TRUE(Eventually([&] { return others.run == 1; }));
  EXPECT_EQ(fate.run, 0);
  gate.Open();
  EXPECT_TRUE(Eventually([&] { return fate.run == 8; }));
}

// One thread, and searches of 2 ms that say whose they are when their turn comes.
class SearchPoolOrderTest : public testing::Test {
 protected:
  void Push(const SearchClient& client) {
    pool_.Push(std::make_unique<TestJob>(fate_,
                                         [this, letter = client.address.front()] {
                                           const std::lock_guard lock(mutex_);
                                           order_ += letter;
                                           Compute(milliseconds(2));
                                         }),
               client);
  }
  void Push(const SearchClient& client, int times) {
    for (int i = 0; i < times; ++i) {
      Push(client);
    }
  }
  // Nothing runs from here on.
  void Close() {
    pool_.Push(std::make_unique<TestJob>(others_, [this] { gate_.Wait(); }), Named("gate"));
    gate_.AwaitWaiting(1);
  }
  bool HaveRun(int count) {
    return Eventually([&] { return fate_.run == count; });
  }
  // Opens, and returns the order in which `count` of all have run.
  std::string OrderOf(int count) {
    gate_.Open();
    EXPECT_TRUE(HaveRun(count));
    const std::lock_guard lock(mutex_);
    return order_;
  }

  Gate gate_;
  Fate fate_;
  Fate others_;
  std::mutex mutex_;
  std::string order_;
  SearchPool pool_{{.threads = 1,
                    .queued_max = 100,
                    .queued_per_client_max = 100,
                    .wait_max = kLong,
                    .may_sleep = true}};
};

TEST_F(SearchPoolOrderTest, WhoHasUsedLeastIsNext) {
  Close();
  Push(Named("a"), 20);
  Push(Named("b"));
  Push(Named("c"));
  const std::string order = OrderOf(22);
  EXPECT_LT(order.find('b'), 3U) << order;
  EXPECT_LT(order.find('c'), 3U) << order;
}

TEST_F(SearchPoolOrderTest, KeysHaveEqualPartsHoweverManyAddressesHaveOne) {
  Close();
  for (int i = 0; i < 20; ++i) {
    Push({.address = "public" + std::to_string(i), .key = 2});
  }
  Push({.address = "server", .key = 3}, 5);
  const std::string order = OrderOf(25);
  EXPECT_LT(order.rfind('s'), 13U) << order;
}

// Its turn is measured by the clients of its own key, whatever those of others have used.
TEST_F(SearchPoolOrderTest, WhoComesBackStandsWithTheOthersOfItsKey) {
  const SearchClient visitor{.address = "visitor", .key = 3};
  Push(visitor);
  ASSERT_TRUE(HaveRun(1));
  Push({.address = "server", .key = 2}, 50);
  ASSERT_TRUE(HaveRun(51));
  Close();
  Push({.address = "crawler", .key = 3}, 20);
  Push(visitor);
  const std::string order = OrderOf(72).substr(51);
  EXPECT_LT(order.find('v'), 4U) << order;
}

TEST(SearchPoolTest, SlowSearchesGoOnElsewhere) {
  Gate gate;
  Fate slow;
  Fate quick;
  SearchPool pool(
      {.threads = 2, .queued_max = 100, .queued_per_client_max = 100, .wait_max = kLong});
  // Both threads, by two clients, for as long as they like.
  for (const char* const name : {"a", "b"}) {
    pool.Push(std::make_unique<TestJob>(slow, [&] { gate.Wait(); }), Named(name));
  }
  gate.AwaitWaiting(2);
  for (int i = 0; i < 10; ++i) {
    pool.Push(std::make_unique<TestJob>(quick, [] {}), Named("c"));
  }
  EXPECT_TRUE(Eventually([&] { return quick.run == 10; }));
  EXPECT_EQ(slow.run, 0);
  gate.Open();
  EXPECT_TRUE(Eventually([&] { return slow.run == 2; }));
}

TEST(SearchPoolTest, AClientOfSlowSearchesHasThreadsOfItsOwn) {
  Gate gate;
  Fate slow;
  Fate quick;
  SearchPool pool(
      {.threads = 1, .queued_max = 100, .queued_per_client_max = 100, .wait_max = kLong});
  for (int i = 0; i < 2; ++i) {
    pool.Push(std::make_unique<TestJob>(slow, [] { Compute(milliseconds(60)); }), Named("a"));
  }
  ASSERT_TRUE(Eventually([&] { return slow.run == 2; }));
  pool.Push(std::make_unique<TestJob>(slow, [&] { gate.Wait(); }), Named("a"));
  gate.AwaitWaiting(1);
  pool.Push(std::make_unique<TestJob>(slow, [] {}), Named("a"));
  pool.Push(std::make_unique<TestJob>(quick, [] {}), Named("b"));
  EXPECT_TRUE(Eventually([&] { return quick.run == 1; }));
  EXPECT_EQ(pool.queued(), 1U) << "the other of the slow client waits for its own thread";
  gate.Open();
  EXPECT_TRUE(Eventually([&] { return slow.run == 4; }));
}

TEST(SearchPoolTest, WhatAnnouncesThatItTakesLongGivesWayAtOnce) {
  Gate gate;
  Fate announced;
  Fate quick;
  // Nothing else lets go of a search that sleeps.
  SearchPool pool({.threads = 1,
                   .queued_max = 100,
                   .queued_per_client_max = 100,
                   .wait_max = kLong,
                   .may_sleep = true});
  for (int i = 0; i < 3; ++i) {
    pool.Push(std::make_unique<TestJob>(announced,
                                        [&] {
                                          AnnounceLongWork();
                                          AnnounceLongWork();
                                          gate.Wait();
                                        }),
              Named("a"));
  }
  gate.AwaitWaiting(3);
  pool.Push(std::make_unique<TestJob>(quick, [] {}), Named("b"));
  EXPECT_TRUE(Eventually([&] { return quick.run == 1; }));
  gate.Open();
  EXPECT_TRUE(Eventually([&] { return announced.run == 3; }));
  // They were not slow after all.
  pool.Push(std::make_unique<TestJob>(announced, [] {}), Named("a"));
  EXPECT_TRUE(Eventually([&] { return announced.run == 4; }));
}

TEST(SearchPoolTest, SearchesThatAreMuchDearerThanMostHaveThreadsOfTheirOwn) {
  Gate gate;
  Fate dear;
  Fate cheap;
  SearchPool pool({.threads = 1,
                   .queued_max = 1000,
                   .queued_per_client_max = 1000,
                   .wait_max = kLong,
                   .may_sleep = true});
  for (int i = 0; i < 10; ++i) {
    pool.Push(std::make_unique<TestJob>(dear, [] { Compute(milliseconds(10)); }), Named("dear"));
  }
  for (int i = 0; i < 400; ++i) {
    pool.Push(std::make_unique<TestJob>(cheap, [] {}), Named("cheap"));
  }
  ASSERT_TRUE(Eventually([&] { return dear.run == 10 && cheap.run == 400; }));
  // Both search at present, by which the dear one's is on the other thread.
  pool.Push(std::make_unique<TestJob>(cheap, [] {}), Named("cheap"));
  ASSERT_TRUE(Eventually([&] { return cheap.run == 401; }));
  pool.Push(std::make_unique<TestJob>(dear, [&] { gate.Wait(); }), Named("dear"));
  gate.AwaitWaiting(1);
  pool.Push(std::make_unique<TestJob>(cheap, [] {}), Named("cheap"));
  EXPECT_TRUE(Eventually([&] { return cheap.run == 402; }));
  EXPECT_EQ(dear.run, 10);
  gate.Open();
  EXPECT_TRUE(Eventually([&] { return dear.run == 11; }));
}

TEST(SearchPoolTest, WhoIsDearDoesNotWaitForWhoIsSlow) {
  Gate gate;
  Fate slow;
  Fate dear;
  Fate cheap;
  SearchPool pool(
      {.threads = 1, .queued_max = 1000, .queued_per_client_max = 1000, .wait_max = kLong});
  for (int i = 0; i < 2; ++i) {
    pool.Push(std::make_unique<TestJob>(slow, [] { Compute(milliseconds(60)); }), Named("slow"));
  }
  ASSERT_TRUE(Eventually([&] { return slow.run == 2; }));
  pool.Push(std::make_unique<TestJob>(slow, [&] { gate.Wait(); }), Named("slow"));
  gate.AwaitWaiting(1);
  for (int i = 0; i < 400; ++i) {
    pool.Push(std::make_unique<TestJob>(cheap, [] {}), Named("cheap"));
  }
  for (int i = 0; i < 20; ++i) {
    pool.Push(std::make_unique<TestJob>(dear, [] { Compute(milliseconds(10)); }), Named("dear"));
  }
  EXPECT_TRUE(Eventually([&] { return dear.run == 20 && cheap.run == 400; }));
  EXPECT_EQ(slow.run, 2);
  gate.Open();
  EXPECT_TRUE(Eventually([&] { return slow.run == 3; }));
}

TEST(SearchPoolTest, ManyClientsOfOneSlowSearchEachAreAsOneOfMany) {
  Gate gate;
  Fate slow;
  Fate quick;
  SearchPool pool(
      {.threads = 1, .queued_max = 100, .queued_per_client_max = 100, .wait_max = kLong});
  for (int i = 0; i < 10; ++i) {
    pool.Push(std::make_unique<TestJob>(quick, [] {}), Named("known"));
  }
  ASSERT_TRUE(Eventually([&] { return quick.run == 10; }));
  for (int i = 0; i < 2; ++i) {
    pool.Push(std::make_unique<TestJob>(slow, [] { Compute(milliseconds(60)); }),
              Named("new" + std::to_string(i)));
    ASSERT_TRUE(Eventually([&] { return slow.run == i + 1; }));
  }
  // The next new one is expected to be slow, and does not take the thread that the known ones have.
  pool.Push(std::make_unique<TestJob>(slow, [&] { gate.Wait(); }), Named("new2"));
  gate.AwaitWaiting(1);
  pool.Push(std::make_unique<TestJob>(slow, [] {}), Named("new3"));
  pool.Push(std::make_unique<TestJob>(quick, [] {}), Named("known"));
  EXPECT_TRUE(Eventually([&] { return quick.run == 11; }));
  EXPECT_EQ(pool.queued(), 1U);
  gate.Open();
  EXPECT_TRUE(Eventually([&] { return slow.run == 4; }));
}

TEST(SearchPoolTest, WhatWaitsTooLongIsShed) {
  Gate gate;
  Fate fate;
  SearchPool pool({.threads = 1,
                   .queued_max = 100,
                   .queued_per_client_max = 100,
                   .wait_max = milliseconds(20),
                   .may_sleep = true});
  pool.Push(std::make_unique<TestJob>(fate, [&] { gate.Wait(); }), Named("a"));
  gate.AwaitWaiting(1);
  for (int i = 0; i < 5; ++i) {
    pool.Push(std::make_unique<TestJob>(fate, [] {}), Named(i % 2 == 0 ? "a" : "b"));
  }
  EXPECT_TRUE(Eventually([&] { return fate.shed == 5; })) << "before its turn came";
  EXPECT_EQ(pool.queued(), 0U);
  gate.Open();
  EXPECT_TRUE(Eventually([&] { return fate.run == 1; }));
  pool.Push(std::make_unique<TestJob>(fate, [] {}), Named("a"));
  EXPECT_TRUE(Eventually([&] { return fate.run == 2; }));
}

TEST(SearchPoolTest, QueuesAreBoundedForOneAndForAll) {
  Gate gate;
  Fate fate;
  SearchPool pool({.threads = 1,
                   .queued_max = 3,
                   .queued_per_client_max = 2,
                   .wait_max = kLong,
                   .may_sleep = true});
  pool.Push(std::make_unique<TestJob>(fate, [&] { gate.Wait(); }), Named("gate"));
  gate.AwaitWaiting(1);
  for (int i = 0; i < 3; ++i) {
    pool.Push(std::make_unique<TestJob>(fate, [] {}), Named("a"));
  }
  EXPECT_EQ(fate.too_many, 1) << "its own queue is full";
  for (int i = 0; i < 2; ++i) {
    pool.Push(std::make_unique<TestJob>(fate, [] {}), Named("b"));
  }
  EXPECT_EQ(fate.shed, 1) << "all queues are";
  gate.Open();
  EXPECT_TRUE(Eventually([&] { return fate.run == 4; }));
}

TEST(SearchPoolTest, StoppingCancelsWhatWaits) {
  Gate gate;
  Fate fate;
  SearchPool pool({.threads = 1,
                   .queued_max = 10,
                   .queued_per_client_max = 10,
                   .wait_max = kLong,
                   .may_sleep = true});
  pool.Push(std::make_unique<TestJob>(fate, [&] { gate.Wait(); }), Named("a"));
  gate.AwaitWaiting(1);
  pool.Push(std::make_unique<TestJob>(fate, [] {}), Named("a"));
  std::jthread stop([&] { pool.Stop(); });
  EXPECT_TRUE(Eventually([&] { return fate.cancelled == 1; }));
  gate.Open();
  stop.join();
  EXPECT_EQ(fate.run, 1);
  pool.Push(std::make_unique<TestJob>(fate, [] {}), Named("a"));
  EXPECT_EQ(fate.cancelled, 2);
}

}  // namespace
}  // namespace cacheindex::api::test
