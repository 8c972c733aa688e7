#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "benchmarks/shop/catalogue.h"
#include "benchmarks/shop/random.h"
#include "benchmarks/shop/vocabulary.h"
#include "benchmarks/shop/zipf.h"

namespace cacheindex::shop {

/// Products of one shop, at most.
inline constexpr std::int64_t kProductsMax = 10'000'000;
inline constexpr std::int64_t kSkusPerProductMax = 5;

struct Stock {
  std::int32_t warehouse_id = 0;
  std::int32_t quantity = 0;
};

/// One thing that can be bought: a product in one variant.
struct Sku {
  /// Product number times 10, plus 1 to kSkusPerProductMax.
  std::int64_t id = 0;
  /// "X-1423-2".
  std::string code;
  std::int64_t price_cents = 0;
  std::vector<Stock> stock;
};

struct AttributeValue {
  /// Index into Catalogue::attributes.
  std::uint32_t attribute = 0;
  /// An index into the attribute's values, or the number itself.
  std::int32_t value = 0;
};

struct Product {
  /// From 1.
  std::int64_t number = 0;
  /// Indexes into the catalogue's brands and kinds.
  std::uint32_t brand = 0;
  std::uint32_t kind = 0;
  std::string model;
  Bilingual title;
  Bilingual description;
  std::vector<AttributeValue> attributes;
  std::vector<Sku> skus;
  /// Indexes into the catalogue's tags, distinct.
  std::vector<std::uint32_t> tags;
  /// The lowest of its SKUs.
  std::int64_t price_cents = 0;
  /// The sum over all SKUs and warehouses.
  std::int64_t stock = 0;
  /// Tenths of a star, 10 to 50; 0 without reviews.
  std::int32_t rating_tenths = 0;
  std::int32_t review_count = 0;
  /// 1 to 1,000,000; few products are popular.
  std::int32_t popularity = 0;
  /// Seconds since 1970.
  std::int64_t release_date = 0;
};

struct OrderLine {
  std::int64_t sku_id = 0;
  std::int32_t quantity = 0;
  std::int64_t price_cents = 0;
};

struct Order {
  /// From 1.
  std::int64_t number = 0;
  /// Seconds since 1970.
  std::int64_t placed_at = 0;
  std::vector<OrderLine> lines;
};

/// A whole shop, computed and not stored: the same seed is the same shop on every machine, and
/// product n is the same in a shop of any size.
///
/// Memory: the catalogue and the vocabulary, about 10 MB whatever the size of the shop.
/// Threads: immutable; all methods may be called concurrently.
class Shop {
 public:
  explicit Shop(std::uint64_t seed);

  std::uint64_t seed() const noexcept { return seed_; }
  const Catalogue& catalogue() const noexcept { return catalogue_; }
  const Vocabulary& vocabulary() const noexcept { return vocabulary_; }

  /// Requires 1 <= number <= kProductsMax. Cost: about 5 us.
  Product ProductAt(std::int64_t number) const;

  /// Returns order `number` of a shop that has products 1 to `products`; popular products are
  /// ordered more often. Orders are placed in the order of their numbers.
  Order OrderAt(std::int64_t number, std::int64_t products) const;

  /// What a person types who looks for one of the products 1 to `products`: two words of a title.
  std::string QueryAt(std::int64_t number, std::int64_t products) const;

 private:
  std::int32_t PopularityAt(std::int64_t number) const;
  /// Returns the number of a product, of a popular one rather than of another.
  std::int64_t DrawPopular(Random& random, std::int64_t products) const;
  std::vector<Sku> SkusOf(const Product& product) const;
  void AddAttributes(Product& product, Random& random) const;
  void AddTags(Product& product, Random& random) const;
  void AddTexts(Product& product, Random& random) const;

  std::uint64_t seed_;
  Catalogue catalogue_;
  Vocabulary vocabulary_;
  ZipfSampler by_brand_;
  ZipfSampler by_kind_;
  ZipfSampler by_tag_;
  /// For lists of attribute values; lists are shorter than this and take the rest again.
  ZipfSampler by_value_;
};

}  // namespace cacheindex::shop
