#include "index/match/text_matcher.h"

#include <gmock/gmock.h>

#include <string>
#include <vector>

#include "tests/index/text/text_shop.h"
#include "tests/support/result_matchers.h"
#include "tests/support/temp_directory.h"

namespace cacheindex::index {
namespace {

using cacheindex::test::FailsWith;
using test::Require;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;
using DropTokens = SearchRequest::DropTokens;

const Json kSchema = Json::parse(R"({"name":"products","fields":[
  {"name":"title","type":"string"},{"name":"tags","type":"string[]","optional":true},
  {"name":"price","type":"float","optional":true}]})");

class TextMatcherTest : public testing::Test {
 protected:
  TextMatcherTest() {
    products_ = shop_.Create(kSchema);
    Require(shop_.StartText());
  }

  void Write(const std::vector<Json>& documents) {
    shop_.Write(products_, documents);
    shop_.Settle();
  }
  std::vector<std::string> Find(std::string_view query,
                                const TextMatchOptions& options = {.drop_tokens_threshold = 0}) {
    return shop_.Find(products_, query, {"title", "tags"}, options);
  }

  cacheindex::test::TempDirectory directory_;
  test::TextShop shop_{directory_.path()};
  cache::CollectionNumber products_{};
};

TEST_F(TextMatcherTest, EveryUnitMustOccurInAnyField) {
  Write({{{"id", "1"}, {"title", "Red shoes"}},
         {{"id", "2"}, {"title", "Shoes"}, {"tags", {"red", "sale"}}},
         {{"id", "3"}, {"title", "Red hat"}}});
  EXPECT_THAT(Find("red shoes"), ElementsAre("1", "2"));
  EXPECT_THAT(Find("red nothing"), IsEmpty());
}

TEST_F(TextMatcherTest, LastWordMayBeAPrefixAndWholeWordsComeFirst) {
  Write({{{"id", "1"}, {"title", "carpet"}},
         {{"id", "2"}, {"title", "car"}},
         {{"id", "3"}, {"title", "cat"}}});
  EXPECT_THAT(Find("car"), ElementsAre("2", "1"));
  EXPECT_THAT(Find("car x"), IsEmpty());
  EXPECT_THAT(Find("\"car\""), ElementsAre("2"));
}

TEST_F(TextMatcherTest, PhrasesStandTogetherInOneElement) {
  Write({{{"id", "1"}, {"title", "big red shoes"}},
         {{"id", "2"}, {"title", "red big shoes"}},
         {{"id", "3"}, {"title", "x"}, {"tags", {"red", "shoes"}}},
         {{"id", "4"}, {"title", "x"}, {"tags", {"a", "red shoes"}}}});
  EXPECT_THAT(Find("\"red shoes\""), UnorderedElementsAre("1", "4"));
  EXPECT_THAT(Find("red shoes"), UnorderedElementsAre("1", "2", "3", "4"));
  EXPECT_THAT(Find("\"red red\""), IsEmpty());
}

TEST_F(TextMatcherTest, HanWordsAreFoundInsideLongerOnes) {
  Write({{{"id", "1"}, {"title", "手机壳"}},
         {{"id", "2"}, {"title", "机手"}},
         {{"id", "3"}, {"title", "华为手机"}}});
  EXPECT_THAT(Find("手机"), UnorderedElementsAre("1", "3"));
  EXPECT_THAT(Find("机"), UnorderedElementsAre("1", "2", "3"));
}

TEST_F(TextMatcherTest, AccentsWidthAndCaseDoNotMatter) {
  Write({{{"id", "1"}, {"title", "Café ＫＣ－２５００"}}});
  EXPECT_THAT(Find("CAFE"), ElementsAre("1"));
  EXPECT_THAT(Find("kc-2500"), ElementsAre("1"));
}

TEST_F(TextMatcherTest, ExcludedUnitsAreAbsent) {
  Write({{{"id", "1"}, {"title", "red shoes"}},
         {{"id", "2"}, {"title", "blue shoes"}},
         {{"id", "3"}, {"title", "hat"}, {"tags", {"on sale"}}}});
  EXPECT_THAT(Find("shoes -red"), ElementsAre("2"));
  EXPECT_THAT(Find("-shoes"), ElementsAre("3"));
  EXPECT_THAT(Find("-\"on sale\""), UnorderedElementsAre("1", "2"));
  EXPECT_THAT(Find("-\"sale on\""), UnorderedElementsAre("1", "2", "3"));
  EXPECT_THAT(Find("!!"), IsEmpty());
  EXPECT_THAT(Find("*"), UnorderedElementsAre("1", "2", "3"));
}

TEST_F(TextMatcherTest, WordsAreDroppedUntilEnoughIsFound) {
  Write({{{"id", "1"}, {"title", "a b c"}},
         {{"id", "2"}, {"title", "a b"}},
         {{"id", "3"}, {"title", "b c"}},
         {{"id", "4"}, {"title", "a"}}});
  const auto drop = [&](std::uint32_t threshold, DropTokens mode) {
    return Find("a b \"c\"", {.drop_tokens_threshold = threshold, .drop_tokens_mode = mode});
  };
  EXPECT_THAT(drop(1, DropTokens::kRightToLeft), ElementsAre("1"));
  EXPECT_THAT(drop(2, DropTokens::kRightToLeft), ElementsAre("1", "2"));
  EXPECT_THAT(drop(3, DropTokens::kRightToLeft), ElementsAre("1", "2", "4"));
  EXPECT_THAT(drop(2, DropTokens::kLeftToRight), ElementsAre("1", "3"));
  // Both keep two words; "c" is rarer than "a".
  EXPECT_THAT(drop(2, DropTokens::kBothSides), ElementsAre("1", "3", "2"));
  EXPECT_THAT(Find("a b \"c\"", {.drop_tokens_threshold = 2,
                                 .drop_tokens_mode = DropTokens::kBothSides,
                                 .drop_tokens_words_max = 2}),
              ElementsAre("1", "2"));
  EXPECT_THAT(Find("a b \"c\"", {.drop_tokens_threshold = 1,
                                 .drop_tokens_mode = DropTokens::kRightToLeft,
                                 .exhaustive = true}),
              ElementsAre("1", "2", "4"));
}

TEST_F(TextMatcherTest, EarlierFieldsWeighMore) {
  Write({{{"id", "1"}, {"title", "x"}, {"tags", {"red"}}}, {{"id", "2"}, {"title", "red"}}});
  EXPECT_THAT(Find("red"), ElementsAre("2", "1"));
}

TEST_F(TextMatcherTest, RareWordsWeighMore) {
  Write({{{"id", "1"}, {"title", "common"}, {"tags", {"rare"}}},
         {{"id", "2"}, {"title", "common"}},
         {{"id", "3"}, {"title", "common"}},
         {{"id", "4"}, {"title", "other"}}});
  const auto search = shop_.Open(products_);
  const auto rarity = [&](std::string_view query) {
    return Require(MatchText(*search->context, search->reader, shop_.words(),
                             Require(ParseTextQuery(query)), search->Fields({"title", "tags"}),
                             Require(search->context->AllDocuments()), {}))
        .variants.front()
        .front()
        .rarity;
  };
  EXPECT_GT(rarity("rare"), rarity("common"));
}

TEST_F(TextMatcherTest, ExplainsWhereAHitMatched) {
  Write({{{"id", "1"}, {"title", "red shoes"}, {"tags", {"red", "sale"}}}});
  const auto search = shop_.Open(products_);
  const auto query = Require(ParseTextQuery("red sho missing"));
  const auto fields = search->Fields({"title", "tags"});
  const auto matches =
      Require(MatchText(*search->context, search->reader, shop_.words(), query, fields,
                        Require(search->context->AllDocuments()), {.drop_tokens_threshold = 1}));
  ASSERT_EQ(matches.scores.documents.size(), 1U);
  const auto match =
      Require(ExplainMatch(*search->context, query, fields, matches, matches.scores.documents[0]));
  EXPECT_EQ(match.score, matches.scores.scores[0]);
  EXPECT_EQ(match.tokens_matched, 1U);
  EXPECT_EQ(match.num_tokens_dropped, 2U);
  EXPECT_EQ(match.fields_matched, 2U);
  EXPECT_EQ(match.best_field_weight, 255U);
  EXPECT_GT(match.best_field_score, 0);
}

TEST_F(TextMatcherTest, GivesUpAtTheDeadline) {
  Write({{{"id", "1"}, {"title", "red shoes"}}});
  const auto search = shop_.Open(products_);
  const auto everything = Require(search->context->AllDocuments());
  search->context->deadline = std::chrono::steady_clock::now() - std::chrono::seconds(1);
  EXPECT_THAT(MatchText(*search->context, search->reader, shop_.words(),
                        Require(ParseTextQuery("red")), search->Fields({"title"}), everything, {}),
              FailsWith(ErrorCode::kTimeout));
}

TEST_F(TextMatcherTest, CollectionWithoutWordsFindsNothing) {
  EXPECT_THAT(Find("red"), IsEmpty());
  Write({{{"id", "1"}, {"title", ""}}});
  EXPECT_THAT(Find("red"), IsEmpty());
  EXPECT_THAT(Find("-red"), ElementsAre("1"));
}

}  // namespace
}  // namespace cacheindex::index
