#include <gmock/gmock.h>

#include <memory>
#include <string>
#include <vector>

#include "tests/replication/followed_shop.h"

// Which values, rows and columns arrive, copied and through the stream.

namespace cacheindex::replication {
namespace {

using State = SourceStatus::State;

TEST(SourceValuesTest, RequirementC37_ListsFiltersAndGeneratedColumnsAreTheSameInCopyAndStream) {
  FollowedShop shop(R"(
    CREATE TABLE t (id int, shown bool, secret text, price int,
                    twice int GENERATED ALWAYS AS (price * 2) STORED, PRIMARY KEY (id, shown));
    INSERT INTO t SELECT i, i % 2 = 0, 'secret', i FROM generate_series(1, 20) i;
    CREATE PUBLICATION p FOR TABLE t (id, shown, price) WHERE (shown))");
  shop.options.collections.push_back(Mirror("t", {"id", "shown", "price"}));
  shop.Start();
  ASSERT_TRUE(shop.BecomesState(State::kLive));
  EXPECT_EQ(shop.Documents("t").size(), 10U);
  // Rows enter and leave the filter.
  shop.Execute(
      "UPDATE t SET shown = NOT shown WHERE id <= 4; INSERT INTO t VALUES (30, true, 'x', 1)"
      ", (31, false, 'x', 1); UPDATE t SET price = price + 1; DELETE FROM t WHERE id = 6");
  ASSERT_TRUE(shop.CatchesUp());
  EXPECT_EQ(shop.Documents("t").size(), 10U);
  const std::vector<std::string> streamed = shop.Documents("t");
  shop.source().RequestRebuild();
  ASSERT_TRUE(Eventually([&] { return shop.source().Status().generation == 2; }));
  ASSERT_TRUE(shop.CatchesUp());
  EXPECT_EQ(shop.Documents("t"), streamed);
}

TEST(SourceValuesTest, RequirementA6A7_ALongValueOfTheKeyThatDoesNotChangeIsTheKeyStill) {
  FollowedShop shop(R"(
    CREATE TABLE product (id int PRIMARY KEY);
    CREATE TABLE price (code text PRIMARY KEY, product_id int REFERENCES product, amount int);
    ALTER TABLE price ALTER COLUMN code SET STORAGE EXTERNAL;
    INSERT INTO product VALUES (1);
    INSERT INTO price SELECT n || string_agg(md5(n::text || i), ''), 1, n
    FROM generate_series(1, 80) i, generate_series(1, 3) n GROUP BY n;
    CREATE PUBLICATION p FOR TABLE product, price)");
  CollectionDeclaration products = Mirror("product", {"id"});
  FieldDeclaration total;
  total.name = "total";
  total.from = "sum(price.amount)";
  products.fields.push_back(std::move(total));
  shop.options.collections.push_back(std::move(products));
  shop.Start();
  ASSERT_TRUE(shop.BecomesState(State::kLive));
  ASSERT_GT(std::stoi(shop.Value("SELECT pg_relation_size(reltoastrelid) FROM pg_class "
                                 "WHERE oid = 'price'::regclass")),
            0)
      << "the codes are not in the rows themselves";
  shop.Execute("UPDATE price SET amount = amount * 10 WHERE amount < 3");
  ASSERT_TRUE(shop.CatchesUp());
  EXPECT_THAT(shop.Documents("product").at(0), ::testing::HasSubstr("\"total\":33"));
  EXPECT_EQ(shop.source().Status().applier.rows, 4U);
  shop.Execute(
      "UPDATE price SET code = 'short' WHERE amount = 10; DELETE FROM price WHERE amount = 20");
  ASSERT_TRUE(shop.CatchesUp());
  EXPECT_THAT(shop.Documents("product").at(0), ::testing::HasSubstr("\"total\":13"));
  EXPECT_EQ(shop.source().Status().applier.rows, 3U);
}

TEST(SourceValuesTest, ADeclaredReferenceThatNoFieldFollowsDoesNotDisturb) {
  FollowedShop shop(R"(
    CREATE TABLE product (id int PRIMARY KEY, title text);
    CREATE TABLE note (id int PRIMARY KEY, product_id int);
    INSERT INTO product VALUES (1, 'one'); INSERT INTO note VALUES (1, 1);
    CREATE PUBLICATION p FOR ALL TABLES)");
  shop.MirrorTable("product", {"id", "title"});
  shop.options.collections.back().references.push_back({.from_table = "note",
                                                        .from_column = "product_id",
                                                        .to_table = "product",
                                                        .to_column = "id"});
  shop.Start();
  ASSERT_TRUE(shop.BecomesState(State::kLive));
  shop.Restart();
  ASSERT_TRUE(shop.BecomesState(State::kLive));
  shop.Execute("UPDATE product SET title = 'two'");
  ASSERT_TRUE(shop.CatchesUp());
  shop.ExpectEqual();
  EXPECT_EQ(shop.source().Status().rebuilds, 0U);
}

TEST(SourceValuesTest, RequirementC36_PartitionsThroughTheRootAndWithout) {
  for (const bool is_via_root : {true, false}) {
    FollowedShop shop(std::string(R"(
      CREATE TABLE event (id int, day int, x text, PRIMARY KEY (id, day)) PARTITION BY LIST (day);
      CREATE TABLE event1 PARTITION OF event FOR VALUES IN (1);
      CREATE TABLE event2 PARTITION OF event FOR VALUES IN (2);
      INSERT INTO event SELECT i, 1 + i % 2, 'x' FROM generate_series(1, 10) i;
      CREATE PUBLICATION p FOR TABLE event WITH (publish_via_partition_root = )") +
                      (is_via_root ? "true)" : "false)"));
    for (const char* table : {"event", "event1", "event2"}) {
      if (is_via_root == (std::string(table) == "event")) {
        shop.MirrorTable(table, {"id", "day", "x"});
      }
    }
    shop.Start();
    ASSERT_TRUE(shop.BecomesState(State::kLive));
    shop.Execute(
        "UPDATE event SET day = 3 - day WHERE id <= 4; UPDATE event SET x = 'y' "
        "WHERE id > 8; DELETE FROM event WHERE id = 5; INSERT INTO event VALUES (50, 1, 'z')");
    ASSERT_TRUE(shop.CatchesUp());
    shop.ExpectEqual();
    shop.Execute("TRUNCATE event");
    shop.Execute("INSERT INTO event VALUES (60, 2, 'again')");
    ASSERT_TRUE(shop.CatchesUp());
    shop.ExpectEqual();
  }
}

}  // namespace
}  // namespace cacheindex::replication
