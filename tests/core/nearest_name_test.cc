#include "node/core/nearest_name.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace cacheindex::test {
namespace {

TEST(NearestNameTest, TheFewestEditsWin) {
  const std::vector<std::string> names = {"brand", "branch", "category", "title"};
  EXPECT_EQ(NearestName("brnad", names), "brand") << "two neighbours are swapped";
  EXPECT_EQ(NearestName("brands", names), "brand");
  EXPECT_EQ(NearestName("brancj", names), "branch");
  EXPECT_EQ(NearestName("catgory", names), "category");
  EXPECT_EQ(NearestName("Title", names), "title");
}

TEST(NearestNameTest, ANameThatIsAPartOfOthersMeansTheShortest) {
  const std::vector<std::string> names = {"spree_products_taxons", "spree_products",
                                          "spree_taxons"};
  EXPECT_EQ(NearestName("products", names), "spree_products");
}

TEST(NearestNameTest, WhatIsFarIsNotProposed) {
  EXPECT_EQ(NearestName("colour", {"weight", "id", "price"}), "");
  EXPECT_EQ(NearestName("id", {"ok"}), "");
  EXPECT_EQ(NearestName("", {"a"}), "");
  EXPECT_EQ(NearestName("a", {}), "");
  EXPECT_EQ(NearestName(std::string(65, 'a'), {std::string(65, 'a')}), "");
  EXPECT_EQ(NearestName("aaaa", {std::string(65, 'a')}), "");
}

TEST(NearestNameTest, MessagesQuoteIt) {
  EXPECT_EQ(DidYouMean("brnad", {"brand"}), "; did you mean \"brand\"?");
  EXPECT_EQ(DidYouMean("filters", {"filter"}, '`'), "; did you mean `filter`?");
  EXPECT_EQ(DidYouMean("x", {"brand"}), "");
}

}  // namespace
}  // namespace cacheindex::test
