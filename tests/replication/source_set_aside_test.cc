#include <gmock/gmock.h>

#include <string>
#include <vector>

#include "tests/replication/followed_shop.h"

// One bad table, and what becomes of the collections that are made of it and of the others.

namespace cacheindex::replication {
namespace {

using test::Succeeds;
using ::testing::AllOf;
using ::testing::HasSubstr;
using State = SourceStatus::State;

// The filter cannot be computed for the row 0: neither its copy nor its decoding succeeds.
constexpr const char* kShop = R"(
  CREATE TABLE product (id int PRIMARY KEY, title text);
  INSERT INTO product SELECT i, 'product ' || i FROM generate_series(0, 100) i;
  CREATE TABLE brand (id int PRIMARY KEY, name text);
  INSERT INTO brand VALUES (1, 'one');
  CREATE PUBLICATION p FOR TABLE product WHERE (1000 / id > 0), TABLE brand)";

class SourceSetAsideTest : public ::testing::Test {
 protected:
  explicit SourceSetAsideTest(const char* sql = kShop) : shop_(sql) {
    shop_.MirrorTable("product", {"id", "title"});
    shop_.MirrorTable("brand", {"id", "name"});
  }

  void ExpectOnlyBrandIsServed(const std::string& reason) {
    const SourceStatus status = shop_.source().Status();
    ASSERT_EQ(status.set_aside.size(), 1U);
    EXPECT_EQ(status.set_aside[0].collection, "product");
    EXPECT_EQ(status.set_aside[0].table, "public.product");
    EXPECT_THAT(status.set_aside[0].reason, HasSubstr(reason));
    ASSERT_EQ(status.tables.size(), 2U);
    for (const SourceStatus::TableStatus& table : status.tables) {
      const bool is_bad = table.name == "public.product";
      EXPECT_EQ(table.state, is_bad ? "failed" : "live") << table.name;
      EXPECT_EQ(table.reason.find(reason) != std::string::npos, is_bad) << table.reason;
    }
    EXPECT_EQ(shop_.Documents("product"), std::vector<std::string>{"no collection product"});
    EXPECT_EQ(shop_.Documents("brand"), shop_.Expected("brand"));
  }

  // What changes from here on is followed, and the server may forget it.
  void ExpectBrandIsFollowed() {
    shop_.Execute("UPDATE brand SET name = name || '+'");
    ASSERT_TRUE(shop_.CatchesUp(true));
    EXPECT_EQ(shop_.Documents("brand"), shop_.Expected("brand"));
    const LogPosition changed = shop_.ServerPosition();
    shop_.Execute("UPDATE brand SET name = name || '+'");
    EXPECT_TRUE(test::Eventually([&] { return shop_.source().Status().acknowledged >= changed; }));
  }

  FollowedShop shop_;
};

TEST_F(SourceSetAsideTest, RequirementB26_ATableThatCannotBeCopiedHoldsNobodyElseBack) {
  shop_.Start();
  ASSERT_TRUE(shop_.BecomesState(State::kLive));
  ExpectOnlyBrandIsServed("division by zero");
  EXPECT_EQ(shop_.source().Status().rebuilds, 1U);
  ExpectBrandIsFollowed();

  shop_.Restart();
  ASSERT_TRUE(shop_.BecomesState(State::kLive));
  ExpectOnlyBrandIsServed("division by zero");
  ExpectBrandIsFollowed();
  EXPECT_EQ(shop_.source().Status().rebuilds, 0U) << "it was known";
}

TEST_F(SourceSetAsideTest, RequirementB26_TheTableIsCopiedAgainWhenThatIsAskedFor) {
  shop_.Start();
  ASSERT_TRUE(shop_.BecomesState(State::kLive));
  const std::uint64_t generation = shop_.source().Status().generation;

  // In vain: what serves goes on, and the next generation does without the table, too.
  shop_.source().RequestRebuild();
  ASSERT_TRUE(
      test::Eventually([&] { return shop_.source().Status().generation == generation + 1; }));
  ExpectOnlyBrandIsServed("division by zero");
  ExpectBrandIsFollowed();

  shop_.Execute("ALTER PUBLICATION p SET TABLE product, brand");
  ASSERT_TRUE(shop_.BecomesState(State::kLive));
  ExpectOnlyBrandIsServed("division by zero");
  shop_.source().RequestRebuild();
  ASSERT_TRUE(test::Eventually([&] {
    return shop_.source().Status().generation == generation + 2;
  })) << shop_.source().Status().reason;
  EXPECT_TRUE(shop_.source().Status().set_aside.empty());
  shop_.Execute("UPDATE product SET title = 'new' WHERE id < 10");
  ASSERT_TRUE(shop_.CatchesUp());
  shop_.ExpectEqual();
}

TEST_F(SourceSetAsideTest, RequirementB26_OtherDeclarationsAreTriedFromTheStart) {
  shop_.Start();
  ASSERT_TRUE(shop_.BecomesState(State::kLive));
  shop_.Execute("DELETE FROM product WHERE id = 0");
  shop_.options.collections[0].filter = "id > 50";
  shop_.Restart();
  ASSERT_TRUE(test::Eventually([&] {
    const SourceStatus status = shop_.source().Status();
    return status.state == State::kLive && status.set_aside.empty();
  })) << shop_.source().Status().reason;
  ASSERT_TRUE(shop_.CatchesUp());
  EXPECT_EQ(shop_.Documents("product").size(), 50U);
  EXPECT_EQ(shop_.Documents("brand"), shop_.Expected("brand"));
}

TEST_F(SourceSetAsideTest, WithoutAnotherCollectionTheCopyIsTriedUntilItSucceeds) {
  shop_.options.collections.pop_back();
  shop_.Start();
  ASSERT_TRUE(test::Eventually([&] {
    return shop_.source().Status().reason.find("division by zero") != std::string::npos;
  }));
  EXPECT_TRUE(shop_.source().Status().set_aside.empty());
  shop_.Execute("DELETE FROM product WHERE id = 0");
  ASSERT_TRUE(shop_.BecomesState(State::kLive));
  ASSERT_TRUE(shop_.CatchesUp());
  EXPECT_EQ(shop_.Documents("product"), shop_.Expected("product"));
  EXPECT_TRUE(shop_.source().Status().set_aside.empty());
}

// What is served goes on being served, and what can be followed goes on being followed.
TEST_F(SourceSetAsideTest, RequirementB26_WhatReadersHaveOfABadTableIsKept) {
  shop_.Execute("DELETE FROM product WHERE id = 0");
  shop_.Start();
  ASSERT_TRUE(shop_.BecomesState(State::kLive));
  const std::vector<std::string> before = shop_.Expected("product");
  ASSERT_EQ(before.size(), 100U);
  const LogPosition good = shop_.ServerPosition();
  shop_.Execute("INSERT INTO product VALUES (0, 'bad')");
  ASSERT_TRUE(test::Eventually([&] { return shop_.source().Status().generation == 2; }))
      << shop_.source().Status().reason;
  const auto expect_kept = [&] {
    ASSERT_TRUE(shop_.BecomesState(State::kLive));
    ExpectBrandIsFollowed();
    EXPECT_EQ(shop_.Documents("product"), before);
    const SourceStatus status = shop_.source().Status();
    ASSERT_EQ(status.set_aside.size(), 1U);
    EXPECT_EQ(status.set_aside[0].collection, "product");
    EXPECT_GE(status.set_aside[0].kept_at, good);
    EXPECT_LT(status.set_aside[0].kept_at, status.applied);
  };
  expect_kept();
  const LogPosition kept_at = shop_.source().Status().set_aside[0].kept_at;
  shop_.Restart();
  expect_kept();
  // In vain: it is kept once more, and is as old as it was.
  shop_.source().RequestRebuild();
  ASSERT_TRUE(test::Eventually([&] { return shop_.source().Status().generation == 2; }))
      << shop_.source().Status().reason;
  expect_kept();
  EXPECT_EQ(shop_.source().Status().set_aside[0].kept_at, kept_at);

  shop_.Execute("TRUNCATE product; INSERT INTO product VALUES (1, 'good')");
  shop_.source().RequestRebuild();
  ASSERT_TRUE(test::Eventually([&] { return shop_.source().Status().set_aside.empty(); }))
      << shop_.source().Status().reason;
  shop_.Execute("UPDATE product SET title = 'better'");
  ASSERT_TRUE(shop_.CatchesUp());
  shop_.ExpectEqual();
}

TEST_F(SourceSetAsideTest, RequirementB26_OtherTablesMayChangeBesideABadOne) {
  shop_.options.catalog_interval = std::chrono::milliseconds(10);
  shop_.Start();
  ASSERT_TRUE(shop_.BecomesState(State::kLive));
  const std::uint64_t reconnects = shop_.source().Status().reconnects;
  for (int i = 0; i < 20; ++i) {
    shop_.Execute("UPDATE brand SET name = name || '-'");
    ASSERT_TRUE(shop_.CatchesUp());
  }
  EXPECT_EQ(shop_.source().Status().reconnects, reconnects);
  shop_.Execute("INSERT INTO brand VALUES (2, 'two'); ALTER TABLE brand ADD COLUMN more int");
  shop_.Execute("UPDATE brand SET more = id");
  ASSERT_TRUE(shop_.CatchesUp());
  ExpectOnlyBrandIsServed("division by zero");
  ExpectBrandIsFollowed();
}

TEST_F(SourceSetAsideTest, RequirementB26_ATableThatCannotBeFollowedAnyMoreIsSetAsideAfterAWhile) {
  shop_.Execute("DELETE FROM product WHERE id = 0");
  shop_.Start();
  ASSERT_TRUE(shop_.BecomesState(State::kLive));
  const std::vector<std::string> before = shop_.Expected("product");
  shop_.Execute("ALTER TABLE product REPLICA IDENTITY NOTHING");
  shop_.Execute("SELECT pg_terminate_backend(pid) FROM pg_stat_replication");
  ASSERT_TRUE(test::Eventually([&] { return shop_.IsState(State::kRefused); }))
      << "somebody may be about to mend it";
  ASSERT_TRUE(test::Eventually([&] { return shop_.source().Status().generation == 2; }))
      << shop_.source().Status().reason;
  ASSERT_EQ(shop_.source().Status().set_aside.size(), 1U);
  EXPECT_THAT(shop_.source().Status().set_aside[0].reason, HasSubstr("REPLICA IDENTITY DEFAULT"));
  EXPECT_EQ(shop_.Documents("product"), before);
  ExpectBrandIsFollowed();
}

class UnfollowableTableTest : public SourceSetAsideTest {
 protected:
  UnfollowableTableTest()
      : SourceSetAsideTest(R"(
          CREATE TABLE product (id int PRIMARY KEY, title text);
          ALTER TABLE product REPLICA IDENTITY NOTHING;
          INSERT INTO product SELECT i, 'product ' || i FROM generate_series(1, 100) i;
          CREATE TABLE brand (id int PRIMARY KEY, name text);
          INSERT INTO brand VALUES (1, 'one');
          CREATE PUBLICATION p FOR TABLE product, brand)") {}
};

TEST_F(UnfollowableTableTest, RequirementB26_ATableThatCannotBeFollowedHoldsNobodyElseBack) {
  shop_.Start();
  ASSERT_TRUE(shop_.BecomesState(State::kLive));
  ExpectOnlyBrandIsServed("REPLICA IDENTITY DEFAULT");
  EXPECT_EQ(shop_.source().Status().rebuilds, 0U);
  ExpectBrandIsFollowed();
  shop_.Execute("ALTER TABLE product REPLICA IDENTITY DEFAULT");
  shop_.source().RequestRebuild();
  ASSERT_TRUE(test::Eventually([&] {
    const SourceStatus status = shop_.source().Status();
    return status.state == State::kLive && status.set_aside.empty();
  })) << shop_.source().Status().reason;
  ASSERT_TRUE(shop_.CatchesUp());
  shop_.ExpectEqual();
}

TEST_F(UnfollowableTableTest, AMistakenDeclarationIsStillRefused) {
  shop_.options.collections[0].fields[0].from = "no_such_column";
  shop_.Start();
  ASSERT_TRUE(shop_.BecomesState(State::kRefused));
  EXPECT_THAT(shop_.source().Status().reason,
              AllOf(HasSubstr("product"), HasSubstr("REPLICA IDENTITY DEFAULT")));
  EXPECT_TRUE(shop_.source().Status().set_aside.empty());
}

}  // namespace
}  // namespace cacheindex::replication
