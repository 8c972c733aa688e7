#include "index/sort/sort_order.h"

#include <gmock/gmock.h>

#include <chrono>
#include <string>
#include <vector>

#include "tests/index/columns/test_collection.h"
#include "tests/support/result_matchers.h"

namespace cacheindex::index::test {
namespace {

using cacheindex::test::FailsWith;
using cacheindex::test::Succeeds;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

const char* const kSchema = R"({"name": "shop", "default_sorting_field": "rank", "fields": [
  {"name": "rank", "type": "int32"},
  {"name": "price", "type": "float", "optional": true},
  {"name": "new", "type": "bool", "optional": true},
  {"name": "name", "type": "string", "sort": true, "optional": true},
  {"name": "brand", "type": "string", "sort": true, "facet": true, "optional": true},
  {"name": "text", "type": "string", "optional": true},
  {"name": "sizes", "type": "int32[]", "optional": true},
  {"name": "width",
                  "type" : "int32", "optional" : true
},
  {"name": "place", "type": "geopoint", "optional": true}]
})";

class SortOrderTest : public testing::Test {
 protected:
  SortOrderTest() : shop_(Json::parse(kSchema)) {
    shop_.Write({
        Json::parse(R"({"id": "a", "rank": 1, "price": 2.5, "name": "Electronics two",
                        "brand": "Companyname B", "new": true, "width": 3})"),
        Json::parse(R"({"id": "b", "rank": 3, "price": -1, "name": "electronics one",
                        "brand": "companyname a", "new": false})"),
        Json::parse(R"({"id": "c", "rank": 1, "name": "Ébène", "brand": "Companyname"})"),
        Json::parse(R"({"id": "d", "rank": 2, "price": 2.5, "new": true})"),
    });
  }

  std::vector<std::string> Sort(std::string_view sort_by) { return Sorted(shop_, sort_by); }

  TestCollection shop_;
};

TEST_F(SortOrderTest, NumbersAreOrderedAndTiesAreNewestFirst) {
  EXPECT_THAT(Sort("rank:asc"), ElementsAre("c", "a", "d", "b"));
  EXPECT_THAT(Sort("rank:desc"), ElementsAre("b", "d", "c", "a"));
  EXPECT_THAT(Sort("rank:DESC"), ElementsAre("b", "d", "c", "a"));
  EXPECT_THAT(Sort(""), ElementsAre("b", "d", "c", "a"));
}

TEST_F(SortOrderTest, MissingNumbersAreLastUnlessAskedFor) {
  EXPECT_THAT(Sort("price:asc"), ElementsAre("b", "d", "a", "c"));
  EXPECT_THAT(Sort("price:desc"), ElementsAre("d", "a", "b", "c"));
  EXPECT_THAT(Sort("price(missing_values: first):asc"), ElementsAre("c", "b", "d", "a"));
  EXPECT_THAT(Sort("price(missing_values:first):desc"), ElementsAre("c", "d", "a", "b"));
  EXPECT_THAT(Sort("price(missing_values: last):desc"), ElementsAre("d", "a", "b", "c"));
  EXPECT_THAT(Sort("width:asc"), ElementsAre("a", "d", "c", "b"));
}

TEST_F(SortOrderTest, MissingStringsAreTheHighestUnlessAskedFor) {
  EXPECT_THAT(Sort("name:asc"), ElementsAre("c", "b", "a", "d"));
  EXPECT_THAT(Sort("name:desc"), ElementsAre("d", "a", "b", "c"));
  EXPECT_THAT(Sort("name(missing_values: first):asc"), ElementsAre("d", "c", "b", "a"));
  EXPECT_THAT(Sort("name(missing_values: last):desc"), ElementsAre("a", "b", "c", "d"));
  EXPECT_THAT(Sort("name(missing_values: normal):desc"), ElementsAre("d", "a", "b", "c"));
}

TEST_F(SortOrderTest, StringsAreComparedBeyondTheirSortKey) {
  EXPECT_THAT(Sort("brand:asc"), ElementsAre("c", "b", "a", "d"));
  EXPECT_THAT(Sort("brand:desc"), ElementsAre("d", "a", "b", "c"));
}

TEST_F(SortOrderTest, LaterKeysDecideTies) {
  EXPECT_THAT(Sort("new:desc,rank:asc"), ElementsAre("a", "d", "b", "c"));
  EXPECT_THAT(Sort("price:desc, rank:desc, name:asc"), ElementsAre("d", "a", "b", "c"));
  EXPECT_THAT(Sort("rank:asc,name:desc"), ElementsAre("a", "c", "d", "b"));
}

TEST_F(SortOrderTest, OnlyTheBestAreReturned) {
  EXPECT_THAT(Sorted(shop_, "rank:desc", 2), ElementsAre("b", "d"));
  EXPECT_THAT(Sorted(shop_, "rank:desc", 0), IsEmpty());
}

TEST_F(SortOrderTest, NamesMayHoldParentheses) {
  const auto reader = shop_.Read();
  AddAlias(*reader.schema, "width", "width (mm)");
  for (const char* text : {"width (mm):asc", "width (mm)(missing_values: first):asc"}) {
    EXPECT_THAT(SortOrder::Parse(text, *reader.schema, false), Succeeds()) << text;
  }
}

TEST_F(SortOrderTest, MistakesAreNamed) {
  const auto reader = shop_.Read();
  const auto parse = [&](std::string_view text) {
    return SortOrder::Parse(text, *reader.schema, true);
  };
  EXPECT_THAT(parse("color:asc"), FailsWith(ErrorCode::kNotFound));
  EXPECT_EQ(parse("color:asc").error().message(),
            "Could not find a field named `color` in the schema for sorting.");
  EXPECT_THAT(parse("text:asc"), FailsWith(ErrorCode::kNotFound));
  EXPECT_THAT(parse("rank:asc,price:asc,name:asc,new:asc"), FailsWith(ErrorCode::kUnprocessable));
  for (const std::string_view text : {"rank",
                                      "rank:up",
                                      "rank:asc,",
                                      ",",
                                      ":asc",
                                      "sizes:asc",
                                      "rank(missing_values: never):asc",
                                      "rank():asc",
                                      "rank(a:b,c:d):asc",
                                      "rank):asc",
                                      "place:asc",
                                      "place(1):asc",
                                      "place(91,2):asc",
                                      "place(1,2,precision: 2 m):asc",
                                      "_rand(x):asc",
                                      "_rand(-1):asc",
                                      "_eval():desc",
                                      "_eval(stock):desc",
                                      "_eval([new:true]):desc",
                                      "_eval([(new:true):x]):desc",
                                      "_vector_distance:asc",
                                      "_text_match(buckets: x):desc",
                                      "_text_match(color: 1):desc",
                                      "price(origin:1,func:gauss):asc"}) {
    EXPECT_THAT(parse(text), FailsWith(ErrorCode::kInvalidArgument)) << text;
  }
  EXPECT_THAT(parse("_eval(color:red):desc"), FailsWith(ErrorCode::kNotFound));
  EXPECT_THAT(parse("_chance:desc"), FailsWith(ErrorCode::kNotFound));
  EXPECT_THAT(parse(std::string(kSortBytesMax + 1, 'x')), FailsWith(ErrorCode::kTooLarge));
}

class TextSortTest : public SortOrderTest {
 protected:
  std::vector<std::string> SortByText(std::string_view sort_by) {
    const auto reader = shop_.Read();
    // Numbers are given from 1 in the order of writing; d has no score.
    const TextScores scores{.documents = {1, 2, 3}, .scores = {10, 30, 20}};
    const auto order = SortOrder::Parse(sort_by, *reader.schema, true);
    if (!order) {
      return {order.error().message()};
    }
    const auto all = reader.context->AllDocuments();
    const auto top = order->Top(*reader.context, *all, &scores, 10);
    return top ? IdsOf(reader, *top) : std::vector<std::string>{top.error().message()};
  }
};

TEST_F(TextSortTest, ScoresComeFirstByDefault) {
  EXPECT_THAT(SortByText(""), ElementsAre("b", "c", "a", "d"));
  EXPECT_THAT(SortByText("_text_match:desc"), ElementsAre("b", "c", "a", "d"));
  EXPECT_THAT(SortByText("_text_match:asc"), ElementsAre("a", "c", "b", "d"));
}

TEST_F(TextSortTest, ScoresDecideTiesOfOtherKeys) {
  EXPECT_THAT(SortByText("rank:asc"), ElementsAre("c", "a", "d", "b"));
  EXPECT_THAT(SortByText("price:desc"), ElementsAre("a", "d", "b", "c"));
}

TEST_F(TextSortTest, BucketsMakeScoresEqual) {
  EXPECT_THAT(SortByText("_text_match(buckets: 1):desc,rank:asc"), ElementsAre("c", "a", "b", "d"));
  EXPECT_THAT(SortByText("_text_match(bucket_size: 2):desc,rank:asc"),
              ElementsAre("c", "b", "a", "d"));
  EXPECT_THAT(SortByText("_text_match(buckets: 0):desc,rank:asc"), ElementsAre("b", "c", "a", "d"));
}

TEST_F(TextSortTest, ScoresAreUsedOnlyWhenThereIsAQuery) {
  const auto reader = shop_.Read();
  const auto uses = [&](std::string_view sort_by, bool has_text_query) {
    const auto order = SortOrder::Parse(sort_by, *reader.schema, has_text_query);
    return order.has_value() && order->UsesTextScores();
  };
  EXPECT_TRUE(uses("", true));
  EXPECT_TRUE(uses("rank:asc", true));
  EXPECT_FALSE(uses("rank:asc,price:asc,name:asc", true));
  EXPECT_FALSE(uses("", false));
  EXPECT_FALSE(uses("_text_match:desc", false));
}

TEST(SortPagesTest, TheBestAreFoundAcrossPages) {
  TestCollection shop(Json::parse(R"({"name": "s", "fields": [
      {"name": "n", "type": "int32"}, {"name": "some", "type": "int64", "optional": true}]})"));
  std::vector<Json> documents;
  for (int i = 0; i < 4000; ++i) {
    Json document{{"id", std::to_string(i)}, {"n", i * 7919 % 4001}};
    if (i % 1000 == 7) {
      document["some"] = i;
    }
    documents.push_back(document);
  }
  shop.Write(documents);
  const auto ascending = Sorted(shop, "n:asc", 4000);
  ASSERT_EQ(ascending.size(), 4000U);
  for (std::size_t i = 1; i < ascending.size(); ++i) {
    ASSERT_LT(std::stoi(ascending[i - 1]) * 7919 % 4001, std::stoi(ascending[i]) * 7919 % 4001);
  }
  for (const std::size_t count : {1U, 10U, 300U}) {
    const auto top = Sorted(shop, "n:asc", count);
    EXPECT_EQ(top, std::vector<std::string>(
                       ascending.begin(), ascending.begin() + static_cast<std::ptrdiff_t>(count)));
  }
  EXPECT_THAT(Sorted(shop, "some:asc", 6),
              ElementsAre("7", "1007", "2007", "3007", "3999", "3998"));
  EXPECT_THAT(Sorted(shop, "some(missing_values: first):asc", 2), ElementsAre("3999", "3998"));
  EXPECT_THAT(Sorted(shop, "", 3), ElementsAre("3999", "3998", "3997"));
}

}  // namespace
}  // namespace cacheindex::index::test
