#include <gmock/gmock.h>

#include <functional>
#include <memory>
#include <string>

#include "tests/replication/followed_shop.h"

// What happens to a source whose slot, server or publication is not what it was.

namespace cacheindex::replication {
namespace {

using test::FailsWith;
using test::Succeeds;
using ::testing::HasSubstr;
using State = SourceStatus::State;

constexpr const char* kShop = R"(
  CREATE TABLE product (id int PRIMARY KEY, title text);
  INSERT INTO product SELECT i, 'product ' || i FROM generate_series(1, 100) i;
  CREATE PUBLICATION p FOR TABLE product)";

class SourceSlotTest : public ::testing::Test {
 protected:
  // A shop that is followed and then left alone.
  std::unique_ptr<FollowedShop> FollowAndStop(test::PostgresCluster* cluster = nullptr) {
    auto shop = std::make_unique<FollowedShop>(cluster, kShop);
    shop->MirrorTable("product", {"id", "title"});
    shop->Start();
    EXPECT_TRUE(shop->BecomesState(State::kLive));
    EXPECT_TRUE(shop->CatchesUp());
    shop->Stop();
    WaitUntilSlotIsFree(*shop);
    return shop;
  }

  static void WaitUntilSlotIsFree(FollowedShop& shop) {
    EXPECT_TRUE(Eventually([&] {
      return shop.Value("SELECT active FROM pg_replication_slots WHERE slot_name = '" +
                        shop.options.slot + "'") == "f";
    }));
  }

  static void ExpectOneRebuild(FollowedShop& shop) {
    shop.Start();
    ASSERT_TRUE(Eventually([&] { return shop.source().Status().rebuilds == 1; }))
        << shop.source().Status().reason;
    ASSERT_TRUE(shop.BecomesState(State::kLive));
    ASSERT_TRUE(shop.CatchesUp());
    shop.ExpectEqual();
    EXPECT_EQ(shop.source().Status().rebuilds, 1U);
    EXPECT_EQ(shop.source().Status().generation, 2U);
  }
};

TEST_F(SourceSlotTest, RequirementA9A5_ASlotThatWasAdvancedIsAGap) {
  const auto shop = FollowAndStop();
  shop->Execute("DELETE FROM product WHERE id <= 10; INSERT INTO product VALUES (500, 'new')");
  shop->Execute("SELECT pg_replication_slot_advance('" + shop->options.slot +
                "', pg_current_wal_lsn())");
  ExpectOneRebuild(*shop);
}

TEST_F(SourceSlotTest, RequirementA9A5_ASlotThatWasMadeAnewIsAGap) {
  const auto shop = FollowAndStop();
  shop->Execute("SELECT pg_drop_replication_slot('" + shop->options.slot + "')");
  shop->Execute("DELETE FROM product WHERE id <= 10");
  shop->Execute("SELECT pg_create_logical_replication_slot('" + shop->options.slot +
                "', 'pgoutput')");
  ExpectOneRebuild(*shop);
}

TEST_F(SourceSlotTest, RequirementA11_AMissingSlotIsRebuiltOnce) {
  const auto shop = FollowAndStop();
  shop->Execute("SELECT pg_drop_replication_slot('" + shop->options.slot + "')");
  shop->Execute(
      "UPDATE product SET title = 'changed' WHERE id = 1; DELETE FROM product WHERE id = 2");
  ExpectOneRebuild(*shop);
}

TEST_F(SourceSlotTest, RequirementA9_AnotherClusterIsCopiedAnew) {
  const auto shop = FollowAndStop();
  test::PostgresCluster other;
  test::PostgresSession(other.Connection()).Execute("CREATE DATABASE " + shop->database().name());
  test::PostgresSession session(other.Connection(shop->database().name()));
  session.Execute(
      "CREATE TABLE product (id int PRIMARY KEY, title text);"
      "INSERT INTO product VALUES (1, 'of the other'); CREATE PUBLICATION p FOR TABLE product");
  session.Execute("SELECT pg_create_logical_replication_slot('" + shop->options.slot +
                  "', 'pgoutput')");
  shop->options.connection = other.Connection(shop->database().name());
  shop->Start();
  ASSERT_TRUE(Eventually([&] { return shop->source().Status().generation == 2; }));
  EXPECT_THAT(shop->Documents("product"), ::testing::ElementsAre(HasSubstr("of the other")));
  EXPECT_EQ(shop->source().Status().rebuilds, 1U);
  shop->Stop();
}

TEST_F(SourceSlotTest, RequirementA10_APositionThatTheServerNeverHadIsNeverSent) {
  const auto shop = FollowAndStop();
  // A later copy of the node's data beside an earlier state of the server.
  const std::string confirmed = shop->Value(
      "SELECT confirmed_flush_lsn FROM pg_replication_slots "
      "WHERE slot_name = '" +
      shop->options.slot + "'");
  auto generation = shop->generations().OpenLive();
  ASSERT_THAT(generation, Succeeds());
  {
    auto applier = Applier::Open((*generation)->store(), (*generation)->documents(),
                                 shop->options.collections);
    ASSERT_THAT(applier, Succeeds());
    (*applier)->AdvanceIdle(LogPosition{std::uint64_t{1} << 40});
    ASSERT_THAT((*applier)->SaveIdle(), Succeeds());
  }
  EXPECT_EQ(shop->Value("SELECT confirmed_flush_lsn FROM pg_replication_slots WHERE slot_name = '" +
                        shop->options.slot + "'"),
            confirmed);
  ExpectOneRebuild(*shop);
  EXPECT_LT(*ParseLogPosition(shop->Value("SELECT confirmed_flush_lsn FROM pg_replication_slots "
                                          "WHERE slot_name = '" +
                                          shop->options.slot + "'")),
            LogPosition{std::uint64_t{1} << 40});
}

TEST_F(SourceSlotTest,
       RequirementA11_ASlotThatIsLostWhileStreamingIsRebuiltOnceAndTheOldOneServes) {
  test::PostgresCluster cluster({"max_slot_wal_keep_size=2MB", "max_wal_size=4MB",
                                 "min_wal_size=2MB", "wal_sender_timeout=60s"});
  FollowedShop shop(&cluster, kShop);
  shop.MirrorTable("product", {"id", "title"});
  shop.Start();
  ASSERT_TRUE(shop.BecomesState(State::kLive));
  ASSERT_TRUE(shop.CatchesUp());
  // Nothing is acknowledged while the text index makes no progress.
  shop.generations().is_text_held = true;
  shop.Execute("UPDATE product SET title = 'last' WHERE id = 1");
  ASSERT_TRUE(shop.CatchesUp());
  shop.Execute("CREATE TABLE churn (x text)");
  const bool is_lost = Eventually([&] {
    shop.Execute(
        "INSERT INTO churn SELECT repeat('x', 1000) FROM generate_series(1, 2000);"
        "SELECT pg_switch_wal(); ");
    shop.Execute("CHECKPOINT");
    return shop.source().Status().rebuilds > 0;
  });
  ASSERT_TRUE(is_lost);
  EXPECT_THAT(shop.Documents("product").at(0), HasSubstr("last")) << "the old one still serves";
  shop.generations().is_text_held = false;
  ASSERT_TRUE(Eventually([&] { return shop.source().Status().generation == 2; }))
      << shop.source().Status().reason;
  shop.Execute("DELETE FROM product WHERE id > 50");
  ASSERT_TRUE(shop.CatchesUp());
  shop.ExpectEqual();
  EXPECT_EQ(shop.source().Status().rebuilds, 1U);
  shop.Stop();
}

TEST_F(SourceSlotTest, RequirementB25_APublicationThatWasMadeAnewIsRebuilt) {
  const auto shop = FollowAndStop();
  shop->Execute(
      "DROP PUBLICATION p; UPDATE product SET title = 'unpublished' WHERE id = 1;"
      "CREATE PUBLICATION p FOR TABLE product");
  ExpectOneRebuild(*shop);
}

TEST_F(SourceSlotTest, RequirementB25_ADroppedPublicationIsSaidWithWhatMendsIt) {
  FollowedShop shop(kShop);
  shop.MirrorTable("product", {"id", "title"});
  shop.Start();
  ASSERT_TRUE(shop.BecomesState(State::kLive));
  shop.Execute("DROP PUBLICATION p");
  shop.Execute("UPDATE product SET title = 'unpublished' WHERE id = 1");
  ASSERT_TRUE(shop.BecomesState(State::kRefused));
  EXPECT_THAT(shop.source().Status().reason, HasSubstr("CREATE PUBLICATION \"p\""));
  shop.Execute("CREATE PUBLICATION p FOR TABLE product");
  ASSERT_TRUE(Eventually([&] { return shop.source().Status().generation == 2; }));
  ASSERT_TRUE(shop.CatchesUp());
  shop.ExpectEqual();
}

TEST_F(SourceSlotTest, RequirementB25_ATableThatIsPublishedLaterIsCopied) {
  FollowedShop shop(kShop);
  shop.MirrorTable("product", {"id", "title"});
  shop.MirrorTable("late", {"id"});
  shop.Start();
  ASSERT_TRUE(shop.BecomesState(State::kRefused));
  EXPECT_THAT(shop.source().Status().reason, HasSubstr("the publication has no table \"late\""));
  shop.Execute(
      "CREATE TABLE late (id int PRIMARY KEY); INSERT INTO late VALUES (1);"
      "ALTER PUBLICATION p ADD TABLE late; INSERT INTO late VALUES (2)");
  ASSERT_TRUE(shop.BecomesState(State::kLive));
  ASSERT_TRUE(shop.CatchesUp());
  shop.ExpectEqual();
  EXPECT_EQ(shop.source().Status().rebuilds, 0U);
}

TEST_F(SourceSlotTest, RequirementB25_TablesThatNoCollectionIsMadeOfComeChangeAndGo) {
  FollowedShop shop(R"(
      CREATE TABLE product (id int PRIMARY KEY, title text);
      INSERT INTO product SELECT i, 'product ' || i FROM generate_series(1, 100) i;
      CREATE TABLE unused (id int PRIMARY KEY, x int); INSERT INTO unused VALUES (1, 1);
      CREATE PUBLICATION p FOR ALL TABLES)");
  shop.MirrorTable("product", {"id", "title"});
  shop.options.catalog_interval = std::chrono::milliseconds(1);
  shop.Start();
  ASSERT_TRUE(shop.BecomesState(State::kLive));
  int round = 0;
  for (const char* const statement :
       {"CREATE TABLE late (id int PRIMARY KEY, x int); INSERT INTO late VALUES (1, 1)",
        "ALTER TABLE late ADD COLUMN y int DEFAULT 7; UPDATE late SET x = 2",
        "ALTER TABLE unused ALTER COLUMN x TYPE text; UPDATE unused SET x = 'two'",
        "ALTER TABLE late DROP CONSTRAINT late_pkey; INSERT INTO late VALUES (2, 2, 2)",
        "CREATE SCHEMA other; CREATE TABLE other.product (id int PRIMARY KEY);"
        "INSERT INTO other.product VALUES (1)",
        "DROP TABLE unused; DROP TABLE late"}) {
    shop.Execute(statement);
    const std::string number = std::to_string(++round);
    shop.Execute("UPDATE product SET title = 'round " + number + "' WHERE id = " + number);
    ASSERT_TRUE(shop.CatchesUp()) << statement;
    shop.ExpectEqual();
  }
  EXPECT_EQ(shop.source().Status().reconnects, 0U) << shop.source().Status().reason;
  EXPECT_EQ(shop.source().Status().applier.rows, 100U) << "they are not even copied";
  shop.Restart();
  ASSERT_TRUE(shop.BecomesState(State::kLive));
  shop.Execute("DELETE FROM product WHERE id > 50");
  ASSERT_TRUE(shop.CatchesUp());
  shop.ExpectEqual();
  EXPECT_EQ(shop.source().Status().rebuilds, 0U);
  EXPECT_EQ(shop.source().Status().generation, 1U);
}

TEST_F(SourceSlotTest, RequirementB25_ATableThatTakesTheNameOfAFollowedOneIsCopied) {
  FollowedShop shop(R"(
      CREATE TABLE product (id int PRIMARY KEY, title text);
      INSERT INTO product SELECT i, 'product ' || i FROM generate_series(1, 100) i;
      CREATE PUBLICATION p FOR ALL TABLES)");
  shop.MirrorTable("product", {"id", "title"});
  shop.Start();
  ASSERT_TRUE(shop.BecomesState(State::kLive));
  shop.Execute(R"(
      CREATE TABLE import (id int PRIMARY KEY, title text);
      INSERT INTO import SELECT i, 'import ' || i FROM generate_series(50, 80) i;
      ALTER TABLE product RENAME TO former; ALTER TABLE import RENAME TO product)");
  shop.Execute("INSERT INTO product VALUES (1000, 'new')");
  ASSERT_TRUE(Eventually([&] { return shop.source().Status().generation == 2; }))
      << shop.source().Status().reason;
  ASSERT_TRUE(shop.CatchesUp());
  shop.ExpectEqual();
}

// The filter fails for one row: as the log is decoded, and as the table is copied.
TEST_F(SourceSlotTest, RequirementB26_WhatTheServerCannotDecodeAgainAndAgainNeedsANewSlot) {
  FollowedShop shop(R"(
      CREATE TABLE product (id int PRIMARY KEY, title text);
      INSERT INTO product SELECT i, 'product ' || i FROM generate_series(1, 100) i;
      CREATE TABLE brand (id int PRIMARY KEY); INSERT INTO brand VALUES (1);
      CREATE PUBLICATION p FOR TABLE product WHERE (1000 / id > 0), TABLE brand)");
  shop.MirrorTable("product", {"id", "title"});
  shop.Start();
  ASSERT_TRUE(shop.BecomesState(State::kLive));
  ASSERT_TRUE(shop.CatchesUp());
  shop.Execute("INSERT INTO product VALUES (0, 'bad')");
  const auto bad_table = [&] {
    for (const SourceStatus::TableStatus& table : shop.source().Status().tables) {
      if (table.state == "failed") {
        return table;
      }
    }
    return SourceStatus::TableStatus();
  };
  ASSERT_TRUE(Eventually([&] { return bad_table().name == "public.product"; }))
      << shop.source().Status().reason;
  EXPECT_THAT(bad_table().reason,
              ::testing::AllOf(HasSubstr("public.product"), HasSubstr("division by zero")));
  EXPECT_EQ(shop.source().Status().rebuilds, 1U);
  EXPECT_GE(shop.source().Status().reconnects, 5U) << "the same again at first";
  EXPECT_LE(shop.source().Status().reconnects, 7U);
  EXPECT_EQ(shop.Documents("product").size(), 100U) << "the old generation serves";
  shop.Execute("TRUNCATE product; INSERT INTO product VALUES (1, 'good')");
  ASSERT_TRUE(Eventually([&] { return shop.source().Status().generation == 2; }))
      << shop.source().Status().reason;
  shop.Execute("UPDATE product SET title = 'better'");
  ASSERT_TRUE(shop.CatchesUp());
  shop.ExpectEqual();
  EXPECT_EQ(shop.source().Status().rebuilds, 1U);
  EXPECT_EQ(bad_table().name, "");
}

TEST_F(SourceSlotTest, ASlotOfSomebodyElseIsRefusedAndLeftAlone) {
  FollowedShop shop(kShop);
  shop.MirrorTable("product", {"id", "title"});
  shop.Execute("SELECT pg_create_logical_replication_slot('" + shop.options.slot +
               "', 'test_decoding')");
  shop.Start();
  ASSERT_TRUE(shop.BecomesState(State::kRefused));
  EXPECT_THAT(shop.source().Status().reason, HasSubstr("somebody else's"));
  EXPECT_EQ(shop.Value("SELECT plugin FROM pg_replication_slots WHERE slot_name = '" +
                       shop.options.slot + "'"),
            "test_decoding");
}

TEST_F(SourceSlotTest, RequirementB27_ASlotInUseIsWaitedFor) {
  const auto shop = FollowAndStop();
  const Interrupt interrupt;
  auto connection = PostgresConnection::Open(shop->database().options(true), interrupt);
  ASSERT_THAT(connection, Succeeds());
  ASSERT_THAT((*connection)
                  ->StartCopy("START_REPLICATION SLOT " + shop->options.slot +
                              " LOGICAL 0/0 (proto_version '1', publication_names 'p')"),
              Succeeds());
  shop->Start();
  ASSERT_TRUE(Eventually([&] {
    return shop->source().Status().reason.find("55006") != std::string::npos;
  })) << shop->source().Status().reason;
  connection->reset();
  ASSERT_TRUE(shop->BecomesState(State::kLive));
  EXPECT_EQ(shop->source().Status().rebuilds, 0U);
}

class FailoverTest : public SourceSlotTest {
 protected:
  static void UseServer(FollowedShop& shop, const test::PostgresCluster& server) {
    shop.options.connection = server.Connection(shop.database().name());
  }
};

TEST_F(FailoverTest, RequirementA12_APromotedStandbyWithoutTheSlotIsCopiedAnew) {
  test::PostgresCluster primary;
  const auto shop = FollowAndStop(&primary);
  test::PostgresCluster standby = test::PostgresCluster::StandbyOf(primary);
  standby.Promote();
  primary.Stop(test::PostgresCluster::StopMode::kImmediate);
  UseServer(*shop, standby);
  shop->Start();
  ASSERT_TRUE(Eventually([&] { return shop->source().Status().generation == 2; }))
      << shop->source().Status().reason;
  EXPECT_EQ(shop->Documents("product").size(), 100U);
  shop->Stop();
  primary.Start();
}

// As a server keeps slots on standbys: PostgreSQL 15 alone does not.
TEST_F(FailoverTest, RequirementA12_APromotedStandbyWithTheSlotIsFollowedOn) {
  test::PostgresCluster primary({"wal_keep_size=64MB"});
  test::PostgresCluster standby = test::PostgresCluster::StandbyOf(primary);
  const auto shop = FollowAndStop(&primary);
  shop->Execute("INSERT INTO product VALUES (200, 'before the switch')");
  const std::string end = shop->Value("SELECT pg_current_wal_lsn()");
  {
    test::PostgresSession session(standby.Connection());
    ASSERT_TRUE(Eventually(
        [&] { return session.Value("SELECT pg_last_wal_replay_lsn() >= '" + end + "'") == "t"; }));
  }
  primary.Stop();
  standby.Stop();
  const std::filesystem::path slot = std::filesystem::path("pg_replslot") / shop->options.slot;
  ASSERT_EQ(test::RunCommand(
                test::ClusterDirectory::AsServer({"cp", "-a", (primary.data() / slot).string(),
                                                  (standby.data() / slot).string()}),
                "/dev/null"),
            0);
  standby.Start();
  standby.Promote();
  UseServer(*shop, standby);
  test::PostgresSession session(shop->options.connection);
  for (int i = 0; i < 2; ++i) {
    session.Execute("INSERT INTO product VALUES (" + std::to_string(300 + i) + ", 'after')");
    shop->Start();
    const std::size_t expected = 102U + static_cast<std::size_t>(i);
    EXPECT_TRUE(Eventually([&] { return shop->Documents("product").size() == expected; }))
        << shop->source().Status().reason;
    EXPECT_EQ(shop->source().Status().rebuilds, 0U) << "start " << i;
    shop->Stop();
  }
  primary.Start();
}

TEST_F(FailoverTest, RequirementA12_CommitsThatTheNewPrimaryNeverHadAreForgotten) {
  test::PostgresCluster primary;
  const auto shop = FollowAndStop(&primary);
  test::PostgresCluster standby = test::PostgresCluster::StandbyOf(primary);
  // The standby falls behind, and the node does not.
  standby.Stop();
  shop->Start();
  shop->Execute("INSERT INTO product VALUES (777, 'phantom')");
  ASSERT_TRUE(shop->CatchesUp());
  ASSERT_EQ(shop->Documents("product").size(), 101U);
  const LogPosition phantom = shop->ServerPosition();
  shop->Stop();
  primary.Stop(test::PostgresCluster::StopMode::kImmediate);
  standby.Start();
  standby.Promote();
  test::PostgresSession(standby.Connection(shop->database().name()))
      .Execute("SELECT pg_create_logical_replication_slot('" + shop->options.slot +
               "', 'pgoutput')");
  UseServer(*shop, standby);
  shop->Start();
  ASSERT_TRUE(Eventually([&] { return shop->source().Status().generation == 2; }))
      << shop->source().Status().reason;
  EXPECT_EQ(shop->Documents("product").size(), 100U);
  EXPECT_THAT(
      shop->source().WaitFor(LogPosition{static_cast<std::uint64_t>(phantom) + (1U << 20)}, false,
                             std::chrono::steady_clock::now() + std::chrono::seconds(30)),
      FailsWith(ErrorCode::kInvalidArgument))
      << "a position of the left timeline fails fast";
  shop->Stop();
  primary.Start();
}

}  // namespace
}  // namespace cacheindex::replication
