#include <gmock/gmock.h>

#include <algorithm>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "tests/replication/followed_shop.h"

// Ids of documents from the keys of their rows.

namespace cacheindex::replication {
namespace {

using test::Succeeds;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using State = SourceStatus::State;

class SourceKeysTest : public ::testing::Test {
 protected:
  static std::vector<std::string> Ids(FollowedShop& shop, const std::string& collection) {
    std::vector<std::string> ids;
    auto snapshot = shop.generations().live()->store().OpenSnapshot();
    const auto found = snapshot->FindCollection(collection);
    auto page = snapshot->Scan((*found)->number, std::nullopt, 1'000);
    for (const auto& document : *page) {
      ids.push_back(document.id);
    }
    std::sort(ids.begin(), ids.end());
    return ids;
  }
};

TEST_F(SourceKeysTest, ARowWithAnEmptyKeyIsNamedAmongTheRefused) {
  FollowedShop shop(R"(
    CREATE TABLE product (code text PRIMARY KEY, title text);
    INSERT INTO product VALUES ('a', 'one'), ('', 'two');
    CREATE PUBLICATION p FOR TABLE product)");
  shop.MirrorTable("product", {"code", "title"});
  shop.Start();
  ASSERT_TRUE(shop.BecomesState(State::kLive));
  ASSERT_TRUE(shop.CatchesUp());
  EXPECT_THAT(Ids(shop, "product"), ElementsAre("a"));
  SourceStatus status = shop.source().Status();
  EXPECT_EQ(status.applier.documents_refused, 1U);
  EXPECT_THAT(
      status.refused_documents,
      ElementsAre(HasSubstr("collection \"product\", row \"\" of table public.product: its key is "
                            "an empty text")));
  shop.Execute("UPDATE product SET title = 'changed' WHERE code = ''");
  ASSERT_TRUE(shop.CatchesUp());
  EXPECT_EQ(shop.source().Status().applier.documents_refused, 1U);
  shop.Execute("UPDATE product SET code = 'b' WHERE code = ''");
  ASSERT_TRUE(shop.CatchesUp());
  shop.ExpectEqual();
  status = shop.source().Status();
  EXPECT_EQ(status.applier.documents_refused, 0U);
  EXPECT_EQ(status.state, State::kLive);
}

constexpr const char* kReviews = R"(
  CREATE TABLE review (stars int, customer text, product int, PRIMARY KEY (product, customer));
  INSERT INTO review SELECT i, 'c' || i, 100 + i FROM generate_series(1, 3) i;
  CREATE TABLE part (product int, number int, PRIMARY KEY (product, number));
  INSERT INTO part VALUES (1, 1), (1, 2);
  CREATE PUBLICATION p FOR TABLE review, part)";

TEST_F(SourceKeysTest, IdsJoinTheKeyInItsOwnOrder) {
  FollowedShop shop(kReviews);
  shop.MirrorTable("review", {"stars", "customer", "product"});
  shop.Start();
  ASSERT_TRUE(shop.BecomesState(State::kLive));
  shop.Execute(
      "UPDATE review SET stars = 5 WHERE product = 101; DELETE FROM review WHERE product = 102;"
      "UPDATE review SET customer = 'new' WHERE product = 103;"
      "INSERT INTO review VALUES (1, 'a:b', 104)");
  ASSERT_TRUE(shop.CatchesUp());
  shop.ExpectEqual();
  EXPECT_THAT(Ids(shop, "review"), ElementsAre("101:c1", "103:new", "104:a%3Ab"));
  shop.Restart();
  ASSERT_TRUE(shop.BecomesState(State::kLive));
  shop.Execute("UPDATE review SET stars = 4 WHERE product = 101");
  ASSERT_TRUE(shop.CatchesUp());
  shop.ExpectEqual();
  EXPECT_EQ(shop.source().Status().rebuilds, 0U);
  // The same columns in another order make other ids.
  shop.Stop();
  shop.Execute(
      "ALTER TABLE review DROP CONSTRAINT review_pkey, ADD PRIMARY KEY (customer, product)");
  shop.Restart();
  ASSERT_TRUE(Eventually([&] { return shop.source().Status().generation == 2; }));
  ASSERT_TRUE(shop.CatchesUp());
  EXPECT_THAT(Ids(shop, "review"), ElementsAre("a%3Ab:104", "c1:101", "new:103"));
}

// What an older program stored says nothing of the order.
TEST_F(SourceKeysTest, IdsInTheOrderOfTheTableAreMadeAnew) {
  for (const std::string table : {"part", "review"}) {
    FollowedShop shop(kReviews);
    shop.MirrorTable(table, {"product"});
    shop.Start();
    ASSERT_TRUE(shop.BecomesState(State::kLive));
    shop.Stop();
    const auto written = shop.generations().live()->store().Write(
        [](cache::WriteTransaction& transaction) -> Result<void> {
          std::vector<std::pair<std::string, Json>> versions;
          auto scanned = transaction.ScanEntries(cache::kOwnersColumn, "version/",
                                                 [&](std::string_view key, std::string_view value) {
                                                   versions.emplace_back(key, Json::parse(value));
                                                   return true;
                                                 });
          for (auto& [key, version] : versions) {
            for (Json& column : version["columns"]) {
              column.erase("key_place");
            }
            if (auto put = transaction.PutEntry(cache::kOwnersColumn, key, version.dump()); !put) {
              return put;
            }
          }
          return scanned;
        });
    ASSERT_THAT(written, Succeeds());
    shop.Restart();
    const bool is_other = table == "review";
    ASSERT_TRUE(Eventually([&] {
      return shop.source().Status().generation == (is_other ? 2U : 1U) &&
             shop.IsState(State::kLive);
    })) << shop.source().Status().reason;
    EXPECT_EQ(shop.source().Status().rebuilds, is_other ? 1U : 0U);
    if (is_other) {
      EXPECT_THAT(shop.source().Status().rebuild_reason,
                  HasSubstr("ids of rows of public.review join its key in the order of the key"));
    }
  }
}

}  // namespace
}  // namespace cacheindex::replication
