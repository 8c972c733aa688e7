// What is found whoever spelled it: numbers, units, signs, abbreviations, parts of model numbers.

#include <gmock/gmock.h>

#include <string>
#include <vector>

#include "index/match/text_query.h"
#include "tests/index/text/titles_test.h"

namespace cacheindex::index {
namespace {

using test::Require;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

class SpellingsSearchTest : public test::TitlesTest {
 protected:
  std::size_t FindInside(std::string_view query, const WordList::InfixLimits& limits = {}) {
    const auto search = shop_.Open(products_);
    auto fields = search->Fields({"title"});
    fields.front().infix = SearchRequest::Infix::kAlways;
    return Require(MatchText(*search->context, search->reader, shop_.words(),
                             Require(ParseTextQuery(query)), fields,
                             Require(search->context->AllDocuments()),
                             {.drop_tokens_threshold = 0,
                              .typo_tokens_threshold = 0,
                              .split_join_tokens = SearchRequest::SplitJoin::kOff,
                              .infix = limits}))
        .scores.documents.size();
  }
};

TEST_F(SpellingsSearchTest, FractionsFindEachOtherAndNothingElse) {
  Write({"elbow 1 1/2", "elbow 1½", "elbow 11/2", "elbow 2 1/2", "elbow 1-1/2"});
  for (const char* query : {"elbow 1 1/2", "elbow 1½", "elbow 1-1/2", "1½ elbow", "elbow 1 ½"}) {
    EXPECT_THAT(Find(query), UnorderedElementsAre("1", "2", "5")) << query;
  }
  EXPECT_THAT(Find("elbow 11/2"), ElementsAre("3"));
  EXPECT_THAT(Find("elbow 1 1"), UnorderedElementsAre("1", "2", "4", "5")) << "still typed";
}

TEST_F(SpellingsSearchTest, UnitsFindEachOther) {
  Write(
      {"valve 3/8\"", "valve 3/8 inch", "valve 3/8in", "valve ⅜″", "valve 8 inch", "2 in 1 valve"});
  for (const char* query : {"valve 3/8\"", "3/8 inch valve", "valve 3/8 in", "⅜ inches", "3/8''"}) {
    EXPECT_THAT(Find(query), UnorderedElementsAre("1", "2", "3", "4")) << query;
  }
  EXPECT_THAT(Find("2 in 1"), ElementsAre("6"));
  EXPECT_THAT(Find("2 in"), ElementsAre("6")) << "it may become 2 in 1";
}

TEST_F(SpellingsSearchTest, WhatIsTypedAfterAHyphenMayGoOn) {
  Write({"lens EF20-35mm", "keyboard G82-27020GB", "lens 75-300mm f/4"});
  EXPECT_THAT(Find("lens EF20-35m"), ElementsAre("1"));
  EXPECT_THAT(Find("lens EF20-35mm"), ElementsAre("1"));
  EXPECT_THAT(Find("keyboard G82-27020G"), ElementsAre("2"));
  EXPECT_THAT(Find("75-300m"), ElementsAre("3"));
}

TEST_F(SpellingsSearchTest, WhatWasWrittenIsFoundWhileItIsTypedAndAlone) {
  Write({"cable 10 foot", "cable 1,000 m", "flour 5 kg"});
  for (const char* query : {"cable 10 f", "cable 10 fo", "cable 10 foo", "cable 10 foot",
                            "cable 10 fe", "10 feet", "10 ft", "10'"}) {
    EXPECT_THAT(Find(query, {.typo_tokens_threshold = 0}), ElementsAre("1")) << query;
  }
  for (const char* query : {"cable 1,0", "cable 1,00", "cable 1,000", "cable 1000", "1000 met"}) {
    EXPECT_THAT(Find(query, {.typo_tokens_threshold = 0}), ElementsAre("2")) << query;
  }
  EXPECT_THAT(Find("kg flour"), ElementsAre("3"));
  EXPECT_THAT(Find("flour 5 kilos"), ElementsAre("3"));
}

TEST_F(SpellingsSearchTest, NumbersAndSignsFindEachOther) {
  Write({"frame 10×15", "hose .5m", "hose 5 m", "cap 10µF", "flag U.S.A.", "rock'n'roll",
         "hose 1,5m"});
  EXPECT_THAT(Find("10x15"), ElementsAre("1"));
  EXPECT_THAT(Find("10 x 15"), ElementsAre("1"));
  EXPECT_THAT(Find("hose 5 m"), ElementsAre("3"));
  EXPECT_THAT(Find("hose 0.5 m"), ElementsAre("2"));
  EXPECT_THAT(Find("hose 1.5m"), ElementsAre("7"));
  EXPECT_THAT(Find("10uF"), ElementsAre("4"));
  EXPECT_THAT(Find("usa flag"), ElementsAre("5"));
  EXPECT_THAT(Find("u s a flag"), ElementsAre("5"));
  for (const char* query : {"rock n roll", "rocknroll", "rock 'n' roll", "rock’n’roll"}) {
    EXPECT_THAT(Find(query), ElementsAre("6")) << query;
  }
}

TEST_F(SpellingsSearchTest, SignsAreFoundByQueriesOfNothingElse) {
  Write(
      {"★★★★★", "great ★★★ shoes", "👍🏽 shoes", "C++ primer", "???", "what???", "50% cotton"});
  EXPECT_THAT(Find("★★★★★"), ElementsAre("1"));
  EXPECT_THAT(Find("★★★"), UnorderedElementsAre("1", "2"));
  EXPECT_THAT(Find("👍"), ElementsAre("3"));
  EXPECT_THAT(Find("++"), ElementsAre("4"));
  EXPECT_THAT(Find("???"), ElementsAre("5")) << "punctuation beside words is no sign";
  EXPECT_THAT(Find("%"), ElementsAre("7"));
  EXPECT_THAT(Find("★ ☂"), IsEmpty());
  EXPECT_THAT(Find("great ☂ shoes"), ElementsAre("2")) << "beside words, signs are passed over";
  EXPECT_THAT(Find("\"great shoes\""), ElementsAre("2")) << "signs part no phrases";
}

TEST_F(SpellingsSearchTest, ASynonymMayBeNothingButASymbol) {
  Write({"rock & roll", "rock and roll", "rock roll", "❤ mug", "love mug"});
  TextMatchOptions options;
  options.synonyms.rules = {{.root = "", .synonyms = {"&", "and"}, .symbols = {"&"}},
                            {.root = "", .synonyms = {"❤", "love"}, .symbols = {}}};
  EXPECT_THAT(Find("rock & roll", options), UnorderedElementsAre("1", "2", "3"));
  EXPECT_THAT(Find("rock and roll", options), UnorderedElementsAre("1", "2"));
  EXPECT_THAT(Find("&", options), UnorderedElementsAre("1", "2"));
  EXPECT_THAT(Find("and", options), UnorderedElementsAre("1", "2"));
  EXPECT_THAT(Find("love mug", options), UnorderedElementsAre("4", "5"));
  EXPECT_THAT(Find("❤ mug", options), UnorderedElementsAre("4", "5"));
  EXPECT_THAT(Find("mug ❤", options), UnorderedElementsAre("4", "5"));
  EXPECT_THAT(Find("❤", options), UnorderedElementsAre("4", "5"));
  EXPECT_THAT(Find("& roll", options), UnorderedElementsAre("1", "2", "3"));
  EXPECT_THAT(Find("rock + roll", options), UnorderedElementsAre("1", "2", "3"));
  EXPECT_THAT(Find("& + roll", options), UnorderedElementsAre("1", "2", "3")) << "not &";
}

TEST_F(SpellingsSearchTest, PartNumbersAreFoundFromTheirMiddle) {
  Write({"Sony WH-1000XM4", "blueberry jam", "KC-2500"});
  for (const char* query : {"000XM4", "h-1000", "1000X", "0xm", "00-xm", "h1000xm4"}) {
    EXPECT_EQ(FindInside(query), 1U) << query;
  }
  EXPECT_EQ(FindInside("c25"), 1U);
  EXPECT_EQ(FindInside("eberr jam"), 1U);
  EXPECT_EQ(FindInside("000XM5"), 0U);
  EXPECT_EQ(FindInside("\"000XM4\""), 0U);
}

TEST_F(SpellingsSearchTest, ExtraCharactersAroundAnInfixAreLimited) {
  Write({"WH-1000XM4", "blueberry"});
  EXPECT_EQ(FindInside("000xm", {.before = 3, .after = 1}), 1U);
  EXPECT_EQ(FindInside("000xm", {.before = 2, .after = 1}), 0U);
  EXPECT_EQ(FindInside("000xm", {.before = 3, .after = 0}), 0U);
  EXPECT_EQ(FindInside("000", {.before = 2}), 0U) << "the whole part number counts";
  EXPECT_EQ(FindInside("eberry", {.before = 3, .after = 0}), 1U);
  EXPECT_EQ(FindInside("eberry", {.before = 2, .after = 0}), 0U);
  EXPECT_EQ(FindInside("blueberry", {.before = 0, .after = 0}), 1U);
}

}  // namespace
}  // namespace cacheindex::index
