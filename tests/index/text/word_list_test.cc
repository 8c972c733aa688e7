#include "index/match/word_list.h"

#include <gmock/gmock.h>

#include <memory>
#include <string>
#include <vector>

#include "index/words/readings.h"
#include "tests/index/text/text_shop.h"
#include "tests/support/temp_directory.h"

namespace cacheindex::index {
namespace {

using test::Require;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

class WordListTest : public testing::Test {
 protected:
  void Write(const std::string& id, const std::string& title) {
    shop_.Write(products_, {{{"id", id}, {"title", title}}});
  }

  std::shared_ptr<const WordList> Read(std::shared_ptr<const WordList> before = nullptr) {
    const auto search = shop_.Open(products_);
    return Require(
        WordList::Read(search->context->view(), search->schema->words_column, std::move(before)));
  }

  static std::string Infix(const std::string& word) { return kInfixMark + word; }

  static std::vector<std::string> Words(const std::vector<SimilarWord>& similar) {
    std::vector<std::string> words;
    for (const SimilarWord& found : similar) {
      words.push_back(found.word);
    }
    return words;
  }

  cacheindex::test::TempDirectory directory_;
  test::TextShop shop_{directory_.path()};
  cache::CollectionNumber products_ = shop_.Create(Json::parse(
      R"({"name":"products","fields":[{"name":"title","type":"string","infix":true}]})"));
};

TEST_F(WordListTest, FindsNearWordsNearestFirst) {
  Write("1", "cameras camera camcorder canera tomato cameraman xcanera");
  const auto words = Read();
  EXPECT_THAT(Words(words->FindSimilar("camera", 1, false, 10)), ElementsAre("canera", "cameras"));
  EXPECT_THAT(Words(words->FindSimilar("camera", 2, false, 10)),
              ElementsAre("canera", "cameras", "xcanera"));
  EXPECT_THAT(Words(words->FindSimilar("camera", 2, false, 2)), ElementsAre("canera", "cameras"));
  EXPECT_THAT(words->FindSimilar("camera", 0, true, 10), IsEmpty());
}

TEST_F(WordListTest, FindsNearStartsAfterNearWords) {
  Write("1", "headphones header headphone");
  EXPECT_THAT(Read()->FindSimilar("haedphon", 1, true, 10),
              ElementsAre(SimilarWord{"headphone", 1, true}, SimilarWord{"headphones", 1, true}));
  EXPECT_THAT(Read()->FindSimilar("haedphone", 1, true, 10),
              ElementsAre(SimilarWord{"headphone", 1, false}, SimilarWord{"headphones", 1, true}));
}

TEST_F(WordListTest, HanWordsAreNearToNone) {
  Write("1", "手机 наушники");
  EXPECT_THAT(Read()->FindSimilar("手", 2, true, 10), IsEmpty());
  EXPECT_THAT(Words(Read()->FindSimilar("наушнкии", 1, false, 10)), ElementsAre("наушники"));
}

TEST_F(WordListTest, FindsWordsWithAPartInside) {
  Write("1", "blueberry strawberry ryber berry");
  const auto words = Read();
  EXPECT_THAT(words->FindContaining("berry", {}, 10),
              ElementsAre(Infix("berry"), Infix("blueberry"), Infix("strawberry")));
  EXPECT_THAT(words->FindContaining("berry", {}, 2),
              ElementsAre(Infix("berry"), Infix("blueberry")));
  EXPECT_THAT(words->FindContaining("berry", {.before = 4}, 10),
              ElementsAre(Infix("berry"), Infix("blueberry")));
  EXPECT_THAT(words->FindContaining("ry", {.after = 2}, 10),
              ElementsAre(Infix("berry"), Infix("blueberry"), Infix("strawberry")));
  EXPECT_THAT(words->FindContaining("ryb", {}, 10), ElementsAre(Infix("ryber")))
      << "not across words";
  EXPECT_THAT(Words(words->FindSimilar("berri", 1, false, 10)), ElementsAre("berry"))
      << "infix words are near to none";
}

TEST_F(WordListTest, WhichWordsAreFoundDoesNotDependOnTheirArrival) {
  Write("1", "cart bart dart mart part wart tart art carts barts");
  const auto similar = Words(Read()->FindSimilar("hart", 1, true, 4));
  const auto containing = Read()->FindContaining("art", {}, 4);
  EXPECT_THAT(similar, ElementsAre("art", "bart", "cart", "dart"));
  EXPECT_THAT(containing, ElementsAre(Infix("art"), Infix("bart"), Infix("cart"), Infix("dart")));
  shop_.Drop(products_);
  products_ = shop_.Create(
      Json::parse(R"({"name":"others","fields":[{"name":"title","type":"string","infix":true}]})"));
  Write("1", "barts carts art tart wart part mart dart bart cart");
  EXPECT_EQ(Words(Read()->FindSimilar("hart", 1, true, 4)), similar);
  EXPECT_EQ(Read()->FindContaining("art", {}, 4), containing);
}

TEST_F(WordListTest, FollowsTheDictionary) {
  Write("1", "first");
  const auto before = Read();
  EXPECT_EQ(Read(before), before) << "nothing came after it";
  Write("2", "second third");
  const auto after = Read(before);
  EXPECT_EQ(after->size(), 6U) << "three words, and each as what infixes are looked for in";
  EXPECT_THAT(Words(after->FindSimilar("thirt", 1, false, 10)), ElementsAre("third"));
  EXPECT_EQ(before->size(), 2U);
}

}  // namespace
}  // namespace cacheindex::index
