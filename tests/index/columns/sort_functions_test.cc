#include <gmock/gmock.h>

#include <string>
#include <vector>

#include "index/encoding/column_value.h"
#include "index/sort/sort_computed.h"
#include "tests/index/columns/test_collection.h"

namespace cacheindex::index::test {
namespace {

using testing::ElementsAre;
using testing::UnorderedElementsAreArray;

const char* const kSchema = R"({"name": "shop", "fields": [
  {"name": "rank", "type": "int32"},
  {"name": "brand", "type": "string", "facet": true},
  {"name": "price", "type": "float", "optional": true},
  {"name": "new", "type": "bool"}]})";

class SortFunctionsTest : public testing::Test {
 protected:
  SortFunctionsTest() : shop_(Json::parse(kSchema)) {
    shop_.Write({
        Json::parse(R"({"id": "a", "rank": 1, "brand": "A & (B) C", "price": 10, "new": true})"),
        Json::parse(R"({"id": "b", "rank": 2, "brand": "Sony", "price": 20, "new": false})"),
        Json::parse(R"({"id": "c", "rank": 3, "brand": "Apple", "price": 30, "new": true})"),
        Json::parse(R"({"id": "d", "rank": 4, "brand": "Sony", "new": true})"),
    });
  }

  std::vector<std::string> Sort(std::string_view sort_by) { return Sorted(shop_, sort_by); }

  TestCollection shop_;
};

TEST_F(SortFunctionsTest, WhatAFilterLetsThroughComesFirst) {
  EXPECT_THAT(Sort("_eval(brand:=Sony):desc, rank:asc"), ElementsAre("b", "d", "a", "c"));
  EXPECT_THAT(Sort("_eval(brand:=Sony):asc, rank:asc"), ElementsAre("a", "c", "b", "d"));
  EXPECT_THAT(Sort("_eval(brand:=Sony && (new:true || rank:>9)):desc, rank:asc"),
              ElementsAre("d", "a", "b", "c"));
  EXPECT_THAT(Sort("_eval(brand:=`A & (B) C`):desc, rank:desc"), ElementsAre("a", "d", "c", "b"));
}

TEST_F(SortFunctionsTest, TheFirstFilterThatHoldsGivesTheWeight) {
  EXPECT_THAT(Sort("_eval([(brand:=Apple):3, (new:true):2, (rank:>0):1]):desc, rank:asc"),
              ElementsAre("c", "a", "d", "b"));
  EXPECT_THAT(Sort("_eval([(brand:=Apple):-3]):desc, rank:asc"), ElementsAre("a", "b", "d", "c"));
  EXPECT_THAT(Sort("_eval([ (brand:=[`A, B`,Apple]) : 5 ]):desc, rank:asc"),
              ElementsAre("c", "a", "b", "d"));
}

TEST_F(SortFunctionsTest, ASeedGivesTheSameChanceEveryTime) {
  const auto once = Sort("_rand(42):asc");
  EXPECT_THAT(once, UnorderedElementsAreArray({"a", "b", "c", "d"}));
  EXPECT_EQ(once, Sort("_rand(42):asc"));
  bool differs = false;
  for (int seed = 0; seed < 20; ++seed) {
    differs = differs || Sort("_rand(" + std::to_string(seed) + "):asc") != once;
  }
  EXPECT_TRUE(differs);
  EXPECT_THAT(Sort("_rand():asc"), UnorderedElementsAreArray({"a", "b", "c", "d"}));
}

TEST_F(SortFunctionsTest, TheOrderOfInsertionCanBeAskedFor) {
  EXPECT_THAT(Sort("_seq_id:asc"), ElementsAre("a", "b", "c", "d"));
  EXPECT_THAT(Sort("_seq_id:desc"), ElementsAre("d", "c", "b", "a"));
}

TEST_F(SortFunctionsTest, WhatIsNearTheOriginDecaysLess) {
  for (const char* const function : {"gauss", "linear", "exp"}) {
    const std::string decay =
        std::string("price(origin: 22, func: ") + function + ", scale: 10, decay: 0.4):desc";
    EXPECT_THAT(Sort(decay), ElementsAre("b", "c", "a", "d")) << function;
  }
  EXPECT_THAT(Sort("price(origin: 22, func: diff):asc"), ElementsAre("b", "c", "a", "d"));
  EXPECT_THAT(Sort("rank(origin: 3, func: exp, scale: -1, offset: 1):desc, rank:asc"),
              ElementsAre("b", "c", "d", "a"));
}

TEST(SortDecayTest, DecayIsReachedAtTheScale) {
  SortDecay decay{.origin = 100, .scale = 10, .offset = 5, .decay = 0.3};
  for (const auto function : {SortDecay::Function::kGauss, SortDecay::Function::kLinear,
                              SortDecay::Function::kExponential}) {
    decay.function = function;
    EXPECT_EQ(Decayed(decay, 100), 1);
    EXPECT_EQ(Decayed(decay, 95), 1);
    EXPECT_NEAR(Decayed(decay, 115), 0.3, 1e-12);
    EXPECT_NEAR(Decayed(decay, 85), 0.3, 1e-12);
    EXPECT_LT(Decayed(decay, 130), 0.3);
    EXPECT_GE(Decayed(decay, 1'000'000), 0);
  }
  decay.is_float = true;
  EXPECT_EQ(Decayed(decay, EncodeFloat(100.5)), 1);
}

}  // namespace
}  // namespace cacheindex::index::test
