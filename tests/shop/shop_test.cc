#include "benchmarks/shop/shop.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

namespace cacheindex::shop {
namespace {

constexpr std::int64_t kProducts = 3'000;

TEST(ShopTest, TheTreeHasThreeLevelsAndEveryProductIsALeaf) {
  const Shop shop(1);
  const Catalogue& catalogue = shop.catalogue();
  for (const Category& category : catalogue.categories) {
    EXPECT_FALSE(category.name.english.empty()) << category.id;
    EXPECT_FALSE(category.name.chinese.empty()) << category.name.english;
    if (category.level == 1) {
      EXPECT_EQ(category.parent_id, 0);
    } else {
      const auto& parent =
          catalogue.categories.at(static_cast<std::size_t>(category.parent_id - 1));
      EXPECT_EQ(parent.level, category.level - 1);
    }
  }
  EXPECT_GE(catalogue.kinds.size(), 200U);
  for (const ProductKind& kind : catalogue.kinds) {
    EXPECT_EQ(catalogue.categories[kind.path[2]].level, 3);
    EXPECT_GE(kind.attributes.size(), 4U);
  }
}

TEST(ShopTest, NumbersOfOneProductAgree) {
  const Shop shop(2);
  for (std::int64_t number = 1; number <= kProducts; ++number) {
    const Product product = shop.ProductAt(number);
    ASSERT_GE(product.skus.size(), 1U);
    ASSERT_LE(product.skus.size(), static_cast<std::size_t>(kSkusPerProductMax));
    std::int64_t lowest = product.skus.front().price_cents;
    std::int64_t stock = 0;
    std::set<std::int64_t> ids;
    for (const Sku& sku : product.skus) {
      ids.insert(sku.id);
      EXPECT_EQ(sku.id / 10, number);
      lowest = std::min(lowest, sku.price_cents);
      std::set<std::int32_t> warehouses;
      for (const Stock& part : sku.stock) {
        stock += part.quantity;
        EXPECT_GE(part.quantity, 0);
        EXPECT_TRUE(warehouses.insert(part.warehouse_id).second) << "twice in one warehouse";
      }
    }
    EXPECT_EQ(ids.size(), product.skus.size());
    EXPECT_EQ(product.price_cents, lowest);
    EXPECT_GT(lowest, 0);
    EXPECT_EQ(product.stock, stock);
    EXPECT_EQ(product.rating_tenths == 0, product.review_count == 0);
    EXPECT_GE(product.popularity, 1);
  }
}

TEST(ShopTest, SomeProductsAreSoldOutAndSomeHaveGapsInTheirAttributes) {
  const Shop shop(3);
  std::int64_t sold_out = 0;
  std::int64_t with_gaps = 0;
  for (std::int64_t number = 1; number <= kProducts; ++number) {
    const Product product = shop.ProductAt(number);
    sold_out += product.stock == 0 ? 1 : 0;
    const auto& kind = shop.catalogue().kinds[product.kind];
    with_gaps += product.attributes.size() < kind.attributes.size() ? 1 : 0;
  }
  EXPECT_GT(sold_out, kProducts / 20);
  EXPECT_LT(sold_out, kProducts / 3);
  EXPECT_GT(with_gaps, kProducts / 10);
}

// What Zipf's law means for a search engine: a few words are everywhere, most are rare.
TEST(ShopTest, WordsOfDescriptionsAreSpreadByZipfsLaw) {
  const Shop shop(4);
  std::map<std::string, int, std::less<>> counts;
  int total = 0;
  for (std::int64_t number = 1; number <= kProducts; ++number) {
    const Product product = shop.ProductAt(number);
    for (const std::string_view word : SplitWords(product.description.english)) {
      std::string plain(word.substr(0, word.find('.')));
      plain.front() = static_cast<char>(plain.front() | 0x20);
      ++counts[plain];
      ++total;
    }
  }
  std::vector<int> sorted;
  sorted.reserve(counts.size());
  for (const auto& [word, count] : counts) {
    sorted.push_back(count);
  }
  std::sort(sorted.rbegin(), sorted.rend());
  EXPECT_GT(sorted.size(), 10'000U) << "distinct words";
  const int once = static_cast<int>(std::count(sorted.begin(), sorted.end(), 1));
  EXPECT_GT(once, static_cast<int>(sorted.size()) / 3) << "words that occur once";
  EXPECT_GT(sorted[0], total / 30) << "the most frequent word";
  // From rank 10 to rank 100 the count falls by about ten.
  EXPECT_GT(sorted[9], 4 * sorted[99]);
  EXPECT_LT(sorted[9], 25 * sorted[99]);
}

TEST(ShopTest, OrdersPreferPopularProductsAndCostWhatTheSkuCosts) {
  constexpr std::int64_t kOrders = 500;
  const Shop shop(5);
  double ordered_popularity = 0;
  std::int64_t lines = 0;
  std::int64_t last_time = 0;
  for (std::int64_t number = 1; number <= kOrders; ++number) {
    const Order order = shop.OrderAt(number, kProducts);
    ASSERT_FALSE(order.lines.empty());
    EXPECT_GT(order.placed_at, last_time);
    last_time = order.placed_at;
    for (const OrderLine& line : order.lines) {
      ASSERT_LE(line.sku_id / 10, kProducts);
      const Product product = shop.ProductAt(line.sku_id / 10);
      const Sku& sku = product.skus.at(static_cast<std::size_t>(line.sku_id % 10 - 1));
      EXPECT_EQ(line.sku_id, sku.id);
      EXPECT_EQ(line.price_cents, sku.price_cents);
      EXPECT_GT(line.quantity, 0);
      EXPECT_GT(order.placed_at, product.release_date);
      ordered_popularity += product.popularity;
      ++lines;
    }
  }
  double popularity = 0;
  for (std::int64_t number = 1; number <= kProducts; ++number) {
    popularity += shop.ProductAt(number).popularity;
  }
  EXPECT_GT(ordered_popularity / static_cast<double>(lines),
            2 * popularity / static_cast<double>(kProducts));
}

TEST(ShopTest, QueriesAreTwoWordsOfATitle) {
  const Shop shop(6);
  std::set<std::string> distinct;
  for (std::int64_t number = 1; number <= 500; ++number) {
    const std::string query = shop.QueryAt(number, kProducts);
    EXPECT_EQ(SplitWords(query).size(), 2U) << query;
    distinct.insert(query);
  }
  EXPECT_GT(distinct.size(), 250U);
  EXPECT_EQ(shop.QueryAt(9, kProducts), Shop(6).QueryAt(9, kProducts));
}

}  // namespace
}  // namespace cacheindex::shop
