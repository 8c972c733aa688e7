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

TEST_F(FilterEvaluationTest, WholeValuesIgnoreCaseAndAccents) {
  EXPECT_THAT(Find("brand:=CAFÉ noir"), ElementsAre("a", "b"));
  EXPECT_THAT(Find("brand:=cafe"), IsEmpty());
  EXPECT_THAT(Find("brand:cafe"), ElementsAre("a", "b"));
  EXPECT_THAT(Find("title:=RED  shoes, size 42"), ElementsAre("a"));
  EXPECT_THAT(Find("title:=red shoes size 42"), IsEmpty());
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

TEST_F(FilterEvaluationTest, PrefixesMayFollowQuotedValues) {
  EXPECT_THAT(Find("title:=`red sh`*"), ElementsAre("a", "b"));
  EXPECT_THAT(Find("title:`42 sh`*"), ElementsAre("a"));
  EXPECT_THAT(Find("title:=[`blue h`*, `red shoe`]"), ElementsAre("b", "c"));
  EXPECT_THAT(Find("brand:=[`caf`**,nobody]"), ElementsAre("a", "b"));
  EXPECT_THAT(Find("brand:!=`caf`*"), ElementsAre("c", "d"));
  EXPECT_THAT(Find("parts.{color:=`gr`*}"), ElementsAre("c"));
  EXPECT_THAT(Find("brand:=`caf*`"), IsEmpty());
  EXPECT_THAT(Find("brand:=``*"), ElementsAre("a", "b", "c"));
  for (const char* text : {"stock:`5`*", "new:`true`*", "id:`a`*"}) {
    EXPECT_THAT(Find(text), ElementsAre(testing::HasSubstr("cannot be followed by `*`"))) << text;
  }
}

// Values that differ only in what stands between or beside their words, in a facet and in a field
// that is none, plain and in arrays.
class DifferentValuesTest : public testing::Test {
 protected:
  DifferentValuesTest()
      : shop_(Json::parse(R"({"name": "shop", "enable_nested_fields": true, "fields": [
          {"name": "facet", "type": "string", "facet": true},
          {"name": "plain", "type": "string"},
          {"name": "facets", "type": "string[]", "facet": true},
          {"name": "plains", "type": "string[]"},
          {"name": "parts", "type": "object[]"},
          {"name": "parts.size", "type": "string[]"}]})")) {
    std::vector<Json> documents;
    for (const char* value : kValues) {
      documents.push_back({{"id", "#" + std::string(value)},
                           {"facet", value},
                           {"plain", value},
                           {"facets", {"other", value}},
                           {"plains", {"other", value}},
                           {"parts", {{{"size", value}}}}});
    }
    shop_.Write(documents);
  }

  // Asks the same of every field, and returns what all of them answer.
  std::vector<std::string> Find(const std::string& comparison) {
    const auto found = Filtered(shop_, "facet" + comparison);
    for (const char* field : {"plain", "facets", "plains", "parts.size"}) {
      EXPECT_EQ(Filtered(shop_, field + comparison), found) << field << comparison;
    }
    EXPECT_EQ(Filtered(shop_, "parts.{size" + comparison + "}"), found) << comparison;
    return found;
  }

  static constexpr const char* kValues[] = {
      "12",   "1-2",   "1 2",   "A",       "A+++",    "A++", "C",    "C++",
      "C#",   "-2.50", "2.50",  "+2.50",   "10%",     "10",  "10²",  "102",
      "1½",   "★★",    "★★★★★", "?",       "👍",       "",    "Core", "Core™",
      "AT&T", "AT T",  "x-1 y", "T-Shirt", "t shirt", "店!", "5 kg"};
  TestCollection shop_;
};

TEST_F(DifferentValuesTest, AWholeValueFindsItself) {
  for (const char* value : kValues) {
    const std::string id = "#" + std::string(value);
    EXPECT_THAT(Find(":=`" + std::string(value) + "`"), ElementsAre(id));
    EXPECT_THAT(
        Find(":!=`" + std::string(value) + "`"),
        testing::AllOf(SizeIs(std::size(kValues) - 1), testing::Not(testing::Contains(id))));
  }
  EXPECT_THAT(Find(":=12"), ElementsAre("#12"));
  EXPECT_THAT(Find(":=a+++"), ElementsAre("#A+++"));
  EXPECT_THAT(Find(":=-2.50"), ElementsAre("#-2.50"));
  EXPECT_THAT(Find(":=Ｃ＋＋"), ElementsAre("#C++")) << "wide";
  EXPECT_THAT(Find(":=t‑shirt"), ElementsAre("#T-Shirt")) << "a typographic hyphen";
  EXPECT_THAT(Find(":=[`A`,`C#`,`★★`]"), ElementsAre("#A", "#C#", "#★★"));
  EXPECT_THAT(Find(":=[12,`1-2`,A,`A++`,`C++`,`10²`,`nothing`,``]"),
              ElementsAre("#", "#1-2", "#10²", "#12", "#A", "#A++", "#C++"));
  EXPECT_THAT(Find(":=`★`"), IsEmpty());
  EXPECT_THAT(Find(":=`T  Shirt`"), ElementsAre("#t shirt"));
}

TEST_F(DifferentValuesTest, AWholeValueMayGoOn) {
  EXPECT_THAT(Find(":=1-*"), ElementsAre("#1-2"));
  EXPECT_THAT(Find(":=1*"),
              ElementsAre("#1 2", "#1-2", "#10", "#10%", "#102", "#10²", "#12", "#1½"));
  EXPECT_THAT(Find(":=a+*"), ElementsAre("#A++", "#A+++"));
  EXPECT_THAT(Find(":=`at&`*"), ElementsAre("#AT&T"));
  EXPECT_THAT(Find(":=★★*"), ElementsAre("#★★", "#★★★★★"));
  EXPECT_THAT(Find(":=X-1 Y*"), ElementsAre("#x-1 y"));
  EXPECT_THAT(Find(":=店*"), ElementsAre("#店!"));
  EXPECT_THAT(Find(":=*"), SizeIs(std::size(kValues)));
  EXPECT_THAT(Find(":*"), SizeIs(std::size(kValues)));
  EXPECT_THAT(Find(":!=*"), IsEmpty());
}

TEST_F(DifferentValuesTest, WordsAreFoundInEveryReadingOfAValue) {
  EXPECT_THAT(Find(":kg"), ElementsAre("#5 kg")) << "whatever unit it is";
  EXPECT_THAT(Find(":tshirt"), ElementsAre("#T-Shirt"));
  EXPECT_THAT(Find(":shi*"), ElementsAre("#T-Shirt", "#t shirt"));
}

TEST_F(DifferentValuesTest, WhatHasNoWordsIsLookedForAsItIs) {
  EXPECT_THAT(Find(":★"), ElementsAre("#★★", "#★★★★★"));
  EXPECT_THAT(Find(":`★★★`"), ElementsAre("#★★★★★"));
  EXPECT_THAT(Find(":👍"), ElementsAre("#👍"));
  EXPECT_THAT(Find(":++"), ElementsAre("#A++", "#A+++", "#C++"));
  EXPECT_THAT(Find(":`?`"), ElementsAre("#?"));
  EXPECT_THAT(Find(":&*"), ElementsAre("#AT&T"));
  EXPECT_THAT(Find(":``"), ElementsAre("#"));
  EXPECT_THAT(Find(":[`%`,shirt]"), ElementsAre("#10%", "#T-Shirt", "#t shirt"));
  EXPECT_THAT(Find(":$"), IsEmpty());
  EXPECT_THAT(Find(":!★"), SizeIs(std::size(kValues) - 2));
}

TEST_F(DifferentValuesTest, FieldsOfEarlierVersionsHaveNoHashesAndAreFilteredAllTheSame) {
  const auto reader = shop_.Read();
  for (Field& field : reader.schema->fields) {
    if (!field.definition.facet) {
      field.storage.values = cache::ColumnNumber{};
    }
  }
  const auto all = reader.context->AllDocuments();
  ASSERT_TRUE(all.has_value());
  for (const char* comparison :
       {":=12", ":=`A+++`", ":=★★", ":=``", ":=[a,`c#`]", ":=1-*", ":★", ":++", ":!=`T-Shirt`"}) {
    const auto found = Filter::Parse("plain" + std::string(comparison), *reader.schema, {})
                           ->Evaluate(*reader.context, *all);
    ASSERT_TRUE(found.has_value());
    EXPECT_EQ(IdsOf(reader, *found), Filtered(shop_, "facet" + std::string(comparison)))
        << comparison;
  }
}

TEST_F(DifferentValuesTest, FacetsCountWhatFiltersFind) {
  SearchRequest request;
  request.facet_by = "facet";
  request.max_facet_values = 100;
  const auto counts = Counted(shop_, request);
  ASSERT_TRUE(counts.has_value());
  ASSERT_EQ(counts->front().counts.size(), std::size(kValues));
  for (const FacetValue& value : counts->front().counts) {
    EXPECT_THAT(Find(":=[`" + value.value + "`]"), SizeIs(value.count)) << value.value;
  }
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

TEST_F(FilterEvaluationTest, DocumentsAreReadOnlyUpToABound) {
  const auto reader = shop_.Read();
  DocumentSet many(kDocumentsReadMax);
  for (DocumentNumber number = 0; number <= kDocumentsReadMax; ++number) {
    many.Add(number);
  }
  const auto filter = Filter::Parse("parts.{size:!=9}", *reader.schema, {});
  ASSERT_TRUE(filter.has_value());
  const auto found = filter->Evaluate(*reader.context, many);
  EXPECT_THAT(found, FailsWith(ErrorCode::kUnprocessable));
  EXPECT_THAT(found.error().message(), testing::HasSubstr("would have to read 100001 documents"));
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
