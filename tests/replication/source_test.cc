#include "replication/following/source.h"

#include <gmock/gmock.h>

#include <string>

#include "tests/replication/followed_shop.h"

namespace cacheindex::replication {
namespace {

using ::testing::IsEmpty;
using ::testing::SizeIs;
using State = SourceStatus::State;

constexpr const char* kShop = R"(
  CREATE TABLE product (id int PRIMARY KEY, title text, price numeric(10,2));
  CREATE TABLE stock (sku text PRIMARY KEY, amount int, note text);
  ALTER TABLE stock ALTER COLUMN note SET STORAGE EXTERNAL;
  INSERT INTO product SELECT i, 'product ' || i, i / 3.0 FROM generate_series(1, 500) i;
  INSERT INTO stock SELECT 'sku' || i, i, repeat('x', 5000) FROM generate_series(1, 20) i;
  CREATE PUBLICATION p FOR TABLE product, stock)";

class SourceTest : public ::testing::Test {
 protected:
  void Declare(FollowedShop& shop) {
    shop.MirrorTable("product", {"id", "title", "price"});
    shop.MirrorTable("stock", {"sku", "amount", "note"});
  }
};

TEST_F(SourceTest, CopiesFollowsAndGoesOnAfterARestart) {
  FollowedShop shop(kShop);
  Declare(shop);
  shop.Start();
  ASSERT_TRUE(shop.BecomesState(State::kLive));
  ASSERT_TRUE(shop.CatchesUp());
  shop.ExpectEqual();

  shop.Execute(
      "UPDATE product SET price = price + 1 WHERE id % 7 = 0; "
      "DELETE FROM product WHERE id = 3; INSERT INTO product VALUES (1000, NULL, NULL); "
      "UPDATE stock SET amount = amount + 1; UPDATE stock SET sku = 'new' WHERE amount = 3");
  ASSERT_TRUE(shop.CatchesUp());
  shop.ExpectEqual();

  shop.Stop();
  shop.Execute(
      "TRUNCATE stock; INSERT INTO stock VALUES ('a', 1, NULL); DELETE FROM product "
      "WHERE id < 100");
  shop.Restart();
  ASSERT_TRUE(shop.CatchesUp());
  shop.ExpectEqual();
  EXPECT_EQ(shop.source().Status().rebuilds, 0U);
}

}  // namespace
}  // namespace cacheindex::replication
