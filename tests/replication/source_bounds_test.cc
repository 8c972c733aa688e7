#include <gmock/gmock.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "tests/replication/followed_shop.h"

// A source stays up, within its bounds, and lets the server go on.

namespace cacheindex::replication {
namespace {

using test::FailsWith;
using test::Succeeds;
using ::testing::HasSubstr;
using State = SourceStatus::State;
using std::chrono::steady_clock;

constexpr const char* kShop = R"(
  CREATE TABLE product (id int PRIMARY KEY, title text);
  INSERT INTO product SELECT i, 'product ' || i FROM generate_series(1, 100) i;
  CREATE PUBLICATION p FOR TABLE product)";

class SourceBoundsTest : public ::testing::Test {
 protected:
  static LogPosition Confirmed(FollowedShop& shop) {
    return *ParseLogPosition(
        shop.Value("SELECT confirmed_flush_lsn FROM pg_replication_slots "
                   "WHERE slot_name = '" +
                   shop.options.slot + "'"));
  }
  // What the server knows from the last status message that it got.
  static std::string LastStatus(FollowedShop& shop, const std::string& expression) {
    return shop.Value("SELECT " + expression +
                      " FROM pg_stat_replication WHERE application_name = 'cacheindex_" +
                      shop.options.slot + "'");
  }
  static std::unique_ptr<FollowedShop> Follow(test::PostgresCluster* cluster = nullptr) {
    auto shop = std::make_unique<FollowedShop>(cluster, kShop);
    shop->MirrorTable("product", {"id", "title"});
    shop->Start();
    EXPECT_TRUE(shop->BecomesState(State::kLive));
    EXPECT_TRUE(shop->CatchesUp());
    return shop;
  }
  static std::size_t OpenDescriptors() {
    const std::filesystem::directory_iterator all("/proc/self/fd");
    return static_cast<std::size_t>(std::distance(begin(all), end(all)));
  }
  static std::size_t Threads() {
    const std::filesystem::directory_iterator all("/proc/self/task");
    return static_cast<std::size_t>(std::distance(begin(all), end(all)));
  }
};

TEST_F(SourceBoundsTest, RequirementB17_AFullQueueDoesNotEndTheConnection) {
  test::PostgresCluster cluster({"wal_sender_timeout=1s"});
  FollowedShop shop(&cluster, kShop);
  shop.MirrorTable("product", {"id", "title"});
  shop.options.queue_bytes_max = 20'000;
  shop.options.group_transactions_max = 1;
  shop.Start();
  ASSERT_TRUE(shop.BecomesState(State::kLive));
  ASSERT_TRUE(shop.CatchesUp());
  // The store's writer waits for this job, and so does the applier.
  std::atomic<bool> is_held = true;
  std::thread holder([&] {
    const auto written =
        shop.generations().live()->store().Write([&](cache::WriteTransaction&) -> Result<void> {
          is_held.wait(true);
          return {};
        });
    EXPECT_THAT(written, Succeeds());
  });
  for (int i = 0; i < 300; ++i) {
    shop.Execute("UPDATE product SET title = repeat('x', 1000) || " + std::to_string(i));
  }
  EXPECT_TRUE(Eventually([&] { return shop.source().Status().queue_bytes >= 20'000; }));
  // The server goes on hearing from this session, for longer than it waits for one that is silent.
  const std::string full = shop.Value("SELECT clock_timestamp()");
  EXPECT_TRUE(Eventually([&] {
    EXPECT_EQ(shop.source().Status().reconnects, 0U);
    EXPECT_LT(shop.source().Status().queue_bytes, 400'000U);
    return LastStatus(shop, "reply_time > '" + full + "'::timestamptz + interval '3s'") == "t";
  }));
  is_held = false;
  is_held.notify_all();
  holder.join();
  ASSERT_TRUE(shop.CatchesUp());
  shop.ExpectEqual();
  EXPECT_EQ(shop.source().Status().reconnects, 0U);
}

TEST_F(SourceBoundsTest, RequirementB16_ALargeTransactionGoesThroughTheSpool) {
  FollowedShop shop(kShop);
  shop.MirrorTable("product", {"id", "title"});
  shop.options.transaction_bytes_max = 10'000;
  shop.options.queue_bytes_max = 20'000;
  shop.Start();
  ASSERT_TRUE(shop.BecomesState(State::kLive));
  shop.Execute(
      "INSERT INTO product SELECT i, repeat('long ', 20) FROM generate_series(1000, 6000) i");
  shop.Execute("UPDATE product SET title = title || 'er'");
  ASSERT_TRUE(shop.CatchesUp());
  // All of its documents change at once for Compose, and later in the store.
  ASSERT_TRUE(shop.CatchesUp(true));
  shop.ExpectEqual();
  EXPECT_TRUE(std::filesystem::is_empty(shop.options.spool_directory));
}

TEST_F(SourceBoundsTest, RequirementB18A2_TheServerIsToldOfWhatIsDurableAndOfNothingElse) {
  const auto shop = Follow();
  // Whatever is written elsewhere lets the slot go on.
  shop->Execute("CREATE TABLE unpublished (x text)");
  for (int i = 0; i < 3; ++i) {
    shop->Execute("INSERT INTO unpublished SELECT repeat('x', 1000) FROM generate_series(1, 2000)");
    const LogPosition end = shop->ServerPosition();
    EXPECT_TRUE(Eventually([&] { return Confirmed(*shop) >= end; })) << i;
  }
  // A change that is not in the text index does not.
  shop->generations().is_text_held = true;
  const LogPosition before = shop->ServerPosition();
  shop->Execute("UPDATE product SET title = 'held' WHERE id = 1");
  ASSERT_TRUE(shop->CatchesUp());
  const LogPosition after = shop->ServerPosition();
  shop->Execute("INSERT INTO unpublished SELECT repeat('x', 1000) FROM generate_series(1, 2000)");
  ASSERT_TRUE(shop->CatchesUp()) << "documents are visible before the text index is durable";
  std::set<std::string> statuses;
  EXPECT_TRUE(Eventually([&] {
    statuses.insert(LastStatus(*shop, "reply_time"));
    EXPECT_LT(Confirmed(*shop), after);
    return statuses.size() >= 30;
  })) << "the server does not hear from the node";
  EXPECT_GE(shop->source().Status().applied, after);
  EXPECT_LT(shop->source().Status().acknowledged, after);
  EXPECT_GT(after, before);
  EXPECT_THAT(
      shop->source().WaitFor(after, true, steady_clock::now() + std::chrono::milliseconds(50)),
      FailsWith(ErrorCode::kTimeout));
  shop->generations().is_text_held = false;
  EXPECT_TRUE(Eventually([&] { return Confirmed(*shop) > after; }));
  EXPECT_TRUE(shop->CatchesUp(true));
}

TEST_F(SourceBoundsTest, RequirementB24_TheCopyWaitsForALongTransactionAndLeavesNoSlots) {
  FollowedShop shop(kShop);
  shop.MirrorTable("product", {"id", "title"});
  shop.options.lock_timeout = std::chrono::milliseconds(100);
  test::PostgresSession writer(shop.database().connection());
  writer.Execute("BEGIN; UPDATE product SET title = 'long' WHERE id = 1");
  shop.Start();
  ASSERT_TRUE(Eventually([&] {
    return shop.source().Status().reason.find("55P03") != std::string::npos;
  })) << shop.source().Status().reason;
  EXPECT_EQ(shop.Value("SELECT count(*) FROM pg_replication_slots WHERE database = "
                       "current_database() AND NOT active"),
            "0");
  writer.Execute("COMMIT");
  ASSERT_TRUE(shop.BecomesState(State::kLive));
  ASSERT_TRUE(shop.CatchesUp());
  shop.ExpectEqual();
}

// Not even the snapshots of the copy get a slot.
TEST_F(SourceBoundsTest, RequirementB24_TheOnlySlotThatIsLeftIsEnough) {
  test::PostgresCluster cluster({"max_replication_slots=1"});
  FollowedShop shop(&cluster, kShop);
  shop.MirrorTable("product", {"id", "title"});
  shop.Start();
  ASSERT_TRUE(shop.BecomesState(State::kLive));
  shop.Execute("UPDATE product SET title = 'new' WHERE id < 10");
  ASSERT_TRUE(shop.CatchesUp());
  shop.ExpectEqual();
  EXPECT_EQ(shop.source().Status().rebuilds, 0U);
  shop.Stop();
}

TEST_F(SourceBoundsTest, RequirementB24_ALongTransactionDoesNotHoldBackACopyThatIsBegun) {
  FollowedShop shop(
      "CREATE TABLE product (id int PRIMARY KEY, title text);"
      "INSERT INTO product SELECT i, 'product ' || i FROM generate_series(1, 60000) i;"
      "CREATE PUBLICATION p FOR TABLE product");
  shop.MirrorTable("product", {"id", "title"});
  shop.options.lock_timeout = std::chrono::milliseconds(100);
  shop.Start();
  ASSERT_TRUE(Eventually([&] { return shop.source().Status().applier.rows >= 10'000; }));
  shop.Stop();
  shop.Execute("UPDATE product SET title = 'changed' WHERE id % 100 = 0");
  test::PostgresSession writer(shop.database().connection());
  writer.Execute("BEGIN; UPDATE product SET title = 'long' WHERE id % 100 = 1");
  shop.Execute("DELETE FROM product WHERE id % 100 = 2");
  shop.Restart();
  ASSERT_TRUE(shop.BecomesState(State::kLive));
  ASSERT_TRUE(shop.CatchesUp());
  shop.ExpectEqual();
  writer.Execute("COMMIT");
  ASSERT_TRUE(shop.CatchesUp());
  shop.ExpectEqual();
  EXPECT_EQ(shop.source().Status().rebuilds, 0U);
}

TEST_F(SourceBoundsTest, RequirementB26_ABadTableIsNamedAndTheOthersAreFollowed) {
  FollowedShop shop(std::string(kShop) +
                    "; CREATE TABLE bad (x text); INSERT INTO bad VALUES ('x');"
                    "ALTER PUBLICATION p ADD TABLE bad");
  shop.MirrorTable("product", {"id", "title"});
  shop.Start();
  ASSERT_TRUE(shop.BecomesState(State::kLive));
  shop.Execute("INSERT INTO bad VALUES ('y'); UPDATE product SET title = 'new' WHERE id = 1");
  ASSERT_TRUE(shop.CatchesUp());
  shop.ExpectEqual();
  const SourceStatus status = shop.source().Status();
  ASSERT_EQ(status.tables.size(), 2U);
  for (const SourceStatus::TableStatus& table : status.tables) {
    const bool is_bad = table.name == "public.bad";
    EXPECT_EQ(table.state, is_bad ? "failed" : "live");
    EXPECT_EQ(table.reason.find("ADD PRIMARY KEY") != std::string::npos, is_bad);
  }
}

TEST_F(SourceBoundsTest, RequirementB27_ServerRestartsAndCutSessionsLeaveNothingBehind) {
  test::PostgresCluster cluster;
  const auto shop = Follow(&cluster);
  const auto cut = [&] {
    const std::uint64_t before = shop->source().Status().reconnects;
    EXPECT_TRUE(shop->BecomesState(State::kLive));
    shop->Execute("SELECT pg_terminate_backend(pid) FROM pg_stat_replication");
    EXPECT_TRUE(Eventually([&] { return shop->source().Status().reconnects > before; }));
    EXPECT_TRUE(shop->BecomesState(State::kLive));
  };
  cut();
  const std::size_t descriptors = OpenDescriptors();
  const std::size_t threads = Threads();
  for (int i = 0; i < 20; ++i) {
    cut();
    shop->Execute("UPDATE product SET title = title || 'x' WHERE id <= 10");
  }
  for (const auto mode :
       {test::PostgresCluster::StopMode::kFast, test::PostgresCluster::StopMode::kImmediate}) {
    shop->Execute("UPDATE product SET title = title || 'y' WHERE id <= 10");
    cluster.Restart(mode);
    shop->database().Connect();
    ASSERT_TRUE(shop->CatchesUp());
    shop->ExpectEqual();
  }
  EXPECT_LE(OpenDescriptors(), descriptors + 2);
  EXPECT_LE(Threads(), threads);
  EXPECT_EQ(shop->source().Status().rebuilds, 0U);
  shop->Stop();
}

TEST_F(SourceBoundsTest, RequirementC33_PositionsAreWaitedFor) {
  const auto shop = Follow();
  // Fresh from a COMMIT, without one of ours, and of a COMMIT that did not wait for the disk.
  for (const char* statement :
       {"UPDATE product SET title = 'now' WHERE id = 1", "CREATE TABLE other (x int)",
        "SET synchronous_commit = off; UPDATE product SET title = 'soon' WHERE id = 2",
        "SELECT pg_switch_wal()"}) {
    shop->Execute(statement);
    EXPECT_TRUE(shop->CatchesUp()) << statement;
    EXPECT_TRUE(shop->CatchesUp(true)) << statement;
  }
  shop->ExpectEqual();
  const auto begun = steady_clock::now();
  EXPECT_THAT(shop->source().WaitFor(
                  LogPosition{static_cast<std::uint64_t>(shop->ServerPosition()) + (1U << 24)},
                  false, begun + std::chrono::seconds(50)),
              FailsWith(ErrorCode::kInvalidArgument))
      << "a position that the log never had";
  EXPECT_LT(steady_clock::now() - begun, std::chrono::seconds(20));
  shop->Stop();
}

TEST_F(SourceBoundsTest, RequirementE51_TheHeartbeatComesFromTheServerAndThroughTheApplier) {
  test::PostgresCluster cluster({"wal_sender_timeout=60s"});
  const auto shop = Follow(&cluster);
  // Idle, and alive: it beats again and again.
  int beats = 0;
  std::chrono::milliseconds last_age{0};
  EXPECT_TRUE(Eventually([&] {
    const std::chrono::milliseconds age = shop->source().Status().heartbeat_age;
    EXPECT_LT(age, std::chrono::milliseconds(2'500));
    beats += age < last_age ? 1 : 0;
    last_age = age;
    return beats >= 4;
  }));
  // An applier that stands still shows although the connection lives.
  std::atomic<bool> is_held = true;
  std::thread holder([&] {
    const auto written =
        shop->generations().live()->store().Write([&](cache::WriteTransaction&) -> Result<void> {
          is_held.wait(true);
          return {};
        });
    EXPECT_THAT(written, Succeeds());
  });
  shop->Execute("UPDATE product SET title = 'held' WHERE id = 1");
  EXPECT_TRUE(Eventually(
      [&] { return shop->source().Status().heartbeat_age > std::chrono::milliseconds(3'000); }));
  EXPECT_EQ(shop->Value("SELECT count(*) FROM pg_stat_replication"), "1");
  is_held = false;
  is_held.notify_all();
  holder.join();
  EXPECT_TRUE(Eventually(
      [&] { return shop->source().Status().heartbeat_age < std::chrono::milliseconds(1'500); }));
  shop->Stop();
}

TEST_F(SourceBoundsTest, RequirementE53_TheStatusMovesForwardOnly) {
  const auto shop = Follow();
  SourceStatus last = shop->source().Status();
  for (int i = 0; i < 50; ++i) {
    shop->Execute("UPDATE product SET title = title || 'x' WHERE id = " + std::to_string(i));
    const SourceStatus now = shop->source().Status();
    EXPECT_GE(now.received, last.received);
    EXPECT_GE(now.applied, last.applied);
    EXPECT_GE(now.indexed, last.indexed);
    EXPECT_GE(now.searchable, last.searchable);
    EXPECT_GE(now.acknowledged, last.acknowledged);
    EXPECT_GE(now.server, last.server);
    EXPECT_LE(now.acknowledged, now.received);
    EXPECT_GE(now.applier.transactions, last.applier.transactions);
    last = now;
  }
  ASSERT_TRUE(shop->CatchesUp());
  EXPECT_GT(shop->source().Status().applier.changes, 40U);
  ASSERT_EQ(last.tables.size(), 1U);
  EXPECT_EQ(last.tables[0].rows_copied, 100U);
}

TEST_F(SourceBoundsTest, RequirementC39_ACommitDoesNotWaitLongForANodeThatIsASynchronousStandby) {
  test::PostgresCluster cluster;
  const auto shop = Follow(&cluster);
  cluster.Append("synchronous_standby_names='*'");
  cluster.Reload();
  ASSERT_TRUE(Eventually([&] { return shop->Value("SHOW synchronous_standby_names") == "*"; }));
  for (int i = 0; i < 10; ++i) {
    const auto begun = steady_clock::now();
    shop->Execute("UPDATE product SET title = title || 'x' WHERE id = 1");
    EXPECT_LT(steady_clock::now() - begun,
              shop->options.status_interval + std::chrono::milliseconds(1'000));
  }
  shop->Stop();
  cluster.Append("synchronous_standby_names=''");
  cluster.Reload();
}

}  // namespace
}  // namespace cacheindex::replication
