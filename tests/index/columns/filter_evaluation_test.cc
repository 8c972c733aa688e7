#include <gmock/gmock.h>

#include <chrono>
#include <string>
#include <vector>

#include "index/filter/filter.h"
#include "tests/index/columns/test_collection.h"
#include "tests/support/result_matchers.h"

namespace cacheindex::index::test {
namespace {

using cacheindex::test::FailsWith;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

const char* const kSchema = R"({"name": "shop", "enable_nested_fields": true, "fields": [
  {"name": "title", "type": "string", "optional": true},
  {"name": "brand", "type": "string", "facet": true, "optional": true},
  {"name": "tags", "type": "string[]", "optional": true},
  {"name": "colors", "type": "string[]", "facet": true, "optional": true},
  {"name": "stock", "type": "int32", "optional": true},
  {"name": "sizes", "type": "int64[]", "optional": true},
  {"name": "price", "type": "float", "optional": true},
  {"name": "new", "type": "bool", "optional": true},
  {"name": "parts", "type": "object[]", "optional": true},
  {"name": "parts.color", "type": "string[]", "facet": true, "optional": true},
  {"name": "parts.size", "type": "int64[]", "optional": true}]})";

class FilterEvaluationTest : public testing::Test {
 protected:
  FilterEvaluationTest() : shop_(Json::parse(kSchema)) {
    shop_.Write({
        Json::parse(R"({"id": "a", "title": "Red Shoes, size 42", "brand": "Café Noir",
                        "tags": ["on sale", "summer shoes"], "colors": ["Red", "Dark Blue"],
                        "stock": 5, "sizes": [40, 42], "price": 19.99, "new": true,
                        "parts": [{"color": "red", "size": 1}, {"color": "blue", "size": 2}]})"),
        Json::parse(R"({"id": "b", "title": "red shoe", "brand": "cafe noir",
                        "tags": ["summer", "sale on shoes"], "colors": ["red"],
                        "stock": -3, "sizes": [44], "price": -0.5, "new": false,
                        "parts": [{"color": "red", "size": 2}]})"),
        Json::parse(R"({"id": "c", "title": "Blue Hat", "brand": "★★", "tags": [],
                        "colors": ["Blue", "blue"], "stock": 100, "price": 100,
                        "parts": [{"color": "green"}]})"),
        Json::parse(R"({"id": "d"})"),
    });
  }

  std::vector<std::string> Find(std::string_view filter) { return Filtered(shop_, filter); }

  TestCollection shop_;
};

TEST_F(FilterEvaluationTest, NumbersAreComparedAsAsked) {
  EXPECT_THAT(Find("stock:5"), ElementsAre("a"));
  EXPECT_THAT(Find("stock:=-3"), ElementsAre("b"));
  EXPECT_THAT(Find("stock:>5"), ElementsAre("c"));
  EXPECT_THAT(Find("stock:>=5"), ElementsAre("a", "c"));
  EXPECT_THAT(Find("stock:<5"), ElementsAre("b"));
  EXPECT_THAT(Find("stock:<=5"), ElementsAre("a", "b"));
  EXPECT_THAT(Find("stock:-3..5"), ElementsAre("a", "b"));
  EXPECT_THAT(Find("stock:[1..5, 100]"), ElementsAre("a", "c"));
  EXPECT_THAT(Find("stock:[<0, >99]"), ElementsAre("b", "c"));
  EXPECT_THAT(Find("stock:5..1"), IsEmpty());
  EXPECT_THAT(Find("price:>19.98"), ElementsAre("a", "c"));
  EXPECT_THAT(Find("price:<0"), ElementsAre("b"));
  EXPECT_THAT(Find("price:=[19.99,100]"), ElementsAre("a", "c"));
  EXPECT_THAT(Find("new:true"), ElementsAre("a"));
  EXPECT_THAT(Find("new:!=true"), ElementsAre("b", "c", "d"));
  EXPECT_THAT(Find("stock:*"), ElementsAre("a", "b", "c"));
}

TEST_F(FilterEvaluationTest, NegationMatchesDocumentsWithoutTheField) {
  EXPECT_THAT(Find("stock:!=5"), ElementsAre("b", "c", "d"));
  EXPECT_THAT(Find("stock:!=[5,100]"), ElementsAre("b", "d"));
  EXPECT_THAT(Find("brand:!=`cafe noir`"), ElementsAre("c", "d"));
  EXPECT_THAT(Find("title:!red"), ElementsAre("c", "d"));
}

TEST_F(FilterEvaluationTest, WordsMustStandInOneElement) {
  EXPECT_THAT(Find("title:shoes red"), ElementsAre("a"));
  EXPECT_THAT(Find("title:RED"), ElementsAre("a", "b"));
  EXPECT_THAT(Find("tags:summer shoes"), ElementsAre("a"));
  EXPECT_THAT(Find("tags:on sale"), ElementsAre("a", "b"));
  EXPECT_THAT(Find("tags:sale summer"), IsEmpty());
  EXPECT_THAT(Find("title:[hat, shoe]"), ElementsAre("b", "c"));
  EXPECT_THAT(Find("title:[blue hat, red size]"), ElementsAre("a", "c"));
  EXPECT_THAT(Find("title:nowhere"), IsEmpty());
}

TEST_F(FilterEvaluationTest, WholeValuesIgnoreCaseAccentsAndPunctuation) {
  EXPECT_THAT(Find("brand:=CAFÉ noir"), ElementsAre("a", "b"));
  EXPECT_THAT(Find("brand:=cafe"), IsEmpty());
  EXPECT_THAT(Find("brand:cafe"), ElementsAre("a", "b"));
  EXPECT_THAT(Find("title:=red shoes size 42"), ElementsAre("a"));
  EXPECT_THAT(Find("title:=red shoes"), IsEmpty());
  EXPECT_THAT(Find("title:=[`red shoe`,blue hat]"), ElementsAre("b", "c"));
  EXPECT_THAT(Find("tags:=on sale"), ElementsAre("a"));
  EXPECT_THAT(Find("tags:=sale on"), IsEmpty());
  EXPECT_THAT(Find("tags:=summer"), ElementsAre("b"));
}

TEST_F(FilterEvaluationTest, PrefixesCompleteTheLastWordOrTheWholeValue) {
  EXPECT_THAT(Find("title:sho*"), ElementsAre("a", "b"));
  EXPECT_THAT(Find("title:42 sh*"), ElementsAre("a"));
  EXPECT_THAT(Find("title:=red sh*"), ElementsAre("a", "b"));
  EXPECT_THAT(Find("title:=sho*"), IsEmpty());
  EXPECT_THAT(Find("title:=r*"), ElementsAre("a", "b"));
  EXPECT_THAT(Find("brand:=caf*"), ElementsAre("a", "b"));
  EXPECT_THAT(Find("brand:=cafe n*"), ElementsAre("a", "b"));
  EXPECT_THAT(Find("brand:=noir*"), IsEmpty());
  EXPECT_THAT(Find("title:zzz*"), IsEmpty());
  EXPECT_THAT(Find("title:*"), ElementsAre("a", "b", "c"));
  EXPECT_THAT(Find("title:=*"), ElementsAre("a", "b", "c"));
}

TEST_F(FilterEvaluationTest, ValuesWithoutWordsMatchOnlyTheSameFacetText) {
  EXPECT_THAT(Find("brand:=★★"), ElementsAre("c"));
  EXPECT_THAT(Find("brand:=★"), IsEmpty());
  EXPECT_THAT(Find("brand:★★"), IsEmpty());
  EXPECT_THAT(Find("brand:!=★★"), ElementsAre("a", "b", "d"));
  EXPECT_THAT(Find("title:=-"), IsEmpty());
  EXPECT_THAT(Find("title:!=-"), ElementsAre("a", "b", "c", "d"));
  EXPECT_THAT(Find("title:-*"), IsEmpty());
}

TEST_F(FilterEvaluationTest, ArraysMatchByAnyElement) {
  EXPECT_THAT(Find("colors:=red"), ElementsAre("a", "b"));
  EXPECT_THAT(Find("colors:=red && colors:=dark blue"), ElementsAre("a"));
  EXPECT_THAT(Find("colors:!=red"), ElementsAre("c", "d"));
  EXPECT_THAT(Find("colors:=[blue,red]"), ElementsAre("a", "b", "c"));
  EXPECT_THAT(Find("sizes:42"), ElementsAre("a"));
  EXPECT_THAT(Find("sizes:!=42"), ElementsAre("b", "c", "d"));
  EXPECT_THAT(Find("sizes:41..43"), ElementsAre("a"));
}

TEST_F(FilterEvaluationTest, IdsAreComparedByteForByte) {
  EXPECT_THAT(Find("id:=a"), ElementsAre("a"));
  EXPECT_THAT(Find("id:A"), IsEmpty());
  EXPECT_THAT(Find("id:[a,`d`,nobody]"), ElementsAre("a", "d"));
  EXPECT_THAT(Find("id:!=[a,b]"), ElementsAre("c", "d"));
  EXPECT_THAT(Find("id:=" + std::string(300, 'x')), IsEmpty());
}

TEST_F(FilterEvaluationTest, TermsCombine) {
  EXPECT_THAT(Find("title:red && stock:>0"), ElementsAre("a"));
  EXPECT_THAT(Find("stock:>50 || new:false"), ElementsAre("b", "c"));
  EXPECT_THAT(Find("title:red && (stock:<0 || price:>10) && id:!=b"), ElementsAre("a"));
  EXPECT_THAT(Find("stock:5 || stock:100 && title:red"), ElementsAre("a"));
  EXPECT_THAT(Find("(stock:5 || stock:100) && title:hat"), ElementsAre("c"));
  EXPECT_THAT(Find(""), ElementsAre("a", "b", "c", "d"));
}

TEST_F(FilterEvaluationTest, SameElementMustHoldEverything) {
  EXPECT_THAT(Find("parts.color:red && parts.size:2"), ElementsAre("a", "b"));
  EXPECT_THAT(Find("parts.{color:red && size:2}"), ElementsAre("b"));
  EXPECT_THAT(Find("parts.{color:=[blue,green]}"), ElementsAre("a", "c"));
  EXPECT_THAT(Find("parts.{color:!=red}"), ElementsAre("a", "c"));
  EXPECT_THAT(Find("parts.{color:!=red && size:2}"), ElementsAre("a"));
  EXPECT_THAT(Find("parts.{color:red && size:>1} || stock:100"), ElementsAre("b", "c"));
  EXPECT_THAT(Find("parts.{color:r*}"), ElementsAre("a", "b"));
}

TEST_F(FilterEvaluationTest, DeletedDocumentsAreNeverFound) {
  shop_.Delete("d");
  EXPECT_THAT(Find("stock:!=5"), ElementsAre("b", "c"));
  shop_.Delete("a");
  EXPECT_THAT(Find("colors:=red"), ElementsAre("b"));
}

TEST_F(FilterEvaluationTest, UnvalidatedFieldsMatchNothing) {
  const auto reader = shop_.Read();
  const auto all = reader.context->AllDocuments();
  ASSERT_TRUE(all.has_value());
  for (const char* text : {"nothing:=1", "nothing:!=1", "nothing:=1 && stock:5"}) {
    const auto filter = Filter::Parse(text, *reader.schema, {.validate_field_names = false});
    ASSERT_TRUE(filter.has_value());
    const auto found = filter->Evaluate(*reader.context, *all);
    ASSERT_TRUE(found.has_value());
    EXPECT_TRUE(found->IsEmpty()) << text;
  }
}

TEST_F(FilterEvaluationTest, OnlyDocumentsOfTheGivenSetAreReturned) {
  const auto reader = shop_.Read();
  DocumentSet one = reader.context->EmptySet();
  one.Add(2);
  for (const char* text :
       {"stock:*", "title:red", "id:!=x", "brand:=cafe noir", "parts.{size:2}"}) {
    const auto filter = Filter::Parse(text, *reader.schema, {});
    ASSERT_TRUE(filter.has_value());
    const auto found = filter->Evaluate(*reader.context, one);
    ASSERT_TRUE(found.has_value());
    EXPECT_THAT(IdsOf(reader, *found), ElementsAre("b")) << text;
  }
}

TEST_F(FilterEvaluationTest, GivesUpAfterTheDeadline) {
  const auto reader = shop_.Read();
  const auto all = reader.context->AllDocuments();
  ASSERT_TRUE(all.has_value());
  reader.context->deadline = std::chrono::steady_clock::now();
  for (const char* text :
       {"stock:5", "title:red", "brand:=cafe noir", "id:a", "parts.{size:!=9}"}) {
    const auto filter = Filter::Parse(text, *reader.schema, {});
    ASSERT_TRUE(filter.has_value());
    EXPECT_THAT(filter->Evaluate(*reader.context, *all), FailsWith(ErrorCode::kTimeout)) << text;
  }
}

TEST_F(FilterEvaluationTest, PrefixesTogetherStandForABoundedNumberOfWords) {
  std::vector<Json> documents;
  for (int i = 0; i < 20; ++i) {
    const std::string word = std::string("axle") + static_cast<char>('a' + i);
    documents.push_back({{"id", word}, {"title", word}, {"brand", word}});
  }
  shop_.Write(documents);
  // 20 words each; a million in all are allowed.
  std::string prefixes = "axl*";
  for (int i = 1; i < 50'000; ++i) {
    prefixes += ",axl*";
  }
  EXPECT_THAT(Find("title:[" + prefixes + "]"), SizeIs(20));
  for (const char* field : {"title:", "title:=", "brand:="}) {
    EXPECT_THAT(Find(field + ("[" + prefixes + ",axl*]")), ElementsAre(testing::HasSubstr("`axl`")))
        << field;
  }
}

TEST_F(FilterEvaluationTest, TextsAreLookedUpOnlyWhileThereIsTime) {
  const auto reader = shop_.Read();
  reader.context->deadline = std::chrono::steady_clock::now();
  for (const char* text : {"title:[red*,blue*]", "brand:=[cafe*,noir]"}) {
    const auto filter = Filter::Parse(text, *reader.schema, {});
    ASSERT_TRUE(filter.has_value());
    EXPECT_THAT(filter->Evaluate(*reader.context, reader.context->EmptySet()),
                FailsWith(ErrorCode::kTimeout))
        << text;
  }
}

TEST(FilterPagesTest, EveryPageCountsOnce) {
  TestCollection shop(Json::parse(R"({"name": "s", "fields": [
      {"name": "n", "type": "int32"}, {"name": "word", "type": "string"}]})"));
  std::vector<Json> documents;
  for (int i = 0; i < 2500; ++i) {
    documents.push_back(
        {{"id", std::to_string(i)}, {"n", i}, {"word", i % 3 == 0 ? "three" : "other"}});
  }
  shop.Write(documents);
  EXPECT_THAT(Filtered(shop, "n:>=0"), SizeIs(2500));
  EXPECT_THAT(Filtered(shop, "n:>=2000"), SizeIs(500));
  EXPECT_THAT(Filtered(shop, "n:[10,20,30,40,50,60,2499]"), SizeIs(7));
  EXPECT_THAT(Filtered(shop, "n:959..961"), ElementsAre("959", "960", "961"));
  EXPECT_THAT(Filtered(shop, "word:three"), SizeIs(834));
  EXPECT_THAT(Filtered(shop, "word:three && n:<10"), ElementsAre("0", "3", "6", "9"));
}

}  // namespace
}  // namespace cacheindex::index::test
