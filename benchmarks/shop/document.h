#pragma once

#include <string>

#include "benchmarks/shop/shop.h"
#include "node/core/json.h"

namespace cacheindex::shop {

/// Returns the product as the shop's storefront reads it: one JSON object of about 1 KB, compact
/// and with sorted keys, so a node stores and serves the same bytes.
///
///   attributes         {color: "black", weight_grams: 250, ...}; some are missing
///   brand              {country, id, name}
///   category           {id, level1, level2, level3}
///   currency           "EUR"
///   description        English; description_zh is Chinese
///   id                 the product's number
///   in_stock           whether stock > 0
///   location           [latitude, longitude] of the warehouse that sends it
///   model              "KX-1423"
///   popularity         1 to 1,000,000
///   price              19.99, the lowest of its SKUs; price_cents is 1999
///   rating             1.0 to 5.0, 0.0 without reviews
///   release_date       seconds since 1970
///   review_count
///   skus               [{code, id, price, stock}, ...], 1 to 5
///   stock              of all SKUs in all warehouses
///   tags               ["new", ...], 0 to 4
///   title              "Brand Adjective Color Noun Model"; title_zh is Chinese
///   warehouses         ["Hamburg", ...], 1 to 3
std::string DocumentJson(const Catalogue& catalogue, const Product& product);

/// Returns the body of POST /collections for these documents; the collection is named "products".
Json CollectionSchema(const Catalogue& catalogue);

}  // namespace cacheindex::shop
