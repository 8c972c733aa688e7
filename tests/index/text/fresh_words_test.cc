#include "index/documents/fresh_words.h"

#include <gmock/gmock.h>

#include <string>
#include <vector>

#include "index/documents/document_words.h"
#include "index/schema/schema_storage.h"
#include "index/text/text_index.h"
#include "tests/index/text/text_shop.h"
#include "tests/support/result_matchers.h"
#include "tests/support/temp_directory.h"

namespace cacheindex::index {
namespace {

using cacheindex::test::Succeeds;
using test::Require;
using test::TextShop;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Optional;
using ::testing::ResultOf;

// Spells what was packed.
class Speller {
 public:
  void OnField(std::uint32_t number) { said_.push_back("field " + std::to_string(number)); }
  void OnWord(std::string_view word) { said_.emplace_back(word); }
  void OnElementEnd() { said_.emplace_back("|"); }
  std::vector<std::string> Take() { return std::move(said_); }

 private:
  std::vector<std::string> said_;
};

std::vector<std::string> Spelled(const DocumentWords& words) {
  Speller speller;
  words.ForEach(speller);
  return speller.Take();
}

DocumentWords Words(std::uint32_t field, const std::vector<std::string>& words) {
  DocumentWords packed;
  packed.BeginField(field);
  for (const std::string& word : words) {
    packed.AddWord(word);
  }
  return packed;
}

TEST(DocumentWordsTest, ComeBackAsTheyWereAdded) {
  const std::string longest(kWordBytesMax, static_cast<char>(kWordBytesMax + 1));
  const std::string zero(1, '\0');
  DocumentWords words = Words(70'000, {"a", longest, zero});
  words.EndElement();
  words.EndElement();
  words.AddWord("b");
  words.BeginField(1);
  EXPECT_THAT(Spelled(words),
              ElementsAre("field 70000", "a", longest, zero, "|", "|", "b", "field 1"));
  words.Clear();
  EXPECT_TRUE(words.empty());
  EXPECT_THAT(Spelled(words), IsEmpty());
}

TEST(FreshWordsTest, AreTakenOnceTheyArePublished) {
  FreshWords fresh;
  fresh.BeginTransaction();
  fresh.Add(Position{5}, Words(1, {"red"}));
  EXPECT_EQ(fresh.Take(Position{5}), std::nullopt);
  fresh.Publish();
  EXPECT_THAT(fresh.Take(Position{5}), Optional(ResultOf(Spelled, ElementsAre("field 1", "red"))));
  EXPECT_EQ(fresh.Take(Position{5}), std::nullopt);
}

TEST(FreshWordsTest, OfATransactionThatWasGivenUpAreForgotten) {
  FreshWords fresh;
  fresh.BeginTransaction();
  fresh.Add(Position{5}, Words(1, {"red"}));
  fresh.BeginTransaction();
  fresh.Add(Position{6}, Words(1, {"blue"}));
  fresh.Publish();
  EXPECT_EQ(fresh.Take(Position{5}), std::nullopt);
  EXPECT_NE(fresh.Take(Position{6}), std::nullopt);
}

TEST(FreshWordsTest, ThoseBeforeAreForgotten) {
  FreshWords fresh;
  fresh.BeginTransaction();
  for (const std::uint64_t position : {3U, 5U, 8U}) {
    fresh.Add(Position{position}, Words(1, {std::to_string(position)}));
  }
  fresh.Publish();
  EXPECT_EQ(fresh.Take(Position{6}), std::nullopt);
  EXPECT_EQ(fresh.Take(Position{5}), std::nullopt);
  EXPECT_THAT(fresh.Take(Position{8}), Optional(ResultOf(Spelled, ElementsAre("field 1", "8"))));
}

TEST(FreshWordsTest, WhatHasNoRoomIsLeftOut) {
  FreshWords fresh;
  DocumentWords large;
  large.BeginField(1);
  while (large.byte_count() < FreshWords::kBytesMax / 3) {
    large.AddWord(std::string(kWordBytesMax, 'a'));
  }
  const auto write = [&](std::uint64_t position) {
    fresh.BeginTransaction();
    fresh.Add(Position{position}, large);
    fresh.Publish();
  };
  for (std::uint64_t position = 1; position <= 4; ++position) {
    write(position);
  }
  EXPECT_NE(fresh.Take(Position{2}), std::nullopt);
  EXPECT_EQ(fresh.Take(Position{3}), std::nullopt);
  EXPECT_EQ(fresh.Take(Position{4}), std::nullopt);
  write(5);
  EXPECT_NE(fresh.Take(Position{5}), std::nullopt);

  fresh.BeginTransaction();
  for (std::uint64_t position = 6; position <= 9; ++position) {
    fresh.Add(Position{position}, large);
  }
  fresh.Publish();
  EXPECT_NE(fresh.Take(Position{6}), std::nullopt);
  EXPECT_NE(fresh.Take(Position{7}), std::nullopt);
  EXPECT_EQ(fresh.Take(Position{9}), std::nullopt);
}

class FreshShopTest : public testing::Test {
 protected:
  static Json Product(const std::string& id, const std::string& title) {
    return {{"id", id}, {"title", title}};
  }

  // The number of the field.
  std::uint32_t Title() {
    const auto snapshot = Require(shop_.store().OpenSnapshot());
    const auto collection = Require(snapshot.FindCollection(products_));
    return Require(LoadSchema(snapshot, *collection)).Find("title")->storage.number;
  }

  // One that follows the log: what has none is built from the documents.
  void MakeTextIndex() {
    ASSERT_THAT(shop_.StartText(), Succeeds());
    shop_.Write(products_, {Product("0", "ball")});
    shop_.Settle();
    shop_.StopText();
  }

  cacheindex::test::TempDirectory directory_;
  TextShop shop_{directory_.path()};
  const cache::CollectionNumber products_ = shop_.Create(Json::parse(
      R"({"name":"products","fields":[{"name":"title","type":"string"},
          {"name":"price","type":"int32","optional":true}]})"));
};

TEST_F(FreshShopTest, TheWriterHandsOverTheWordsOfNewDocuments) {
  const Position added = shop_.Write(products_, {Product("1", "Red wi-fi shoe")}).position;
  const auto words = shop_.fresh_words().Take(added);
  ASSERT_NE(words, std::nullopt);
  EXPECT_THAT(Spelled(*words), ElementsAre("field " + std::to_string(Title()), "red", "wi", "fi",
                                           "shoe", "|", "red", "wifi", "shoe"));
  const Position changed = shop_.Write(products_, {Product("1", "blue shoe")}).position;
  EXPECT_EQ(shop_.fresh_words().Take(changed), std::nullopt);
}

TEST_F(FreshShopTest, TheTextIndexTakesThem) {
  MakeTextIndex();
  const Position added = shop_.Write(products_, {Product("1", "red shoe")}).position;
  ASSERT_NE(shop_.fresh_words().Take(added), std::nullopt);
  // Nobody else could know this word.
  shop_.fresh_words().BeginTransaction();
  shop_.fresh_words().Add(added, Words(Title(), {"blue"}));
  shop_.fresh_words().Publish();
  ASSERT_THAT(shop_.StartText(), Succeeds());
  shop_.Settle();
  const auto reader = Require(shop_.text().OpenReader(products_));
  EXPECT_EQ(Require(reader.Frequency(TextTerm(Title(), "blue"))), 1U);
  EXPECT_EQ(Require(reader.Frequency(TextTerm(Title(), "red"))), 0U);
}

TEST_F(FreshShopTest, WhatCameLaterWins) {
  MakeTextIndex();
  shop_.Write(products_, {Product("1", "red shoe"), Product("2", "red hat"), Product("3", "cap")});
  shop_.Write(products_, {Product("1", "blue shoe")});
  shop_.Delete(products_, "2");
  // A new document under a number of its own.
  shop_.Write(products_, {Product("2", "green hat")});
  shop_.Write(products_, {Product("1", "white shoe"), Product("4", "red cap")});
  ASSERT_THAT(shop_.StartText(), Succeeds());
  shop_.Settle();
  EXPECT_THAT(shop_.Contradictions(products_), IsEmpty());
  EXPECT_THAT(shop_.Find(products_, "red", {"title"}), ElementsAre("4"));
  EXPECT_THAT(shop_.Find(products_, "hat", {"title"}), ElementsAre("2"));
  EXPECT_THAT(shop_.Find(products_, "shoe", {"title"}), ElementsAre("1"));
}

}  // namespace
}  // namespace cacheindex::index
