// What a facet shows is the same whatever the order in which documents and values arrived.

#include <gmock/gmock.h>

#include <algorithm>
#include <limits>
#include <string>
#include <vector>

#include "index/encoding/column_value.h"
#include "index/facet/facet_sums.h"
#include "tests/index/columns/test_collection.h"
#include "tests/support/result_matchers.h"

namespace cacheindex::index::test {
namespace {

using cacheindex::test::Succeeds;

class FacetOrderTest : public testing::Test {
 protected:
  FacetOrderTest() {
    std::vector<Json> documents;
    for (int i = 0; i < 400; ++i) {
      const double price = i % 7 == 0 ? 1e16 : i % 7 == 1 ? -1e16 : 0.1;
      documents.push_back({{"id", std::to_string(i)},
                           {"v", "value " + std::to_string(i % 300)},
                           {"n", std::int64_t{i % 300} * 1'000'000'007},
                           {"price", price * (i + 1)},
                           {"rank", i % 3},
                           {"tags", {{{"id", "t"}, {"label", std::to_string(i)}}}},
                           {"attr_" + std::to_string(i % 5), "x"}});
    }
    one_.Write(documents);
    std::reverse(documents.begin(), documents.end());
    other_.Write(documents);
  }

  // All that is shown, as JSON.
  static Json Shown(const TestCollection& shop, const std::string& facet_by,
                    std::uint32_t values_max) {
    SearchRequest request;
    request.facet_by = facet_by;
    request.max_facet_values = values_max;
    request.facet_return_parent = {"*"};
    const auto counts = Counted(shop, request);
    EXPECT_THAT(counts, Succeeds());
    Json shown = Json::array();
    for (const FacetCounts& facet : *counts) {
      shown.push_back(facet.field_name);
      if (facet.statistics) {
        shown.push_back({facet.statistics->sum, facet.statistics->average});
      }
      for (const FacetValue& value : facet.counts) {
        shown.push_back({value.value, value.count, value.parent});
      }
    }
    return shown;
  }

  const Json schema_ = Json::parse(R"({"name": "shop", "enable_nested_fields": true, "fields": [
        {"name": "v", "type": "string", "facet": true},
        {"name": "n", "type": "int64", "facet": true},
        {"name": "price", "type": "float", "facet": true},
        {"name": "rank", "type": "int32"},
        {"name": "tags", "type": "object[]"},
        {"name": "tags.id", "type": "string[]", "facet": true},
        {"name": "attr_.*", "type": "string", "facet": true}]})");
  TestCollection one_{schema_};
  TestCollection other_{schema_};
};

TEST_F(FacetOrderTest, NothingDependsOnTheOrderOfArrival) {
  for (const char* facet_by :
       {"v", "n", "price", "v(sort_by:rank:desc)", "n(sort_by:rank:asc)", "v(sort_by:_alpha:asc)",
        "n(sort_by:_alpha:desc)", "price(low:[,0],high:[0,])", "tags.id", "attr_*", "*"}) {
    for (const std::uint32_t values_max : {1U, 7U, 150U, 1000U}) {
      EXPECT_EQ(Shown(one_, facet_by, values_max), Shown(other_, facet_by, values_max))
          << facet_by << " " << values_max;
    }
  }
  EXPECT_EQ(Shown(one_, "v", 2)[1][0], "value 9") << "shorter, then greater";
  EXPECT_EQ(Shown(other_, "tags.id", 10)[1][2], R"({"id":"t","label":"0"})") << "the lowest id's";
}

TEST_F(FacetOrderTest, ManyTiesAreOrderedByTheirTextToo) {
  constexpr int kValues = 30'000;
  std::vector<Json> documents;
  for (int i = 0; i < kValues; i += 20) {
    Json tags = Json::array();
    for (int tag = i; tag < i + 20; ++tag) {
      tags.push_back({{"id", std::to_string(100'000 + tag)}});
    }
    documents.push_back({{"id", "many" + std::to_string(i)},
                         {"v", "x"},
                         {"n", 1},
                         {"price", 1},
                         {"rank", 1},
                         {"tags", tags}});
  }
  other_.Write(documents);
  const Json shown = Shown(other_, "tags.id", 3);
  EXPECT_EQ(shown[1][0], "t");
  EXPECT_EQ(shown[2][0], "129999");
  EXPECT_EQ(shown[3][0], "129998");
}

TEST(FacetSumsTest, SumsAreExactUntilTheyAreAskedFor) {
  const auto sum = [](const std::vector<double>& numbers) {
    FacetSums sums(FieldType::kFloat);
    for (const double number : numbers) {
      sums.Add(EncodeFloat(number));
    }
    return sums.Finish()->sum;
  };
  EXPECT_EQ(sum({1e16, 1, -1e16}), 1);
  EXPECT_EQ(sum({1e308, 1e308, -1e308, -1e308, 5e-324}), 5e-324);
  EXPECT_EQ(sum({-1.5, 0.25, -0.0}), -1.25);
  EXPECT_EQ(sum({-1e300, -1}), -1e300);
  FacetSums integers(FieldType::kInt64);
  for (const std::int64_t number : {std::numeric_limits<std::int64_t>::max(), std::int64_t{-7},
                                    -std::numeric_limits<std::int64_t>::max()}) {
    integers.Add(number);
  }
  EXPECT_EQ(integers.Finish()->sum, -7);
  EXPECT_FALSE(FacetSums(FieldType::kInt32).Finish().has_value());
}

}  // namespace
}  // namespace cacheindex::index::test
