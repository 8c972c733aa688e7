#include "index/facet/facet_query.h"

#include <gmock/gmock.h>

#include <string>
#include <vector>

#include "tests/index/columns/test_collection.h"
#include "tests/support/result_matchers.h"

namespace cacheindex::index::test {
namespace {

using cacheindex::test::Succeeds;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;
using testing::UnorderedElementsAre;

// Returns the marked values that `text` keeps of a facet with `values`, in order.
std::vector<std::string> Queried(const std::vector<std::string>& values, const std::string& text) {
  TestCollection shop(Json::parse(
      R"({"name": "shop", "fields": [{"name": "v", "type": "string", "facet": true}]})"));
  std::vector<Json> documents;
  for (const std::string& value : values) {
    documents.push_back({{"id", std::to_string(documents.size())}, {"v", value}});
  }
  shop.Write(documents);
  SearchRequest request;
  request.facet_by = "v";
  request.facet_query = "v:" + text;
  request.max_facet_values = 100;
  const auto counts = Counted(shop, request);
  EXPECT_THAT(counts, Succeeds());
  std::vector<std::string> marked;
  for (const FacetValue& value : counts->front().counts) {
    marked.push_back(value.highlighted);
  }
  return marked;
}

TEST(FacetQueryTest, CharactersStandTogetherInTheirOrder) {
  const std::vector<std::string> values = {"東京", "京東", "京东商城", "東京京東", "京と東"};
  EXPECT_THAT(Queried(values, "京東"),
              ElementsAre("<mark>京</mark><mark>東</mark>", "東京<mark>京</mark><mark>東</mark>",
                          "<mark>京</mark><mark>东</mark>商城"));
  EXPECT_THAT(Queried(values, "東京"),
              ElementsAre("<mark>東</mark><mark>京</mark>", "<mark>東</mark><mark>京</mark>京東"));
  EXPECT_THAT(Queried(values, "東 京"), SizeIs(5)) << "two words";
  EXPECT_THAT(Queried({"レンズカメラ", "カメラレンズ", "カメラ"}, "カメラレン"),
              ElementsAre("<mark>カ</mark><mark>メ</mark><mark>ラ</mark><mark>レ</mark>"
                          "<mark>ン</mark>ズ"));
  EXPECT_THAT(Queried({"국한", "한국", "한국어"}, "한국"),
              ElementsAre("<mark>한</mark><mark>국</mark>", "<mark>한</mark><mark>국</mark>어"));
  EXPECT_THAT(Queried({"KC-2500", "2500 KC", "KC2500"}, "kc25"),
              ElementsAre("<mark>KC</mark><mark>25</mark>00", "<mark>KC</mark>-<mark>25</mark>00"));
}

TEST(FacetQueryTest, UnitsAreFoundAsTheyAreWritten) {
  EXPECT_THAT(Queried({"5 kg", "kg 7", "5 l"}, "kg"),
              ElementsAre("<mark>kg</mark> 7", "5 <mark>kg</mark>"));
}

TEST(FacetQueryTest, ACharacterOfSeveralWordsIsMarkedOnce) {
  EXPECT_THAT(Queried({"1½! usa", "11/2"}, "1 1/2"),
              ElementsAre("<mark>1</mark><mark>½</mark>! usa"));
}

TEST(FacetQueryTest, WhatHasNoWordsIsLookedForAsItIs) {
  const std::vector<std::string> values = {"A+++",     "A",      "C++ (new)", "★★ good ★",
                                           "👍🏽", "A ＋ B", "",          "-2.50"};
  EXPECT_THAT(Queried(values, "+"),
              UnorderedElementsAre("A<mark>+</mark><mark>+</mark><mark>+</mark>",
                                   "C<mark>+</mark><mark>+</mark> (new)", "A <mark>＋</mark> B"));
  EXPECT_THAT(Queried(values, "++"),
              UnorderedElementsAre("A<mark>++</mark>+", "C<mark>++</mark> (new)"));
  EXPECT_THAT(Queried(values, " ★ "),
              ElementsAre("<mark>★</mark><mark>★</mark> good <mark>★</mark>"));
  EXPECT_THAT(Queried(values, "👍"), ElementsAre("<mark>👍🏽</mark>"));
  EXPECT_THAT(Queried(values, "-"), ElementsAre("<mark>-</mark>2.50"));
  EXPECT_THAT(Queried(values, "€"), IsEmpty());
  EXPECT_THAT(Queried(values, " "), SizeIs(values.size())) << "no query";
}

}  // namespace
}  // namespace cacheindex::index::test
