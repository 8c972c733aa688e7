#include <gmock/gmock.h>

#include "index/filter/filter.h"
#include "index/schema/schema_definition.h"
#include "tests/fuzz/fuzz_run.h"

namespace cacheindex::test {
namespace {

TEST(FilterFuzzTest, EveryTextIsAFilterOrRefused) {
  const auto schema = index::ParseSchema(Json::parse(R"({
    "name": "shop", "enable_nested_fields": true, "fields": [
      {"name": "brand", "type": "string", "facet": true},
      {"name": "stock", "type": "int32"}, {"name": "price", "type": "float"},
      {"name": "new", "type": "bool"}, {"name": "place", "type": "geopoint"},
      {"name": "area", "type": "geopolygon"},
      {"name": "parts", "type": "object[]", "optional": true},
      {"name": "parts.color", "type": "string[]", "optional": true}]})"));
  ASSERT_TRUE(schema.has_value());
  std::uint64_t accepted = 0;
  RunFuzz(
      {"brand:=[`a`,`b,c`] && stock:[<10, 20..30, >100]",
       "(new:true || price:>=1.5) && brand:! some wor*",
       "parts.{color:=red && color:!=blue} || id:!=[a,b,`c`]", "place:(48.85, 2.34, 5.1 km)",
       "place:(1,1, 1,2, 2,2, 2,1)", "area:!=[(1,1), (-2.5, 190)]", "brand:`it\\`s` && !(stock:5)"},
      {"&&",
       "||",
       "(",
       ")",
       "[",
       "]",
       "`",
       "\\`",
       ":",
       ":=",
       ":!=",
       ":<",
       ":>=",
       ".{",
       "}",
       ",",
       "..",
       "*",
       "-",
       "!",
       " ",
       "1e309",
       "9223372036854775808",
       "km",
       "id",
       "brand",
       "stock",
       "price",
       "new",
       "place",
       "parts",
       "parts.{color:",
       "\xC3\xA9",
       "\xFF",
       "true"},
      [&](const std::string& input, Mutator& mutator) {
        const auto filter =
            index::Filter::Parse(input, *schema, {.validate_field_names = mutator.Below(4) != 0});
        if (filter) {
          ++accepted;
        } else {
          ExpectGoodRefusal(filter.error());
        }
      });
  EXPECT_GT(accepted, 0U);
}

}  // namespace
}  // namespace cacheindex::test
