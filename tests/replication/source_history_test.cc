#include <gmock/gmock.h>

#include <filesystem>
#include <memory>
#include <string>

#include "tests/replication/followed_shop.h"

// Whether the history that a server streams is the one that is applied.

namespace cacheindex::replication {
namespace {

using ::testing::HasSubstr;
using State = SourceStatus::State;

constexpr const char* kShop = R"(
  CREATE TABLE product (id int PRIMARY KEY, title text);
  INSERT INTO product SELECT i, 'product ' || i FROM generate_series(1, 100) i;
  CREATE TABLE other (id int PRIMARY KEY, x text);
  CREATE PUBLICATION p FOR TABLE product)";

class SourceHistoryTest : public ::testing::Test {
 protected:
  SourceHistoryTest() : shop_(&cluster_, kShop) { shop_.MirrorTable("product", {"id", "title"}); }
  ~SourceHistoryTest() override { shop_.Stop(); }

  void Follow() {
    shop_.Start();
    ASSERT_TRUE(shop_.BecomesState(State::kLive));
    ASSERT_TRUE(shop_.CatchesUp(true));
  }
  void CatchUpAndStop() {
    ASSERT_TRUE(shop_.CatchesUp(true));
    applied_ = shop_.source().Status().applied;
    shop_.Stop();
  }
  void FollowAndStop() {
    Follow();
    CatchUpAndStop();
  }
  std::filesystem::path backup() const { return cluster_.data().parent_path() / "backup"; }
  static void AsServer(const std::vector<std::string>& command) {
    ASSERT_EQ(test::RunCommand(test::ClusterDirectory::AsServer(command), "/dev/null"), 0);
  }
  void BackUp() {
    cluster_.Stop();
    AsServer({"cp", "-a", cluster_.data(), backup()});
    cluster_.Start();
    shop_.database().Connect();
  }
  void PutBack() {
    cluster_.Stop();
    std::filesystem::remove_all(cluster_.data());
    AsServer({"cp", "-a", backup(), cluster_.data()});
    cluster_.Start();
    shop_.database().Connect();
  }
  // Lets the log grow beyond where the node is.
  void PassTheNode(const std::string& statement) {
    while (shop_.ServerPosition() <= applied_) {
      shop_.Execute(statement);
    }
    shop_.Execute(statement);
  }
  void ExpectRebuilds(std::uint64_t rebuilds) {
    shop_.Start();
    ASSERT_TRUE(Eventually([&] {
      return shop_.source().Status().rebuilds == rebuilds && shop_.IsState(State::kLive);
    })) << shop_.source().Status().reason;
    ASSERT_TRUE(shop_.CatchesUp());
    shop_.ExpectEqual();
    EXPECT_EQ(shop_.source().Status().rebuilds, rebuilds) << shop_.source().Status().rebuild_reason;
  }

  test::PostgresCluster cluster_;
  FollowedShop shop_;
  LogPosition applied_{};
};

TEST_F(SourceHistoryTest, RequirementA12_AVolumeThatWasPutBackIsCopiedAnew) {
  FollowAndStop();
  BackUp();
  Follow();
  shop_.Execute("UPDATE product SET title = 'lost' WHERE id <= 10");
  shop_.Execute("DELETE FROM product WHERE id = 20; INSERT INTO product VALUES (500, 'lost')");
  CatchUpAndStop();
  PutBack();
  PassTheNode("UPDATE product SET title = title || 'x' WHERE id > 90");
  ExpectRebuilds(1);
  EXPECT_THAT(shop_.source().Status().rebuild_reason, HasSubstr("put back to an older state"));
}

// Nothing that is published happens after the volume was put back, so nothing comes in the stream.
TEST_F(SourceHistoryTest, RequirementA12_AVolumeThatWasPutBackAndIsIdleIsCopiedAnew) {
  FollowAndStop();
  BackUp();
  Follow();
  shop_.Execute("DELETE FROM product WHERE id = 20; INSERT INTO product VALUES (500, 'lost')");
  CatchUpAndStop();
  PutBack();
  PassTheNode(
      "INSERT INTO other SELECT i, repeat('x', 100) FROM generate_series(1, 100) i "
      "ON CONFLICT (id) DO UPDATE SET x = other.x || 'y'");
  ExpectRebuilds(1);
}

// What the node has of the time after was nothing, and what is new must not be passed over.
TEST_F(SourceHistoryTest, RequirementA12_ChangesBeforeAnIdlePositionAreSeen) {
  FollowAndStop();
  BackUp();
  Follow();
  shop_.Execute("INSERT INTO other SELECT i, repeat('x', 1000) FROM generate_series(1, 1000) i");
  CatchUpAndStop();
  PutBack();
  shop_.Execute("DELETE FROM product WHERE id = 20; INSERT INTO product VALUES (500, 'new')");
  ASSERT_LT(shop_.ServerPosition(), applied_);
  PassTheNode(
      "INSERT INTO other SELECT i, repeat('x', 100) FROM generate_series(1, 100) i "
      "ON CONFLICT (id) DO UPDATE SET x = other.x || 'y'");
  ExpectRebuilds(1);
}

TEST_F(SourceHistoryTest, RequirementA12_WhileTheNodeRunsAsWell) {
  FollowAndStop();
  BackUp();
  Follow();
  shop_.Execute("UPDATE product SET title = 'lost' WHERE id <= 10");
  ASSERT_TRUE(shop_.CatchesUp());
  applied_ = shop_.source().Status().applied;
  // The node finds the server again when it is past the node's position.
  cluster_.Stop();
  std::filesystem::remove_all(cluster_.data());
  AsServer({"cp", "-a", backup(), cluster_.data()});
  cluster_.Append("max_wal_senders=0");
  cluster_.Append("wal_level=logical");
  cluster_.Start();
  shop_.database().Connect();
  PassTheNode("UPDATE product SET title = title || 'x' WHERE id > 90");
  cluster_.Append("max_wal_senders=12");
  cluster_.Restart();
  shop_.database().Connect();
  ASSERT_TRUE(Eventually([&] {
    return shop_.source().Status().rebuilds == 1 && shop_.IsState(State::kLive);
  })) << shop_.source().Status().reason;
  ASSERT_TRUE(shop_.CatchesUp());
  shop_.ExpectEqual();
}

TEST_F(SourceHistoryTest, RequirementA9_TheSameHistoryIsNeverCopiedAgain) {
  FollowAndStop();
  // Idle, at the slot's own position or behind it.
  for (int i = 0; i < 3; ++i) {
    FollowAndStop();
    cluster_.Restart(i % 2 == 0 ? test::PostgresCluster::StopMode::kFast
                                : test::PostgresCluster::StopMode::kImmediate);
    shop_.database().Connect();
  }
  // A crash takes back what the slot was told since the last checkpoint: much comes again.
  Follow();
  shop_.Execute("CHECKPOINT");
  for (int i = 0; i < 20; ++i) {
    shop_.Execute("UPDATE product SET title = title || 'x' WHERE id <= " + std::to_string(i));
    shop_.Execute("ALTER TABLE product ADD COLUMN c" + std::to_string(i) + " int");
  }
  ASSERT_TRUE(shop_.CatchesUp(true));
  applied_ = shop_.source().Status().applied;
  shop_.Stop();
  cluster_.Restart(test::PostgresCluster::StopMode::kImmediate);
  shop_.database().Connect();
  EXPECT_LT(*ParseLogPosition(shop_.Value("SELECT confirmed_flush_lsn FROM pg_replication_slots")),
            applied_);
  shop_.Execute("UPDATE product SET title = 'after', c3 = 3 WHERE id <= 5");
  ExpectRebuilds(0);
  // A volume that was put back to what the node has.
  shop_.Stop();
  FollowAndStop();
  BackUp();
  PutBack();
  shop_.Execute("DELETE FROM product WHERE id = 30");
  ExpectRebuilds(0);
}

}  // namespace
}  // namespace cacheindex::replication
