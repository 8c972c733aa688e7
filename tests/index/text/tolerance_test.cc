// What is found although it is not what was asked: typos, synonyms, split and joined words, words
// inside others.

#include <gmock/gmock.h>

#include <chrono>
#include <random>
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

using ToleranceTest = test::TitlesTest;

TEST_F(ToleranceTest, OneEditInWordsOfFourLettersAndTwoInWordsOfSeven) {
  Write({"lamp", "keyboard", "cup"});
  EXPECT_THAT(Find("lmap"), ElementsAre("1"));
  EXPECT_THAT(Find("lxxp"), IsEmpty());
  EXPECT_THAT(Find("keybaord"), ElementsAre("2"));
  EXPECT_THAT(Find("kyebaord"), ElementsAre("2"));
  EXPECT_THAT(Find("cip"), IsEmpty());
  TextMatchOptions options;
  options.typos.one_edit_size = 3;
  EXPECT_THAT(Find("cip", options), ElementsAre("3"));
}

TEST_F(ToleranceTest, MoreEditsAreLookedForWhenTheyGiveAsManyOtherWords) {
  // With one edit "abcda" is a longer word; with two it is a whole one, which `a` does not allow,
  // and "ab" takes its place.
  const auto products = shop_.Create(Json::parse(R"({"name":"two","fields":[
    {"name":"a","type":"string","optional":true},{"name":"c","type":"string","optional":true}]})"));
  shop_.Write(products, {{{"id", "1"}, {"a", "abcda"}}, {{"id", "2"}, {"c", "ab"}}});
  shop_.Settle();
  const auto search = shop_.Open(products);
  auto fields = search->Fields({"a", "c"});
  for (TextField& field : fields) {
    field.is_prefix = true;
    field.edits_max = field.field->definition.name == "a" ? 1 : 2;
  }
  TextMatchOptions options;
  options.typos = {.one_edit_size = 4, .two_edits_size = 4};
  options.typo_tokens_threshold = 2;
  const auto matches = Require(MatchText(*search->context, search->reader, shop_.words(),
                                         Require(ParseTextQuery("abdc")), fields,
                                         Require(search->context->AllDocuments()), options));
  EXPECT_EQ(matches.scores.documents.size(), 2U);
}

TEST_F(ToleranceTest, TyposAreLookedForOnlyWhenTooLittleIsFound) {
  Write({"camera", "canera"});
  EXPECT_THAT(Find("camera"), ElementsAre("1"));
  EXPECT_THAT(Find("camera", {.typo_tokens_threshold = 2}), ElementsAre("1", "2"));
  EXPECT_THAT(Find("cameta", {.typo_tokens_threshold = 0}), IsEmpty());
}

TEST_F(ToleranceTest, ExactComesBeforeTyposAndWholeWordsBeforeLongerOnes) {
  Write({"canera", "cameras", "a camera with a very long title that says little about it"});
  EXPECT_THAT(Find("camera", {.typo_tokens_threshold = 5}), ElementsAre("3", "2", "1"));
}

TEST_F(ToleranceTest, ThresholdCountsWhatTheFilterAllows) {
  Write({"camera", "canera"});
  const auto search = shop_.Open(products_);
  auto allowed = search->context->EmptySet();
  const auto everything = Require(search->context->AllDocuments());
  everything.ForEach([&](DocumentNumber number) {
    if (search->IdOf(number) == "2") {
      allowed.Add(number);
    }
  });
  const auto matches =
      Require(MatchText(*search->context, search->reader, shop_.words(),
                        Require(ParseTextQuery("camera")), search->Fields({"title"}), allowed, {}));
  ASSERT_EQ(matches.scores.documents.size(), 1U);
  EXPECT_EQ(search->IdOf(matches.scores.documents.front()), "2");
}

TEST_F(ToleranceTest, LastWordMayBeBothUnfinishedAndMisspelt) {
  Write({"wireless headphones", "wired headset"});
  EXPECT_THAT(Find("wireless haedph"), ElementsAre("1"));
  EXPECT_THAT(Find("haedph wireless"), IsEmpty()) << "only the last word may be unfinished";
}

TEST_F(ToleranceTest, PhrasesExclusionsAndHanWordsHaveNoTypos) {
  Write({"camera", "手机"});
  EXPECT_THAT(Find("\"canera\""), IsEmpty());
  EXPECT_THAT(Find("-canera"), UnorderedElementsAre("1", "2"));
  TextMatchOptions options;
  options.typos = {.one_edit_size = 1, .two_edits_size = 1};
  EXPECT_THAT(Find("手表", options), IsEmpty());
}

TEST_F(ToleranceTest, NumbersHaveTyposUnlessToldOtherwise) {
  Write({"lens 52000"});
  EXPECT_THAT(Find("lens 53000"), ElementsAre("1"));
  TextMatchOptions options;
  options.typos.in_numbers = false;
  EXPECT_THAT(Find("lens 53000", options), IsEmpty());
}

TEST_F(ToleranceTest, WordsThatLeftAreNoLongerNear) {
  Write({"camera"});
  EXPECT_THAT(Find("canera"), ElementsAre("1"));
  Write({"monitor"});
  EXPECT_THAT(Find("canera"), IsEmpty());
  EXPECT_THAT(Find("monotor"), ElementsAre("1"));
}

TEST_F(ToleranceTest, WordsAreSplitAndJoined) {
  Write({"headset", "note book stand"});
  EXPECT_THAT(Find("head set"), ElementsAre("1"));
  EXPECT_THAT(Find("notebook stand"), ElementsAre("2"));
  TextMatchOptions options;
  options.split_join_tokens = SearchRequest::SplitJoin::kOff;
  EXPECT_THAT(Find("head set", options), IsEmpty());
}

TEST_F(ToleranceTest, SynonymsOfOneWordOrSeveralFindBothWays) {
  Write({"television", "flat screen tv", "TV", "radio"});
  TextMatchOptions options;
  options.synonyms.rules = {
      {.root = "", .synonyms = {"tv", "television"}, .symbols = {}},
      {.root = "flat screen television", .synonyms = {"flat screen tv"}, .symbols = {}},
      {.root = "wireless", .synonyms = {"radio"}, .symbols = {}}};
  EXPECT_THAT(Find("television", options), ElementsAre("1", "3", "2"));
  EXPECT_THAT(Find("flat screen television", options), ElementsAre("2"));
  EXPECT_THAT(Find("wireless", options), ElementsAre("4"));
  EXPECT_THAT(Find("radio", options), ElementsAre("4"));
  EXPECT_THAT(Find("\"television\"", options), ElementsAre("1")) << "phrases have none";
}

TEST_F(ToleranceTest, SymbolsOfASynonymTellItsWordsFromOthers) {
  Write({"cpp primer", "c primer", "dotnet primer", "hennes jacket", "h m jacket"});
  TextMatchOptions options;
  options.drop_tokens_threshold = 0;
  options.synonyms.rules = {{.root = "c++", .synonyms = {"cpp"}, .symbols = {"+"}},
                            {.root = "", .synonyms = {".net", "dotnet"}, .symbols = {"."}},
                            {.root = "", .synonyms = {"h&m", "hennes"}, .symbols = {"&"}}};
  EXPECT_THAT(Find("c++", options), ElementsAre("2", "1"));
  EXPECT_THAT(Find("C++ & primer", options), ElementsAre("2", "1"));
  EXPECT_THAT(Find("c primer", options), ElementsAre("2")) << "the rule is of c++";
  EXPECT_THAT(Find("c+ primer", options), ElementsAre("2"));
  EXPECT_THAT(Find(".net", options), ElementsAre("3"));
  EXPECT_THAT(Find("net", options), IsEmpty());
  EXPECT_THAT(Find("h&m jacket", options), ElementsAre("5", "4"));
  EXPECT_THAT(Find("H & M jacket", options), ElementsAre("5", "4"));
  EXPECT_THAT(Find("h m jacket", options), ElementsAre("5"));
  options.synonyms.rules = {{.root = "c++", .synonyms = {"cpp"}, .symbols = {}}};
  EXPECT_THAT(Find("c primer", options), ElementsAre("2", "1"))
      << "without symbols, c and c++ are one";
}

TEST_F(ToleranceTest, SynonymsOfUnfinishedAndMisspeltWordsWhenAskedFor) {
  Write({"sofa"});
  TextMatchOptions options;
  options.typo_tokens_threshold = 0;
  options.synonyms.rules = {{.root = "couch", .synonyms = {"sofa"}, .symbols = {}}};
  EXPECT_THAT(Find("couc", options), IsEmpty());
  options.synonyms.is_prefix = true;
  EXPECT_THAT(Find("couc", options), ElementsAre("1"));
  EXPECT_THAT(Find("cuoch", options), IsEmpty());
  options.synonyms.edits_max = 1;
  EXPECT_THAT(Find("cuoch", options), ElementsAre("1"));
}

TEST_F(ToleranceTest, FirstWordMayStandInsideOthersWhereAskedFor) {
  products_ = shop_.Create(
      Json::parse(R"({"name":"inside","fields":[{"name":"title","type":"string","infix":true}]})"));
  Write({"blueberry jam"});
  const auto search = shop_.Open(products_);
  const auto found = [&](SearchRequest::Infix infix) {
    auto fields = search->Fields({"title"});
    fields.front().infix = infix;
    return Require(MatchText(*search->context, search->reader, shop_.words(),
                             Require(ParseTextQuery("eberr jam")), fields,
                             Require(search->context->AllDocuments()),
                             {.drop_tokens_threshold = 0, .typo_tokens_threshold = 0}))
        .scores.documents.size();
  };
  EXPECT_EQ(found(SearchRequest::Infix::kOff), 0U);
  EXPECT_EQ(found(SearchRequest::Infix::kFallback), 1U);
  EXPECT_EQ(found(SearchRequest::Infix::kAlways), 1U);
}

TEST_F(ToleranceTest, NeighboursAndShorterTitlesAndHeadsComeFirst) {
  Write({"stand for a phone", "phone stand"});
  EXPECT_THAT(Find("phone stand"), ElementsAre("2", "1"));
  Write({"lamp of many words and more of them", "desk lamp"});
  EXPECT_THAT(Find("lamp"), ElementsAre("2", "1"));
  Write({"lamp bulb", "desk lamp"});
  EXPECT_THAT(Find("\"lamp\""), ElementsAre("2", "1"));
}

TEST_F(ToleranceTest, WordThatSaysLeastIsDroppedFirst) {
  Write({"red lamp", "red shoe", "red hat", "lamp shade"});
  TextMatchOptions options;
  options.drop_tokens_threshold = 3;
  EXPECT_THAT(shop_.Find(products_, "red lamp", {"title"}, options), ElementsAre("1", "4"));
  EXPECT_THAT(shop_.Find(products_, "unknownword lamp", {"title"}, options),
              UnorderedElementsAre("1", "4"));
}

}  // namespace
}  // namespace cacheindex::index
