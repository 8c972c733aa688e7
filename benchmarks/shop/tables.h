#pragma once

#include <cstdint>
#include <filesystem>

#include "benchmarks/shop/shop.h"
#include "node/core/result.h"

namespace cacheindex::shop {

struct TableOptions {
  /// Created when missing; tables in it are replaced.
  std::filesystem::path directory;
  std::int64_t products = 0;
  std::int64_t orders = 0;
};

/// Writes the shop as a relational database would hold it, one CSV file with a header line per
/// table, text always quoted. A primary key is `id` or the columns marked *; x_id refers to table
/// x.
///
///   brand              id, name, country
///   category           id, parent_id (empty at level 1), level, name, name_zh
///   attribute          id, name, unit, type (text or number)
///   warehouse          id, name, name_zh, country, latitude, longitude
///   product            id, brand_id, category_id, title, title_zh, description, description_zh,
///                      model, currency, popularity, rating, review_count, release_date
///   product_attribute  product_id*, attribute_id*, value
///   product_tag        product_id*, tag*
///   sku                id, product_id, code, price_cents
///   stock              sku_id*, warehouse_id*, quantity
///   order              id, placed_at
///   order_line         order_id*, line*, sku_id, quantity, price_cents
///
/// Memory: flat, whatever the numbers. Errors: kIo.
Result<void> WriteTables(const Shop& shop, const TableOptions& options);

}  // namespace cacheindex::shop
