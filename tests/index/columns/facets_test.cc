#include "index/facet/facets.h"

#include <gmock/gmock.h>

#include <string>
#include <vector>

#include "index/encoding/column_value.h"
#include "index/facet/facet_text.h"
#include "tests/index/columns/test_collection.h"
#include "tests/support/result_matchers.h"

namespace cacheindex::index::test {
namespace {

using cacheindex::test::FailsWith;
using cacheindex::test::Succeeds;
using testing::HasSubstr;

const char* const kSchema = R"({"name": "shop", "fields": [
  {"name": "brand", "type": "string", "facet": true, "optional": true},
  {"name": "colors", "type": "string[]", "facet": true, "optional": true},
  {"name": "stock", "type": "int32", "facet": true, "optional": true},
  {"name": "views", "type": "int64[]", "facet": true, "optional": true},
  {"name": "price", "type": "float", "facet": true, "optional": true},
  {"name": "new", "type": "bool", "facet": true, "optional": true},
  {"name": "attr_a", "type": "string", "facet": true, "optional": true},
  {"name": "attr_b", "type": "string", "facet": true, "optional": true},
  {"name": "attr_c", "type": "string", "optional": true},
  {"name": "width",
                  "type" : "int32", "facet" : true, "optional" : true
},
  {"name": "title", "type": "string", "optional": true}]
})";

class FacetsTest : public testing::Test {
 protected:
  FacetsTest() : shop_(Json::parse(kSchema)) {
    shop_.Write({
        Json::parse(R"({"id": "1", "brand": "Sony", "colors": ["red", "blue", "red"], "stock": 5,
                        "views": [1, 1, 9], "price": 10.5, "new": true, "attr_a": "x"})"),
        Json::parse(R"({"id": "2", "brand": "Sony", "colors": ["red"], "stock": 5,
                        "views": [9000000000], "price": 100000, "new": false, "attr_b": "y"})"),
        Json::parse(R"({"id": "3", "brand": "Samsung", "colors": [], "stock": -7, "price": 0.1,
                        "new": true, "width": 4})"),
        Json::parse(R"({"id": "4", "brand": "HP", "price": 10.5})"),
        Json::parse(R"({"id": "5", "brand": "LG"})"),
        Json::parse(R"({"id": "6", "brand": "Café Sony"})"),
    });
  }

  FacetCounts Count(const std::string& facet_by, const std::string& facet_query = "",
                    std::uint32_t max_facet_values = 10) {
    SearchRequest request;
    request.facet_by = facet_by;
    request.facet_query = facet_query;
    request.max_facet_values = max_facet_values;
    const auto counts = Counted(shop_, request);
    EXPECT_THAT(counts, Succeeds());
    return counts && !counts->empty() ? counts->front() : FacetCounts{};
  }

  TestCollection shop_;
};

TEST_F(FacetsTest, ValuesAreOrderedByCountThenShorterThenGreater) {
  const auto counts = Count("brand");
  EXPECT_EQ(counts.field_name, "brand");
  EXPECT_EQ(Show(counts), "Sony:2 LG:1 HP:1 Samsung:1 Café Sony:1");
  EXPECT_EQ(counts.total_values, 5U);
  EXPECT_FALSE(counts.statistics.has_value());
  EXPECT_EQ(counts.counts[0].highlighted, "Sony");
}

TEST_F(FacetsTest, OnlyTheFirstValuesAreShownAndAllAreTold) {
  const auto counts = Count("brand", "", 3);
  EXPECT_EQ(Show(counts), "Sony:2 LG:1 HP:1");
  EXPECT_EQ(counts.total_values, 5U);
  EXPECT_EQ(Show(Count("brand", "", 0)), "");
  EXPECT_EQ(Count("brand", "", 0).total_values, 5U);
}

TEST_F(FacetsTest, ADocumentCountsOncePerDifferentValue) {
  EXPECT_EQ(Show(Count("colors")), "red:2 blue:1");
  EXPECT_EQ(Show(Count("views")), "9:1 1:1 9000000000:1");
}

TEST_F(FacetsTest, NumbersAndBooleansAreShownAsText) {
  EXPECT_EQ(Show(Count("stock")), "5:2 -7:1");
  EXPECT_EQ(Show(Count("price")), "10.5:2 0.1:1 100000:1");
  EXPECT_EQ(Show(Count("new")), "true:2 false:1");
}

TEST_F(FacetsTest, StatisticsCoverAllValuesOfNumericFields) {
  const auto stock = Count("stock", "", 1);
  ASSERT_TRUE(stock.statistics.has_value());
  EXPECT_EQ(stock.statistics->minimum, -7);
  EXPECT_EQ(stock.statistics->maximum, 5);
  EXPECT_EQ(stock.statistics->sum, 3);
  EXPECT_EQ(stock.statistics->average, 1);

  const auto views = Count("views");
  ASSERT_TRUE(views.statistics.has_value());
  EXPECT_EQ(views.statistics->sum, 9000000011.0);
  EXPECT_EQ(views.statistics->average, 9000000011.0 / 4);

  EXPECT_FALSE(Count("new").statistics.has_value());
}

TEST_F(FacetsTest, AnEmptySetHasNoCounts) {
  SearchRequest request;
  request.facet_by = "brand,price";
  const auto reader = shop_.Read();
  const auto plan = FacetPlan::Parse(request, *reader.schema);
  ASSERT_THAT(plan, Succeeds());
  const auto counts = plan->Count(*reader.context, reader.context->EmptySet());
  ASSERT_THAT(counts, Succeeds());
  ASSERT_EQ(counts->size(), 2U);
  EXPECT_TRUE((*counts)[0].counts.empty());
  EXPECT_EQ((*counts)[0].total_values, 0U);
  EXPECT_FALSE((*counts)[1].statistics.has_value());
}

TEST_F(FacetsTest, RangesIncludeTheirStartOnly) {
  EXPECT_EQ(Show(Count("price(cheap:[0,10.5],middle:[10.5, 100000],rest:[100000,])")),
            "middle:2 rest:1 cheap:1");
  EXPECT_EQ(Show(Count("stock(low:[,5],high:[5,6],none:[6,])")), "high:2 low:1");
  EXPECT_EQ(Count("stock(low:[,5],high:[5,6],none:[6,])").total_values, 2U);
  EXPECT_EQ(Count("stock(high:[5,6])").statistics->minimum, -7);
  EXPECT_EQ(Show(Count("views(few:[0,10],many:[10,])")), "few:1 many:1");
}

TEST_F(FacetsTest, ValuesCanBeOrderedAlphabetically) {
  EXPECT_EQ(Show(Count("brand(sort_by:_alpha:asc)")), "Café Sony:1 HP:1 LG:1 Samsung:1 Sony:2");
  EXPECT_EQ(Show(Count("brand(sort_by: _alpha:desc)", "", 2)), "Sony:2 Samsung:1");
  EXPECT_EQ(Show(Count("stock(sort_by:_alpha:asc)")), "-7:1 5:2");
}

TEST_F(FacetsTest, ValuesCanBeOrderedByAnotherField) {
  EXPECT_EQ(Show(Count("brand(sort_by:price:desc)", "", 3)), "Sony:2 HP:1 Samsung:1");
  EXPECT_EQ(Show(Count("brand(sort_by:price:asc)", "", 3)), "Samsung:1 Sony:2 HP:1");
  EXPECT_EQ(Show(Count("brand(sort_by:stock:asc)")), "Samsung:1 Sony:2 LG:1 HP:1 Café Sony:1");
}

TEST_F(FacetsTest, QueriesKeepMatchingValuesAndMarkThem) {
  const auto counts = Count("brand", "brand: S");
  EXPECT_EQ(Show(counts), "Sony:2 Samsung:1 Café Sony:1");
  EXPECT_EQ(counts.total_values, 3U);
  EXPECT_EQ(counts.counts[0].highlighted, "<mark>S</mark>ony");
  EXPECT_EQ(counts.counts[2].highlighted, "Café <mark>S</mark>ony");

  const auto words = Count("brand", "brand:sony CAF");
  EXPECT_EQ(Show(words), "Café Sony:1");
  EXPECT_EQ(words.counts[0].highlighted, "<mark>Caf</mark>é <mark>Sony</mark>");
  EXPECT_EQ(Count("brand", "brand:cafe").counts[0].highlighted, "<mark>Café</mark> Sony");

  EXPECT_EQ(Show(Count("brand", "brand:zzz")), "");
  EXPECT_EQ(Show(Count("brand", "brand:")), Show(Count("brand")));
  EXPECT_EQ(Show(Count("stock", "stock:5")), "5:2");
}

TEST_F(FacetsTest, QueriesAreSplitAsTheValuesOfTheirFieldAre) {
  TestCollection shop(Json::parse(R"({"name": "shop", "fields": [
    {"name": "language", "type": "string", "facet": true, "symbols_to_index": ["+", "#"]},
    {"name": "cut", "type": "string", "facet": true},
    {"name": "code", "type": "string", "facet": true, "token_separators": ["-"]}]})"));
  shop.Write({
      Json::parse(R"({"id": "1", "language": "C++", "cut": "T-Shirt", "code": "wi-fi"})"),
      Json::parse(R"({"id": "2", "language": "C#", "cut": "Tshirt", "code": "wifi"})"),
      Json::parse(R"({"id": "3", "language": "C", "cut": "黑色 外套", "code": "wi fi"})"),
  });
  const auto marked = [&shop](const std::string& field, const std::string& text) {
    SearchRequest request;
    request.facet_by = field;
    request.facet_query = field + ":" + text;
    const auto counts = Counted(shop, request);
    EXPECT_THAT(counts, Succeeds());
    std::string all;
    for (const FacetValue& value : counts->front().counts) {
      all += (all.empty() ? "" : ", ") + value.highlighted;
    }
    return all;
  };
  EXPECT_EQ(marked("language", "c++"), "<mark>C</mark><mark>+</mark><mark>+</mark>");
  EXPECT_EQ(marked("language", "#"), "C<mark>#</mark>");
  EXPECT_EQ(marked("cut", "tshirt"), "<mark>Tshirt</mark>, <mark>T-Shirt</mark>");
  EXPECT_EQ(marked("cut", "t-shi"), "<mark>Tshi</mark>rt, <mark>T</mark>-<mark>Shi</mark>rt");
  EXPECT_EQ(marked("cut", "外套"), "黑色 <mark>外</mark><mark>套</mark>");
  EXPECT_EQ(marked("code", "wifi"), "<mark>wifi</mark>") << "its hyphens never join";
  EXPECT_EQ(marked("code", "wi-f"),
            "<mark>wi</mark>-<mark>f</mark>i, <mark>wi</mark> <mark>f</mark>i");
}

TEST_F(FacetsTest, ValuesAreShownWithTheElementTheyStandIn) {
  TestCollection shop(Json::parse(R"({"name": "shop", "enable_nested_fields": true, "fields": [
    {"name": "tags", "type": "object[]"},
    {"name": "tags.id", "type": "string[]", "facet": true},
    {"name": "tags.size.width", "type": "int32[]", "facet": true},
    {"name": "maker", "type": "object"},
    {"name": "maker.names", "type": "string[]", "facet": true}]})"));
  shop.Write({
      Json::parse(R"({"id": "1", "tags": [{"id": "a", "label": "A", "size": {"width": 3}},
                                          {"id": "b", "label": "B", "size": {"width": 4}}],
                      "maker": {"names": ["M", "N"], "country": "NL"}})"),
      Json::parse(R"({"id": "2", "tags": [{"id": "b", "label": "other", "size": {"width": 4}}],
                      "maker": {"names": ["N"], "country": "DE"}})"),
  });
  const auto parents = [&shop](const std::string& field, const std::string& query) {
    SearchRequest request;
    request.facet_by = field;
    request.facet_query = query;
    request.facet_return_parent = {"*"};
    const auto counts = Counted(shop, request);
    EXPECT_THAT(counts, Succeeds());
    std::string all;
    for (const FacetValue& value : counts->front().counts) {
      all += value.value + "=" + value.parent + " ";
    }
    return all;
  };
  EXPECT_EQ(parents("tags.id", ""), R"(b={"id":"b","label":"B","size":{"width":4}} )"
                                    R"(a={"id":"a","label":"A","size":{"width":3}} )");
  EXPECT_EQ(parents("tags.id", "tags.id:a"), R"(a={"id":"a","label":"A","size":{"width":3}} )");
  EXPECT_EQ(parents("tags.size.width", ""), R"(4={"width":4} 3={"width":3} )");
  EXPECT_EQ(parents("maker.names", ""),
            R"(N={"country":"NL","names":["M","N"]} M={"country":"NL","names":["M","N"]} )");
}

TEST_F(FacetsTest, WildcardsStandForFacetFields) {
  SearchRequest request;
  request.facet_by = "attr_*,brand";
  auto counts = Counted(shop_, request);
  ASSERT_THAT(counts, Succeeds());
  ASSERT_EQ(counts->size(), 3U);
  EXPECT_EQ((*counts)[0].field_name, "attr_a");
  EXPECT_EQ((*counts)[1].field_name, "attr_b");
  EXPECT_EQ((*counts)[2].field_name, "brand");

  request.facet_by = "brand, *";
  counts = Counted(shop_, request);
  ASSERT_THAT(counts, Succeeds());
  EXPECT_EQ(counts->size(), 9U);
}

TEST_F(FacetsTest, NamesMayHoldParentheses) {
  const auto reader = shop_.Read();
  AddAlias(*reader.schema, "width", "width (mm)");
  SearchRequest request;
  for (const char* text :
       {"width (mm)", "width (mm)(sort_by:_alpha:asc)", "width (mm) (4:[4,5])"}) {
    request.facet_by = text;
    const auto plan = FacetPlan::Parse(request, *reader.schema);
    ASSERT_THAT(plan, Succeeds()) << text;
    const auto counts = plan->Count(*reader.context, *reader.context->AllDocuments());
    ASSERT_THAT(counts, Succeeds());
    EXPECT_EQ(Show(counts->front()), "4:1") << text;
  }
}

TEST_F(FacetsTest, MistakesAreNamed) {
  const auto reader = shop_.Read();
  const auto parse = [&](const std::string& facet_by, const std::string& facet_query = "") {
    SearchRequest request;
    request.facet_by = facet_by;
    request.facet_query = facet_query;
    return FacetPlan::Parse(request, *reader.schema);
  };
  for (const char* text : {"color", "title", "attr_c", "zzz*", "brand(sort_by:color:asc)"}) {
    EXPECT_THAT(parse(text), FailsWith(ErrorCode::kNotFound)) << text;
  }
  EXPECT_EQ(parse("title").error().message(),
            "Could not find a facet field named `title` in the schema.");
  for (const char* text : {"brand,", "brand(", "brand()", "brand(a)", "brand(sort_by:_alpha)",
                           "brand(a:[1,2])", "brand(top:1)", "stock(a:[1])", "stock(a:[1.5,2])",
                           "stock(a:[5,5])", "stock(:[1,2])", "stock(a:[)", "price(a:[x,])"}) {
    EXPECT_THAT(parse(text), FailsWith(ErrorCode::kInvalidArgument)) << text;
  }
  EXPECT_THAT(parse("brand", "brand"), FailsWith(ErrorCode::kInvalidArgument));
  EXPECT_THAT(parse("brand", "colors:red").error().message(), HasSubstr("not part of `facet_by`"));

  SearchRequest request;
  request.facet_by = "brand";
  request.max_facet_values = kFacetValuesMax + 1;
  EXPECT_THAT(FacetPlan::Parse(request, *reader.schema), FailsWith(ErrorCode::kUnprocessable));
}

TEST(FacetTextTest, FloatsAreShortestAndReadable) {
  const auto text = [](double value) { return FacetText(FieldType::kFloat, EncodeFloat(value)); };
  EXPECT_EQ(text(0.1), "0.1");
  EXPECT_EQ(text(-0.0), "0");
  EXPECT_EQ(text(12.0), "12");
  EXPECT_EQ(text(-1999.99), "-1999.99");
  EXPECT_EQ(text(100000), "100000");
  EXPECT_EQ(text(1e20), "1e+20");
  EXPECT_EQ(text(1.0 / 3), "0.3333333333333333");
}

TEST(FacetPagesTest, ManyDifferentNumbersAreCountedExactly) {
  TestCollection shop(Json::parse(R"({"name": "s", "fields": [
      {"name": "near", "type": "int32", "facet": true},
      {"name": "far", "type": "int64", "facet": true},
      {"name": "many", "type": "int32[]", "facet": true}]})"));
  std::vector<Json> documents;
  Json many = Json::array();
  for (int i = 0; i < 40; ++i) {
    many.push_back(i % 20);
  }
  for (std::int64_t i = 0; i < 3000; ++i) {
    documents.push_back({{"id", std::to_string(i)},
                         {"near", i % 700},
                         {"far", i % 900 * 1'000'000'007},
                         {"many", many}});
  }
  shop.Write(documents);
  SearchRequest request;
  request.facet_by = "near,far,many";
  request.max_facet_values = 2;
  const auto counts = Counted(shop, request);
  ASSERT_THAT(counts, Succeeds());
  EXPECT_EQ((*counts)[0].total_values, 700U);
  EXPECT_EQ(Show((*counts)[0]), "9:5 8:5");
  EXPECT_EQ((*counts)[1].total_values, 900U);
  EXPECT_EQ((*counts)[1].counts[0].count, 4U);
  EXPECT_EQ(Show((*counts)[2]), "9:3000 8:3000");
  EXPECT_EQ((*counts)[2].total_values, 20U);
}

TEST_F(FacetsTest, TyposAreForgivenWhenNothingElseMatches) {
  EXPECT_EQ(Show(Count("brand", "brand:samsnug")), "Samsung:1");
  EXPECT_EQ(Count("brand", "brand:samsnug").counts[0].highlighted, "<mark>Samsung</mark>");
  EXPECT_EQ(Show(Count("brand", "brand:sany")), "Sony:2 Café Sony:1");
  EXPECT_EQ(Show(Count("brand", "brand:samsvn")), "Samsung:1") << "the word may go on";
  EXPECT_EQ(Show(Count("brand", "brand:hx")), "") << "short words have no typos";
  SearchRequest request;
  request.facet_by = "brand";
  request.facet_query = "brand:samsnug";
  request.facet_query_num_typos = 0;
  const auto strict = Counted(shop_, request);
  ASSERT_TRUE(strict);
  EXPECT_EQ(Show(strict->front()), "");
}

}  // namespace
}  // namespace cacheindex::index::test
