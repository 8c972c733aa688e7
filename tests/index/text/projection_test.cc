#include "index/documents/projection.h"

#include <gmock/gmock.h>

#include <string>
#include <vector>

#include "tests/support/result_matchers.h"

namespace cacheindex::index {
namespace {

using Names = std::vector<std::string>;

constexpr std::string_view kDocument =
    R"({"attr_a":1,"attr_b":2,"brand":{"country":"DE","name":"Acme"},"id":"7",)"
    R"("variants":[{"color":"red","sku":"r"},{"sku":"b"}],"x.y":3})";

std::string Projected(const Names& include, const Names& exclude) {
  const auto result = Project(kDocument, include, exclude);
  return result ? *result : result.error().message();
}

TEST(ProjectionTest, NothingAskedReturnsTheVeryBytes) {
  constexpr std::string_view kOddBytes = R"({ "b" : 1.0e2 , "a" : "\u00e9" })";
  EXPECT_EQ(*Project(kOddBytes, {}, {}), kOddBytes);
}

TEST(ProjectionTest, IncludesOnlyWhatIsNamed) {
  EXPECT_EQ(Projected({"id"}, {}), R"({"id":"7"})");
  EXPECT_EQ(Projected({"brand"}, {}), R"({"brand":{"country":"DE","name":"Acme"}})");
  EXPECT_EQ(Projected({"brand.name", "id"}, {}), R"({"brand":{"name":"Acme"},"id":"7"})");
  EXPECT_EQ(Projected({"nothing", "brand.nothing"}, {}), "{}");
}

TEST(ProjectionTest, ReachesIntoArraysOfObjects) {
  EXPECT_EQ(Projected({"variants.sku"}, {}), R"({"variants":[{"sku":"r"},{"sku":"b"}]})");
  EXPECT_EQ(Projected({"variants.color"}, {}), R"({"variants":[{"color":"red"}]})");
  EXPECT_EQ(Projected({"variants"}, {"variants.sku"}), R"({"variants":[{"color":"red"},{}]})");
}

TEST(ProjectionTest, ExcludesWhatIsNamed) {
  EXPECT_EQ(Projected({}, {"attr_*", "variants", "x.y", "brand.country"}),
            R"({"brand":{"name":"Acme"},"id":"7"})");
  EXPECT_EQ(Projected({"brand", "id"}, {"id"}), R"({"brand":{"country":"DE","name":"Acme"}})");
}

TEST(ProjectionTest, StarAtTheEndMeansEverythingThatStartsSo) {
  EXPECT_EQ(Projected({"attr_*"}, {}), R"({"attr_a":1,"attr_b":2})");
  EXPECT_EQ(Projected({"brand.*"}, {}), R"({"brand":{"country":"DE","name":"Acme"}})");
  EXPECT_EQ(Projected({"*"}, {}), kDocument);
  EXPECT_EQ(Projected({}, {"*"}), "{}");
}

TEST(ProjectionTest, KeysWithDotsAreNamedAsTheyAre) {
  EXPECT_EQ(Projected({"x.y"}, {}), R"({"x.y":3})");
  EXPECT_EQ(Projected({"x"}, {}), R"({"x.y":3})") << "what is below it, however it is kept";
  EXPECT_EQ(Projected({"x.y", "id"}, {"x"}), R"({"id":"7"})");
  EXPECT_EQ(Projected({"x.", "x.y.z"}, {}), "{}");
}

TEST(ProjectionTest, AFieldIsShownWhereDocumentsAreShownWithIt) {
  const KeyScope excluding{.include_fields = {}, .exclude_fields = {"brand", "attr_*"}};
  const KeyScope including{.include_fields = {"brand.name", "variants"}, .exclude_fields = {}};
  for (const char* name : {"brand", "brand.name", "attr_a"}) {
    EXPECT_TRUE(Shows({}, name)) << name;
    EXPECT_FALSE(Shows(excluding, name)) << name;
  }
  for (const char* name : {"brands", "bran", "variants.sku", "id"}) {
    EXPECT_TRUE(Shows(excluding, name)) << name;
  }
  for (const char* name : {"brand.name", "brand.name.short", "variants", "variants.sku"}) {
    EXPECT_TRUE(Shows(including, name)) << name;
  }
  for (const char* name : {"brand", "brand.country", "brand.names", "id"}) {
    EXPECT_FALSE(Shows(including, name)) << name;
  }
  EXPECT_EQ(*ShowDocument(std::string(kDocument), {"variants"}, excluding),
            R"({"id":"7","x.y":3})");
  EXPECT_EQ(*ShowDocument(std::string(kDocument), {}, {}), kDocument);
}

TEST(ProjectionTest, WhatIsNoDocumentIsDamage) {
  EXPECT_THAT(Project("[1]", {"a"}, {}), cacheindex::test::FailsWith(ErrorCode::kCorruption));
  EXPECT_THAT(Project("{", {}, {"a"}), cacheindex::test::FailsWith(ErrorCode::kCorruption));
}

}  // namespace
}  // namespace cacheindex::index
