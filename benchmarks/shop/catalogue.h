#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "benchmarks/shop/vocabulary.h"

namespace cacheindex::shop {

// The parts of a shop that do not grow with its number of products. All ids count from 1.

struct Brand {
  std::int32_t id = 0;
  std::string name;
  std::string country;
};

/// One node of the tree; level 1 is a department, level 3 is what products are in.
struct Category {
  std::int32_t id = 0;
  /// 0 at level 1.
  std::int32_t parent_id = 0;
  std::int32_t level = 0;
  Bilingual name;
};

/// A kind of key/value attribute: words from a list, or a number in a range.
struct Attribute {
  std::int32_t id = 0;
  std::string name;
  std::string unit;
  bool is_number = false;
  std::vector<Bilingual> values;
  std::int32_t first = 0;
  std::int32_t last = 0;
};

/// Coordinates are in units of 0.0001 degrees, so that their decimal form is exact.
struct Warehouse {
  std::int32_t id = 0;
  Bilingual name;
  std::string country;
  std::int32_t latitude_e4 = 0;
  std::int32_t longitude_e4 = 0;
};

/// What a product of one level-3 category is made from.
struct ProductKind {
  /// Indexes into Catalogue::categories, from level 1 to level 3.
  std::uint32_t path[3] = {};
  /// Indexes into Catalogue::attributes.
  std::vector<std::uint32_t> attributes;
  /// What most products of this kind cost, in cents.
  std::int32_t price_cents = 0;
};

struct Catalogue {
  std::vector<Brand> brands;
  std::vector<Category> categories;
  std::vector<Attribute> attributes;
  std::vector<Warehouse> warehouses;
  std::vector<ProductKind> kinds;
  std::vector<Bilingual> adjectives;
  std::vector<Bilingual> tags;
};

/// Builds the catalogue of the shop of `seed`. Only brands and prices depend on the seed.
Catalogue MakeCatalogue(std::uint64_t seed);

}  // namespace cacheindex::shop
