#include <gmock/gmock.h>

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "tests/replication/followed_shop.h"

// Databases that are not in UTF-8.

namespace cacheindex::replication {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using State = SourceStatus::State;

std::unique_ptr<ShopDatabase> In(const std::string& encoding) {
  return std::make_unique<ShopDatabase>(
      ShopDatabase::Cluster(), "ENCODING '" + encoding + "' LOCALE 'C' TEMPLATE template0");
}

std::vector<std::string> Titles(FollowedShop& shop) {
  std::vector<std::string> titles;
  for (const std::string& document : shop.Documents("product")) {
    titles.push_back(Json::parse(document).at("title").get<std::string>());
  }
  std::sort(titles.begin(), titles.end());
  return titles;
}

TEST(SourceEncodingTest, ABadByteIsRepairedAndNamedAndStopsNothing) {
  FollowedShop shop(In("SQL_ASCII"),
                    "SET client_encoding = 'SQL_ASCII';"
                    "CREATE TABLE product (id int, sku text, title text, PRIMARY KEY (id, sku));"
                    "INSERT INTO product VALUES (1, 'a', E'copied \\xff\\xfe'), (2, 'b', 'plain'),"
                    "  (3, 'c', E'gr\\xc3\\xbcn');"
                    "CREATE PUBLICATION p FOR TABLE product");
  shop.MirrorTable("product", {"id", "title"});
  shop.Start();
  ASSERT_TRUE(shop.BecomesState(State::kLive));
  EXPECT_THAT(Titles(shop), ElementsAre("copied \xEF\xBF\xBD\xEF\xBF\xBD", "gr\xC3\xBCn", "plain"));
  SourceStatus status = shop.source().Status();
  EXPECT_EQ(status.applier.rows_repaired, 1U);
  EXPECT_THAT(
      status.repaired_values,
      ElementsAre("table public.product, row \"1, a\", column title: bytes that are no UTF-8 "
                  "are shown as U+FFFD"));

  shop.Execute("UPDATE product SET title = E'followed \\x80' WHERE id = 2");
  shop.Execute("UPDATE product SET title = E'again \\xff' WHERE id = 1");
  ASSERT_TRUE(shop.CatchesUp());
  EXPECT_THAT(Titles(shop),
              ElementsAre("again \xEF\xBF\xBD", "followed \xEF\xBF\xBD", "gr\xC3\xBCn"));
  status = shop.source().Status();
  EXPECT_EQ(status.applier.rows_repaired, 2U);
  EXPECT_THAT(status.repaired_values, SizeIs(2));
  EXPECT_EQ(status.rebuilds, 0U);
  EXPECT_EQ(status.reconnects, 0U);

  shop.Restart();
  ASSERT_TRUE(shop.BecomesState(State::kLive));
  EXPECT_EQ(shop.source().Status().applier.rows_repaired, 2U) << "it is not forgotten";
  shop.Execute("UPDATE product SET title = 'sound' WHERE id = 1; DELETE FROM product WHERE id = 2");
  ASSERT_TRUE(shop.CatchesUp());
  EXPECT_THAT(Titles(shop), ElementsAre("gr\xC3\xBCn", "sound"));
  status = shop.source().Status();
  EXPECT_EQ(status.applier.rows_repaired, 0U);
  EXPECT_THAT(status.repaired_values, IsEmpty());
}

// Two of them may look alike when they are repaired.
TEST(SourceEncodingTest, ARowWithABadByteInItsKeyIsNoDocumentAndNamed) {
  FollowedShop shop(In("SQL_ASCII"),
                    "SET client_encoding = 'SQL_ASCII';"
                    "CREATE TABLE product (sku text PRIMARY KEY, title text);"
                    "INSERT INTO product SELECT 's' || i, 'x' FROM generate_series(1, 100) i;"
                    "INSERT INTO product VALUES (E'\\xff', 'one'), (E'\\xfe', 'two');"
                    "CREATE PUBLICATION p FOR TABLE product");
  shop.MirrorTable("product", {"title"});
  shop.Start();
  ASSERT_TRUE(shop.BecomesState(State::kLive));
  EXPECT_THAT(shop.Documents("product"), SizeIs(100));
  SourceStatus status = shop.source().Status();
  EXPECT_EQ(status.applier.documents_refused, 2U);
  EXPECT_THAT(status.refused_documents.at(0), HasSubstr("its key has bytes that are no UTF-8"));
  EXPECT_EQ(status.applier.rows_repaired, 2U);
  shop.Execute("UPDATE product SET sku = 'sound' WHERE title = 'one'");
  shop.Execute("UPDATE product SET title = 'three' WHERE title = 'two'");
  shop.Restart();
  ASSERT_TRUE(shop.CatchesUp());
  EXPECT_THAT(shop.Documents("product"), SizeIs(101));
  status = shop.source().Status();
  EXPECT_EQ(status.applier.documents_refused, 1U);
  EXPECT_EQ(status.applier.rows_repaired, 1U);
}

TEST(SourceEncodingTest, TheServerConvertsWhatItKnows) {
  FollowedShop shop(In("LATIN1"),
                    "SET client_encoding = 'UTF8';"
                    "CREATE TABLE product (id int PRIMARY KEY, title text);"
                    "INSERT INTO product VALUES (1, 'gr\xC3\xBCn');"
                    "CREATE PUBLICATION p FOR TABLE product");
  shop.MirrorTable("product", {"id", "title"});
  shop.Start();
  ASSERT_TRUE(shop.BecomesState(State::kLive));
  shop.Execute("INSERT INTO product VALUES (2, 'bl\xC3\xA5'), (3, chr(129))");
  ASSERT_TRUE(shop.CatchesUp());
  shop.ExpectEqual();
  EXPECT_EQ(shop.source().Status().applier.rows_repaired, 0U);
}

}  // namespace
}  // namespace cacheindex::replication
