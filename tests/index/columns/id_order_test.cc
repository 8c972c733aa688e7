#include "index/encoding/id_order.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <cstddef>
#include <string>
#include <vector>

#include "index/sort/sort_order.h"
#include "tests/index/columns/test_collection.h"
#include "tests/support/result_matchers.h"

namespace cacheindex::index::test {
namespace {

using testing::ElementsAre;

// Every id here stands before the next.
const std::vector<std::string> kInOrder = {
    "-98765432109876543210987",
    "-98765432109876543210",
    "-4611686018427387905",
    "-4611686018427387904",
    "-10",
    "-9",
    "0",
    "1",
    "1:0",
    "1:2",
    "1:2:3",
    "1:10",
    "1:10a",
    "1:x",
    "2",
    "10",
    "4611686018427387903",
    "4611686018427387904",
    "9223372036854775807",
    "98765432109876543210",
    "98765432109876543211",
    "",
    "+1",
    "-",
    "-0",
    "-01",
    "00",
    "007",
    "1.5",
    "1e3",
    "A",
    "B",
    "a",
    "product-000001",
    "product-000001:1",
    "product-000002",
    "product-0000021",
    "straße",
    "é",
};

TEST(IdOrderTest, WholeNumbersOrderByValueAndOthersByBytes) {
  for (std::size_t i = 0; i < kInOrder.size(); ++i) {
    for (std::size_t j = 0; j < kInOrder.size(); ++j) {
      EXPECT_EQ(CompareIds(kInOrder[i], kInOrder[j]), i <=> j)
          << kInOrder[i] << " and " << kInOrder[j];
    }
  }
}

TEST(IdOrderTest, WhatAColumnKeepsNeverContradictsTheOrder) {
  for (std::size_t i = 0; i + 1 < kInOrder.size(); ++i) {
    EXPECT_LE(EncodeIdOrder(kInOrder[i]), EncodeIdOrder(kInOrder[i + 1]))
        << kInOrder[i] << " and " << kInOrder[i + 1];
  }
  EXPECT_LT(EncodeIdOrder("9"), EncodeIdOrder("10"));
  EXPECT_LT(EncodeIdOrder("10"), EncodeIdOrder("A"));
}

Json Schema() { return {{"name", "shop"}, {"fields", {{{"name", "rank"}, {"type", "int32"}}}}}; }

std::vector<Json> Documents(const std::vector<std::string>& ids) {
  std::vector<Json> documents;
  for (const std::string& id : ids) {
    documents.push_back({{"id", id}, {"rank", 1}});
  }
  return documents;
}

class SortTiesTest : public testing::Test {
 protected:
  static std::vector<std::string> Reversed(std::vector<std::string> ids) {
    std::ranges::reverse(ids);
    return ids;
  }
};

TEST_F(SortTiesTest, WhatOtherNodesBuildTooStandsByIdWheneverItCame) {
  std::vector<std::string> ids = {"7",         "10", "9",    "-3",  "98765432109876543210",
                                  "b",         "a",  "2:10", "2:9", "product-02",
                                  "product-01"};
  const std::vector<std::string> expected = {
      "product-02", "product-01", "b",   "a", "98765432109876543210", "10", "9",
      "7",          "2:10",       "2:9", "-3"};
  for (int times = 0; times < 2; ++times) {
    TestCollection shop(Schema(), TieOrder::kById);
    shop.Write(Documents(ids));
    EXPECT_EQ(Sorted(shop, ""), expected);
    EXPECT_EQ(Sorted(shop, "rank:asc"), expected);
    EXPECT_EQ(Sorted(shop, "_seq_id:desc"), expected);
    EXPECT_EQ(Sorted(shop, "_seq_id:asc, rank:desc"), Reversed(expected));
    EXPECT_EQ(Sorted(shop, "rank:asc, _seq_id:asc"), Reversed(expected));
    ids = Reversed(ids);
  }
}

TEST_F(SortTiesTest, WhatOneNodeWritesStandsByCreation) {
  TestCollection shop(Schema());
  shop.Write(Documents({"3", "1", "2"}));
  EXPECT_THAT(Sorted(shop, "rank:asc"), ElementsAre("2", "1", "3"));
  shop.Delete("3");
  shop.Write(Documents({"3"}));
  EXPECT_THAT(Sorted(shop, "_seq_id:asc"), ElementsAre("1", "2", "3"));
}

TEST_F(SortTiesTest, ADocumentThatComesAgainHasItsPlace) {
  TestCollection shop(Schema(), TieOrder::kById);
  shop.Write(Documents({"1", "2", "3"}));
  shop.Delete("2");
  EXPECT_THAT(Sorted(shop, ""), ElementsAre("3", "1"));
  shop.Write(Documents({"2"}));
  EXPECT_THAT(Sorted(shop, ""), ElementsAre("3", "2", "1"));
}

TEST_F(SortTiesTest, ChanceDependsOnTheIdAndNotOnTheMoment) {
  std::vector<std::string> ids;
  for (int i = 0; i < 100; ++i) {
    ids.push_back("sku-" + std::to_string(i));
  }
  TestCollection one(Schema(), TieOrder::kById);
  one.Write(Documents(ids));
  TestCollection other(Schema());
  other.Write(Documents(Reversed(ids)));
  const auto drawn = Sorted(one, "_rand(42):asc");
  EXPECT_EQ(drawn, Sorted(other, "_rand(42):asc"));
  EXPECT_NE(drawn, Sorted(one, "_rand(43):asc"));
  EXPECT_NE(drawn, Sorted(one, ""));
  EXPECT_EQ(Reversed(drawn), Sorted(one, "_rand(42):desc"));
}

}  // namespace
}  // namespace cacheindex::index::test
