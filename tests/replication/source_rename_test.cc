#include <gmock/gmock.h>

#include <chrono>
#include <string>

#include "tests/replication/followed_shop.h"

// Tables whose names are not what was declared any more.

namespace cacheindex::replication {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;
using State = SourceStatus::State;

constexpr const char* kShop = R"(
  CREATE TABLE product (id int PRIMARY KEY, title text);
  INSERT INTO product SELECT i, 'product ' || i FROM generate_series(1, 20) i;
  CREATE TABLE brand (id int PRIMARY KEY, title text);
  INSERT INTO brand SELECT i, 'brand ' || i FROM generate_series(1, 5) i;
  CREATE PUBLICATION p FOR TABLE product, brand)";

constexpr const char* kSwap = R"(
  CREATE TABLE fresh (id int PRIMARY KEY, title text);
  INSERT INTO fresh SELECT i, 'fresh ' || i FROM generate_series(10, 30) i;
  ALTER TABLE product RENAME TO former; ALTER TABLE fresh RENAME TO product)";

class SourceRenameTest : public ::testing::Test {
 protected:
  static void Follow(FollowedShop& shop) {
    shop.MirrorTable("product", {"id", "title"});
    shop.MirrorTable("brand", {"id", "title"});
    shop.options.catalog_interval = std::chrono::milliseconds(10);
    shop.Start();
    ASSERT_TRUE(shop.BecomesState(State::kLive));
    ASSERT_TRUE(shop.CatchesUp());
  }
  static SourceStatus::TableStatus TableNamed(FollowedShop& shop, const std::string& name) {
    for (const SourceStatus::TableStatus& table : shop.source().Status().tables) {
      if (table.name == name) {
        return table;
      }
    }
    return {};
  }
  static void ExpectEqualAfterRebuild(FollowedShop& shop) {
    ASSERT_TRUE(Eventually([&] {
      return shop.source().Status().generation == 2 && shop.IsState(State::kLive);
    })) << shop.source().Status().reason;
    ASSERT_TRUE(shop.CatchesUp());
    shop.ExpectEqual();
    EXPECT_EQ(shop.source().Status().rebuilds, 1U);
    EXPECT_THAT(shop.source().Status().reason, IsEmpty());
  }
};

TEST_F(SourceRenameTest, RequirementB22_ARenamedTableIsFollowedOnAndNamed) {
  FollowedShop shop(kShop);
  Follow(shop);
  // What is renamed so that nobody notices, and a schema with all in it.
  shop.Execute("ALTER TABLE product RENAME TO goods; CREATE VIEW product AS SELECT * FROM goods");
  const auto is_said = [&] {
    const SourceStatus status = shop.source().Status();
    return status.state == State::kLive &&
           status.reason.find("table public.product is called public.goods now") == 0;
  };
  shop.Execute("UPDATE goods SET title = 'renamed' WHERE id <= 3");
  ASSERT_TRUE(shop.CatchesUp());
  shop.ExpectEqual();
  EXPECT_TRUE(Eventually(is_said)) << shop.source().Status().reason;
  for (int i = 0; i < 2; ++i) {
    shop.Restart();
    EXPECT_TRUE(Eventually(is_said)) << shop.source().Status().reason;
    shop.Execute("UPDATE goods SET title = title || 'x' WHERE id <= 5");
    shop.Execute("DELETE FROM goods WHERE id = " + std::to_string(10 + i));
    ASSERT_TRUE(shop.CatchesUp());
    shop.ExpectEqual();
    EXPECT_EQ(TableNamed(shop, "public.product").state, "live");
  }
  EXPECT_EQ(shop.source().Status().rebuilds, 0U);
  // A rebuild makes the same documents of the same table.
  shop.source().RequestRebuild();
  ASSERT_TRUE(Eventually([&] { return shop.source().Status().generation == 2; }))
      << shop.source().Status().reason;
  shop.Execute("UPDATE goods SET title = 'again' WHERE id = 7");
  ASSERT_TRUE(shop.CatchesUp());
  shop.ExpectEqual();
  shop.Stop();
  // And the declaration of its new name ends it.
  shop.options.collections.front().root = "goods";
  shop.Restart();
  ASSERT_TRUE(Eventually([&] {
    return shop.source().Status().rebuilds == 1 && shop.IsState(State::kLive);
  })) << shop.source().Status().reason;
  ASSERT_TRUE(shop.CatchesUp());
  shop.ExpectEqual();
  EXPECT_THAT(shop.source().Status().reason, IsEmpty());
}

TEST_F(SourceRenameTest, ATableThatIsRenamedBackIsNotNamedAnyMore) {
  FollowedShop shop(kShop);
  Follow(shop);
  const auto reason = [&] { return shop.source().Status().reason; };
  for (const bool with_changes : {false, true}) {
    shop.Execute("ALTER TABLE product RENAME TO goods");
    if (with_changes) {
      shop.Execute("UPDATE goods SET title = 'renamed' WHERE id <= 3");
    }
    ASSERT_TRUE(Eventually([&] { return !reason().empty(); }));
    shop.Execute("ALTER TABLE goods RENAME TO product");
    if (with_changes) {
      shop.Execute("UPDATE product SET title = 'back' WHERE id <= 3");
    }
    EXPECT_TRUE(Eventually([&] { return reason().empty(); })) << reason();
    ASSERT_TRUE(shop.CatchesUp());
    shop.ExpectEqual();
  }
  EXPECT_EQ(shop.source().Status().rebuilds, 0U);
}

TEST_F(SourceRenameTest, RequirementB22_ARenamedSchemaIsFollowedOn) {
  FollowedShop shop(
      "CREATE SCHEMA shop; CREATE TABLE shop.product (id int PRIMARY KEY, title text);"
      "INSERT INTO shop.product VALUES (1, 'one'); CREATE TABLE brand (id int PRIMARY KEY, title "
      "text);"
      "CREATE PUBLICATION p FOR TABLES IN SCHEMA shop, TABLE brand");
  Follow(shop);
  shop.Execute("ALTER SCHEMA shop RENAME TO store; SET search_path = store, public");
  shop.Restart();
  shop.Execute("INSERT INTO store.product VALUES (2, 'two')");
  ASSERT_TRUE(shop.BecomesState(State::kLive));
  ASSERT_TRUE(shop.CatchesUp());
  shop.ExpectEqual();
  EXPECT_THAT(shop.source().Status().reason,
              StartsWith("table shop.product is called store.product now"));
  EXPECT_EQ(shop.source().Status().rebuilds, 0U);
}

TEST_F(SourceRenameTest, RequirementB25_ATableThatTakesTheNameAndIsNotPublishedIsNamed) {
  FollowedShop shop(kShop);
  Follow(shop);
  shop.Execute(kSwap);
  const auto is_replaced = [&] {
    const SourceStatus::TableStatus table = TableNamed(shop, "public.product");
    return table.state == "replaced" &&
           table.reason.find("run: ALTER PUBLICATION \"p\" ADD TABLE public.product") !=
               std::string::npos;
  };
  ASSERT_TRUE(Eventually(is_replaced)) << shop.source().Status().reason;
  shop.Execute("UPDATE brand SET title = 'followed' WHERE id = 1");
  shop.Execute("UPDATE former SET title = 'former' WHERE id = 1");
  ASSERT_TRUE(shop.CatchesUp());
  EXPECT_EQ(shop.Documents("brand"), shop.Expected("brand"));
  EXPECT_THAT(shop.Documents("product").at(0), HasSubstr("former"));
  EXPECT_THAT(
      shop.source().Status().reason,
      StartsWith("table public.product is another one now, which the publication does not"));
  shop.Restart();
  ASSERT_TRUE(Eventually(is_replaced)) << shop.source().Status().reason;
  ASSERT_TRUE(shop.BecomesState(State::kLive));
  EXPECT_EQ(shop.source().Status().rebuilds, 0U);
  shop.Execute("ALTER PUBLICATION \"p\" ADD TABLE public.product");
  ExpectEqualAfterRebuild(shop);
}

// No row of it changes, so the stream says nothing.
TEST_F(SourceRenameTest, RequirementB25_AnIdleTableThatTakesTheNameIsCopied) {
  FollowedShop shop(
      "CREATE TABLE product (id int PRIMARY KEY, title text); INSERT INTO product VALUES (1, 'x');"
      "CREATE TABLE brand (id int PRIMARY KEY, title text); CREATE PUBLICATION p FOR ALL TABLES");
  Follow(shop);
  shop.Execute(kSwap);
  ExpectEqualAfterRebuild(shop);
}

TEST_F(SourceRenameTest, RequirementB25_FollowedTablesThatTakeEachOthersNamesAreCopied) {
  FollowedShop shop(kShop);
  Follow(shop);
  shop.Stop();
  shop.Execute(
      "ALTER TABLE product RENAME TO t; ALTER TABLE brand RENAME TO product;"
      "ALTER TABLE t RENAME TO brand");
  shop.Restart();
  ExpectEqualAfterRebuild(shop);
}

TEST_F(SourceRenameTest, RequirementB25_ATableThatIsDroppedAndCreatedAnewIsCopied) {
  for (const bool is_all : {true, false}) {
    FollowedShop shop(kShop);
    if (is_all) {
      shop.Execute("DROP PUBLICATION p; CREATE PUBLICATION p FOR ALL TABLES");
    }
    Follow(shop);
    const std::vector<std::string> before = shop.Documents("product");
    shop.Execute(
        "DROP TABLE product; CREATE TABLE product (id int PRIMARY KEY, title text);"
        "INSERT INTO product VALUES (1, 'anew')");
    if (!is_all) {
      ASSERT_TRUE(shop.BecomesState(State::kRefused));
      EXPECT_THAT(shop.source().Status().reason,
                  HasSubstr("table public.product is there and not published; run: ALTER "
                            "PUBLICATION \"p\" ADD TABLE public.product"));
      EXPECT_EQ(shop.Documents("product"), before) << "the former one serves";
      shop.Execute("ALTER PUBLICATION p ADD TABLE product");
    }
    ASSERT_TRUE(Eventually([&] {
      return shop.source().Status().generation == 2 && shop.IsState(State::kLive);
    })) << shop.source().Status().reason;
    ASSERT_TRUE(shop.CatchesUp());
    shop.ExpectEqual();
  }
}

}  // namespace
}  // namespace cacheindex::replication
