#include <gmock/gmock.h>

#include <string>
#include <string_view>

#include "index/filter/filter.h"
#include "index/filter/filter_parser.h"
#include "tests/index/columns/test_collection.h"
#include "tests/support/result_matchers.h"

namespace cacheindex::index::test {
namespace {

using cacheindex::test::FailsWith;
using cacheindex::test::Succeeds;
using testing::HasSubstr;

class FilterParserTest : public testing::Test {
 protected:
  FilterParserTest()
      : collection_(Json::parse(R"({"name": "shop", "enable_nested_fields": true, "fields": [
          {"name": "title", "type": "string"},
          {"name": "brand", "type": "string", "facet": true},
          {"name": "stock", "type": "int32"},
          {"name": "views", "type": "int64"},
          {"name": "price", "type": "float"},
          {"name": "new", "type": "bool"},
          {"name": "place", "type": "geopoint"},
          {"name": "area", "type": "geopolygon"},
          {"name": "hidden", "type": "string", "index": false, "optional": true},
          {"name": "parts", "type": "object[]", "optional": true},
          {"name": "parts.color", "type": "string[]", "optional": true}]})")),
        reader_(collection_.Read()) {
    AddAlias(*reader_.schema, "stock", "width (mm)");
  }

  Result<Filter> Parse(std::string_view text, bool validate_field_names = true) const {
    return Filter::Parse(text, *reader_.schema, {.validate_field_names = validate_field_names});
  }
  std::string MessageOf(std::string_view text) const {
    const auto parsed = Parse(text);
    return parsed ? "it was accepted" : parsed.error().message();
  }

  TestCollection collection_;
  TestCollection::Reader reader_;
};

TEST_F(FilterParserTest, AcceptsEverythingThatClientsGenerate) {
  for (const std::string_view text : {"brand:=Sony",
                                      "brand:=`Sony`",
                                      "brand:=[`a`,`b`]",
                                      "brand:!=[`a`, b]",
                                      "brand:! a",
                                      "stock:=[1..5]",
                                      "stock:<=5",
                                      "stock:>=5",
                                      "stock:=5",
                                      "stock:5",
                                      "stock: > 5",
                                      "stock:[<10, >100]",
                                      "stock:[1..5,7,>=10]",
                                      "stock:!=[1,2]",
                                      "price:=[10..100,140]",
                                      "price:>1e3",
                                      "price:-1.5..2.5",
                                      "new:true",
                                      "new:=[true,false]",
                                      "id:=a",
                                      "id:!=[a,b]",
                                      " ( brand:=a&&( stock:1 || new:true ) ) ",
                                      "title:some words here && stock:1",
                                      "title:wor*",
                                      "title:*",
                                      "stock:*",
                                      "width (mm):>3",
                                      "place:[(48.8,2.3,5 km),(1,1,1,2,2,2)]",
                                      "place:(10, 190, 10, 170, -10, 170, -10, 190)",
                                      "area:(48.8, 2.3)",
                                      "area:!=[(48.8, 2.3), (-15, 181)] && stock:1",
                                      "parts.{color:=red && color:!=blue}",
                                      "parts.{ color:[red,`b}c`] } || stock:1",
                                      "title:=Foo (Bar) && stock:1",
                                      "",
                                      "  "}) {
    EXPECT_THAT(Parse(text), Succeeds()) << text;
  }
}

TEST_F(FilterParserTest, AndBindsTighterThanOr) {
  const auto tree = ParseFilter("stock:1 || stock:2 && stock:3", *reader_.schema, {});
  ASSERT_THAT(tree, Succeeds());
  ASSERT_EQ(tree->kind, FilterExpression::Kind::kOr);
  ASSERT_EQ(tree->children.size(), 2U);
  EXPECT_EQ(tree->children[0].kind, FilterExpression::Kind::kClause);
  EXPECT_EQ(tree->children[1].kind, FilterExpression::Kind::kAnd);
}

TEST_F(FilterParserTest, BackQuotesHoldAnything) {
  const auto tree = ParseFilter(R"(brand:=[`a,b]`,`x && (y) || z`,`a \` b`])", *reader_.schema, {});
  ASSERT_THAT(tree, Succeeds());
  ASSERT_EQ(tree->clause.texts.size(), 3U);
  EXPECT_EQ(tree->clause.texts[0].text, "a,b]");
  EXPECT_EQ(tree->clause.texts[1].text, "x && (y) || z");
  EXPECT_EQ(tree->clause.texts[2].text, "a ` b");
}

TEST_F(FilterParserTest, OnlyAnUnquotedStarMakesAPrefix) {
  const auto tree = ParseFilter("title:[wor*,`wor*`]", *reader_.schema, {});
  ASSERT_THAT(tree, Succeeds());
  EXPECT_TRUE(tree->clause.texts[0].is_prefix);
  EXPECT_FALSE(tree->clause.texts[1].is_prefix);
}

TEST_F(FilterParserTest, UnknownFieldsAreNotFound) {
  EXPECT_THAT(Parse("color:=red"), FailsWith(ErrorCode::kNotFound));
  EXPECT_EQ(MessageOf("color:=red"), "Could not find a filter field named `color` in the schema.");
  EXPECT_EQ(MessageOf("parts.{size:1}"),
            "Could not find a filter field named `parts.size` in the schema.");
  EXPECT_THAT(Parse("color:=red", false), Succeeds());
}

TEST_F(FilterParserTest, MalformedFiltersSayWhatAndWhere) {
  const auto expect = [&](std::string_view text, std::string_view message) {
    EXPECT_THAT(Parse(text), FailsWith(ErrorCode::kInvalidArgument)) << text;
    EXPECT_THAT(MessageOf(text), HasSubstr("Could not parse the filter query: ")) << text;
    EXPECT_THAT(MessageOf(text), HasSubstr(std::string(message))) << text;
  };
  expect("stock", "no `:` after the field name, at byte 1 near `stock`");
  expect("stock:", "a value is missing, at the end");
  expect("stock:1 && ", "a field name is missing, at the end");
  expect("stock:1 && && new:true", "a field name is missing, at byte 12");
  expect("(stock:1", "`(` is not closed, at byte 1");
  expect("stock:1)", "must be `&&` or `||` between terms, at byte 8");
  expect("stock:[1,2", "the list is not closed by `]`, at byte 7");
  expect("stock:[]", "a value is missing");
  expect("brand:=`a", "the back-quote is not closed, at byte 8");
  expect("brand:=`a` b", "must be `&&` or `||` between terms, at byte 12");
  expect("brand:=a`b", "a back-quote may only stand around a whole value");
  expect("stock:1.5", "`stock`: `1.5` is not an int32, at byte 7");
  expect("stock:2147483648", "is not an int32");
  expect("views:9223372036854775808", "is not an int64");
  expect("stock:1..x", "`1..x` is not an int32");
  expect("stock:>1..5", "is a range, which cannot be compared");
  expect("stock:>[1,2]", "is in a list");
  expect("price:cheap", "is not a float");
  expect("price:nan", "is not a float");
  expect("price:1e999", "is not a float");
  expect("new:yes", "is not a boolean");
  expect("brand:>a", "the field is no number");
  expect("place:paris", "`paris` needs the form `(latitude, longitude, distance)`");
  expect("place:(48.8,2.3,5 m)", "needs a distance in `km` or `mi`");
  expect("place:(48.8,2.3,-5 km)", "not below 0");
  expect("place:(8.8,400000,5 km)", "a longitude beyond a thousand worlds");
  expect("place:(98.8,2.3,5 km)", "a latitude beyond 90");
  expect("place:(48.8,x,5 km)", "needs numbers for latitude and longitude");
  expect("place:(1,2,3,4)", "is no polygon: a polygon needs 3");
  expect("place:(80,0,80,120,-80,0,-80,-120)", "does not fit into half of the earth");
  expect("area:48.8,2.3", "`48.8,2.3` needs the form `(latitude, longitude)`");
  expect("area:(48.8,2.3,5 km)", "needs the form `(latitude, longitude)`");
  expect("area:(91,2)", "a latitude beyond 90");
  expect("area:>(1,2)", "the field is no number");
  expect("$orders(id:1)", "joins");
  expect("parts.{color:=red", "`.{` is not closed");
}

TEST_F(FilterParserTest, FieldsThatCannotBeFilteredAreRefused) {
  EXPECT_THAT(Parse("hidden:a"), FailsWith(ErrorCode::kInvalidArgument));
  EXPECT_THAT(MessageOf("hidden:a"), HasSubstr("`hidden`: it is not indexed"));
  EXPECT_THAT(MessageOf("parts:a"), HasSubstr("it is an object"));
}

TEST_F(FilterParserTest, MessagesAreValidJsonWhateverCameIn) {
  for (const std::string& text :
       {std::string("st\xFF\xFEock:1"), std::string("stock:\xC3"), std::string("brand:=`\xF0\x9F"),
        std::string("stock:") + std::string(5000, 'x'), std::string("a\0b:1", 5)}) {
    const std::string message = MessageOf(text);
    EXPECT_NO_THROW(DumpJson(Json(message))) << message;
    EXPECT_LT(message.size(), 400U);
  }
}

TEST_F(FilterParserTest, LimitsAreErrorsOfTheUser) {
  EXPECT_THAT(Parse(std::string(kFilterBytesMax + 1, ' ')), FailsWith(ErrorCode::kTooLarge));

  const std::string nested(kFilterDepthMax, '(');
  const std::string closing(kFilterDepthMax, ')');
  EXPECT_THAT(Parse(nested + "stock:1" + closing), Succeeds());
  EXPECT_THAT(Parse("(" + nested + "stock:1" + closing + ")"),
              FailsWith(ErrorCode::kUnprocessable));

  std::string clauses = "stock:1";
  for (std::size_t i = 1; i < kFilterClausesMax; ++i) {
    clauses += "||stock:1";
  }
  EXPECT_THAT(Parse(clauses), Succeeds());
  EXPECT_THAT(Parse(clauses + "||stock:1"), FailsWith(ErrorCode::kUnprocessable));

  std::string values = "stock:[1";
  for (std::size_t i = 1; i < kFilterValuesMax; ++i) {
    values += ",1";
  }
  EXPECT_THAT(Parse(values + "]"), Succeeds());
  EXPECT_THAT(Parse(values + ",1]"), FailsWith(ErrorCode::kUnprocessable));
}

}  // namespace
}  // namespace cacheindex::index::test
