#include <gmock/gmock.h>

#include "index/schema/schema_definition.h"
#include "index/sort/sort_order.h"
#include "tests/fuzz/fuzz_run.h"

namespace cacheindex::test {
namespace {

TEST(SortFuzzTest, EveryTextIsAnOrderOrRefused) {
  auto schema = index::ParseSchema(Json::parse(R"({
    "name": "shop", "fields": [
      {"name": "brand", "type": "string", "sort": true}, {"name": "stock", "type": "int32"},
      {"name": "price", "type": "float"}, {"name": "place", "type": "geopoint"}]})"));
  ASSERT_TRUE(schema.has_value());
  // Only stored fields can be sorted on.
  for (index::Field& field : schema->fields) {
    field.storage.values = cache::ColumnNumber{2};
    field.storage.sort_key = cache::ColumnNumber{4};
  }
  std::uint64_t accepted = 0;
  RunFuzz({"stock:asc,price:desc", "_text_match(buckets: 10):desc,brand:asc",
           "price(missing_values: first):asc", "place(48.85, 2.34):asc",
           "place(48.85, 2.34, exclude_radius: 2 km):asc", "_eval(stock:>3):desc",
           "_eval([(stock:>3):3,(price:<2):1]):desc", "_rand(42):asc",
           "price(origin: 10, func: gauss, scale: 5, decay: 0.5):asc"},
          {"stock",
           "price",
           "brand",
           "place",
           "_text_match",
           "_eval",
           "_rand",
           ":asc",
           ":desc",
           "(",
           ")",
           "[",
           "]",
           ",",
           ":",
           "buckets",
           "missing_values",
           "origin",
           "func",
           "gauss",
           "scale",
           "decay",
           "exclude_radius",
           "precision",
           "1e309",
           "-1",
           "99999999999999999999",
           " ",
           "`",
           "\xC3\xA9",
           "\xFF"},
          [&](const std::string& input, Mutator& mutator) {
            const auto order = index::SortOrder::Parse(input, *schema, mutator.Below(2) == 0);
            if (order) {
              ++accepted;
            } else {
              ExpectGoodRefusal(order.error());
            }
          });
  EXPECT_GT(accepted, 0U);
}

}  // namespace
}  // namespace cacheindex::test
