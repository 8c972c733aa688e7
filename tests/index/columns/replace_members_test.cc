#include <gmock/gmock.h>

#include "tests/index/columns/test_collection.h"
#include "tests/support/result_matchers.h"

// What columns hold of documents that change their shape, and of fields whose type is open.

namespace cacheindex::index::test {
namespace {

using cacheindex::test::FailsWith;
using cacheindex::test::Succeeds;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

TEST(ReplaceMembersTest, ReplacesRemovesAndAdds) {
  TestCollection collection(
      {{"name", "c"},
       {"fields",
        {{{"name", "price"}, {"type", "int32"}},
         {{"name", "color"}, {"type", "string"}, {"facet", true}, {"optional", true}}}}});
  collection.Write({{{"id", "1"}, {"price", 5}, {"color", "red"}}});
  EXPECT_THAT(collection.Replace({{"1", {"color", "price"}, {{"price", 6}}}}), Succeeds());
  EXPECT_THAT(Filtered(collection, "price:=6"), ElementsAre("1"));
  EXPECT_THAT(Filtered(collection, "price:=5"), IsEmpty());
  EXPECT_THAT(Filtered(collection, "color:=red"), IsEmpty());
  EXPECT_THAT(collection.Replace({{"1", {"color"}, {{"color", "blue"}}}}), Succeeds());
  EXPECT_THAT(Filtered(collection, "color:=blue && price:=6"), ElementsAre("1"));
}

TEST(ReplaceMembersTest, RefusesWhatCouldNotBeReadAgain) {
  TestCollection collection({{"name", "c"}, {"fields", {{{"name", "a"}, {"type", "int32"}}}}});
  collection.Write({{{"id", "1"}, {"a", 5}}});
  Json deep = 1;
  for (std::size_t i = 0; i < kJsonDepthMax; ++i) {
    deep = Json::array({std::move(deep)});
  }
  EXPECT_THAT(collection.Replace({{"1", {"b"}, {{"b", deep}}}}),
              FailsWith(ErrorCode::kUnprocessable));
  EXPECT_THAT(collection.Replace({{"1", {"b"}, {{"b", deep[0]}}}}), Succeeds());
  EXPECT_THAT(Filtered(collection, "a:=5"), ElementsAre("1"));
}

// A field of the object's own name is discovered after the object was written.
TEST(ReplaceMembersTest, NothingIsLeftOfAnObjectWhereAScalarIsAFieldNow) {
  TestCollection collection({{"name", "c"},
                             {"enable_nested_fields", true},
                             {"fields", {{{"name", ".*"}, {"type", "auto"}}}}});
  collection.Write({{{"id", "a"}, {"x", {{"k", 1}}}, {"y", 1}}});
  collection.Write({{{"id", "b"}, {"x", "s"}, {"y", 2}}});
  EXPECT_THAT(Filtered(collection, "x.k:=1"), ElementsAre("a"));
  collection.Write({{{"id", "a"}, {"y", 3}}});
  EXPECT_THAT(Filtered(collection, "x.k:=1"), IsEmpty());
  EXPECT_THAT(Filtered(collection, "y:=3"), ElementsAre("a"));
}

TEST(OpenTypeTest, APlainNameTakesTheTypeOfItsFirstValue) {
  TestCollection collection({{"name", "c"},
                             {"fields",
                              {{{"name", "number"}, {"type", "auto"}},
                               {{"name", "tags"}, {"type", "auto"}, {"facet", true}},
                               {{"name", "a.b"}, {"type", "auto"}},
                               {{"name", "text"}, {"type", "string*"}}}}});
  collection.Write({{{"id", "1"}, {"number", 5}, {"tags", {"x", "y"}}, {"text", 7}, {"axb", 1}}});
  EXPECT_THAT(Filtered(collection, "number:=5"), ElementsAre("1"));
  EXPECT_THAT(Filtered(collection, "tags:=y"), ElementsAre("1"));
  EXPECT_THAT(Filtered(collection, "text:=7"), ElementsAre("1"));
  EXPECT_THAT(Filtered(collection, "axb:=1"), ElementsAre(HasSubstr("axb"))) << "no field";
  collection.Write({{{"id", "2"}, {"number", "6"}}});
  EXPECT_THAT(Filtered(collection, "number:>5"), ElementsAre("2")) << "an int64 by now";
}

}  // namespace
}  // namespace cacheindex::index::test
