#include "index/group/document_groups.h"

#include <gmock/gmock.h>

#include <string>
#include <vector>

#include "index/facet/facets.h"
#include "index/sort/sort_order.h"
#include "tests/index/columns/test_collection.h"
#include "tests/support/result_matchers.h"

namespace cacheindex::index::test {
namespace {

using cacheindex::test::FailsWith;
using testing::ElementsAre;

const char* const kSchema = R"({"name": "shop", "enable_nested_fields": true, "fields": [
  {"name": "brand", "type": "string", "facet": true, "sort": true, "optional": true},
  {"name": "colors", "type": "string[]", "facet": true, "optional": true},
  {"name": "size", "type": "int32", "facet": true, "optional": true},
  {"name": "price", "type": "float", "optional": true},
  {"name": "title", "type": "string", "optional": true},
  {"name": "maker", "type": "object", "optional": true},
  {"name": "maker.name", "type": "string", "facet": true, "optional": true}]})";

class DocumentGroupsTest : public testing::Test {
 protected:
  DocumentGroupsTest() : shop_(Json::parse(kSchema)) {
    shop_.Write({
        Json::parse(R"({"id": "1", "brand": "A", "size": 1, "price": 9, "colors": ["red"]})"),
        Json::parse(R"({"id": "2", "brand": "B", "size": 1, "price": 8, "colors": ["red", "blue"],
                        "maker": {"name": "M", "country": "NL"}})"),
        Json::parse(R"({"id": "3", "brand": "A", "size": 2, "price": 7, "colors": ["blue"]})"),
        Json::parse(R"({"id": "4", "price": 6})"),
        Json::parse(R"({"id": "5", "brand": "A", "size": 1, "price": 5, "colors": ["red"]})"),
        Json::parse(R"({"id": "6", "price": 4})"),
        Json::parse(R"({"id": "7", "brand": "C", "price": 3, "colors": ["blue", "red"]})"),
    });
  }

  struct Asked {
    std::vector<std::string> group_by;
    std::string sort_by;
    std::size_t groups_max = 10;
    std::size_t group_limit = 10;
    bool are_missing_together = true;
  };

  // Writes the groups as `key: ids`.
  std::vector<std::string> Group(const Asked& asked) {
    const auto reader = shop_.Read();
    SearchContext& context = *reader.context;
    const auto fields = ParseGroupFields(asked.group_by, *reader.schema);
    const auto order = SortOrder::Parse(asked.sort_by, *reader.schema, false);
    const auto all = context.AllDocuments();
    if (!fields || !order || !all) {
      return {"mistake"};
    }
    const auto groups = DocumentGroups::Create(
        context, *all, {.fields = *fields, .are_missing_together = asked.are_missing_together});
    const auto top = order->TopGroups(
        context, *all, {.scores = nullptr, .groups = &*groups},
        {.groups_max = asked.groups_max, .documents_per_group = asked.group_limit});
    std::vector<std::string> shown;
    for (const RankedGroup& group : *top) {
      std::string text = *GroupKey(context, *fields, group.documents.front()) + ":";
      for (const std::string& id : IdsOf(reader, group.documents)) {
        text += " " + id;
      }
      if (group.documents.size() < groups->Size(group.group)) {
        text += " of " + std::to_string(groups->Size(group.group));
      }
      shown.push_back(std::move(text));
    }
    return shown;
  }

  TestCollection shop_;
};

TEST_F(DocumentGroupsTest, GroupsAndTheirDocumentsStandInTheAskedOrder) {
  EXPECT_THAT(Group({.group_by = {"brand"}, .sort_by = "price:asc"}),
              ElementsAre(R"(["C"]: 7)", R"([]: 6 4)", R"(["A"]: 5 3 1)", R"(["B"]: 2)"));
  EXPECT_THAT(Group({.group_by = {"brand"}, .sort_by = "price:desc"}),
              ElementsAre(R"(["A"]: 1 3 5)", R"(["B"]: 2)", R"([]: 4 6)", R"(["C"]: 7)"));
  EXPECT_THAT(Group({.group_by = {"brand"}, .sort_by = ""}),
              ElementsAre(R"(["C"]: 7)", R"([]: 6 4)", R"(["A"]: 5 3 1)", R"(["B"]: 2)"))
      << "newest first when nothing else is asked";
  EXPECT_THAT(Group({.group_by = {"brand"}, .sort_by = "brand:asc"}),
              ElementsAre(R"(["A"]: 5 3 1)", R"(["B"]: 2)", R"(["C"]: 7)", R"([]: 6 4)"));
}

TEST_F(DocumentGroupsTest, OnlyTheBestGroupsAndDocumentsAreShown) {
  EXPECT_THAT(
      Group({.group_by = {"brand"}, .sort_by = "price:desc", .groups_max = 2, .group_limit = 1}),
      ElementsAre(R"(["A"]: 1 of 3)", R"(["B"]: 2)"));
}

TEST_F(DocumentGroupsTest, SeveralFieldsMakeOneKey) {
  EXPECT_THAT(Group({.group_by = {"brand", "size"}, .sort_by = "price:desc"}),
              ElementsAre(R"(["A",1]: 1 5)", R"(["B",1]: 2)", R"(["A",2]: 3)", R"([]: 4 6)",
                          R"(["C"]: 7)"));
}

TEST_F(DocumentGroupsTest, AllValuesOfAnArrayAreOneKey) {
  EXPECT_THAT(Group({.group_by = {"colors"}, .sort_by = "price:desc"}),
              ElementsAre(R"([["red"]]: 1 5)", R"([["red","blue"]]: 2)", R"([["blue"]]: 3)",
                          R"([]: 4 6)", R"([["blue","red"]]: 7)"));
}

TEST_F(DocumentGroupsTest, DocumentsWithoutAValueCanStandAlone) {
  EXPECT_THAT(Group({.group_by = {"brand"}, .sort_by = "price:asc", .are_missing_together = false}),
              ElementsAre(R"(["C"]: 7)", R"([]: 6)", R"(["A"]: 5 3 1)", R"([]: 4)", R"(["B"]: 2)"));
}

TEST_F(DocumentGroupsTest, TheLargestGroupsCanComeFirst) {
  EXPECT_THAT(Group({.group_by = {"brand"}, .sort_by = "_group_found:desc, price:desc"}),
              ElementsAre(R"(["A"]: 1 3 5)", R"([]: 4 6)", R"(["B"]: 2)", R"(["C"]: 7)"));
}

TEST_F(DocumentGroupsTest, FieldsWithoutCountableValuesAreRefused) {
  const auto reader = shop_.Read();
  EXPECT_THAT(ParseGroupFields({"title"}, *reader.schema), FailsWith(ErrorCode::kInvalidArgument));
  EXPECT_THAT(ParseGroupFields({"maker"}, *reader.schema), FailsWith(ErrorCode::kInvalidArgument));
  EXPECT_THAT(ParseGroupFields({"color"}, *reader.schema), FailsWith(ErrorCode::kNotFound));
}

TEST_F(DocumentGroupsTest, FacetsCountGroups) {
  const auto reader = shop_.Read();
  SearchContext& context = *reader.context;
  const auto fields = ParseGroupFields({"brand"}, *reader.schema);
  const auto all = context.AllDocuments();
  ASSERT_TRUE(fields && all);
  const auto groups =
      DocumentGroups::Create(context, *all, {.fields = *fields, .are_missing_together = true});
  ASSERT_TRUE(groups);
  SearchRequest request;
  const auto count = [&](const std::string& facet_by) {
    request.facet_by = facet_by;
    return Show(FacetPlan::Parse(request, *reader.schema)->Count(context, *all, &*groups)->front());
  };
  EXPECT_EQ(count("colors"), "red:3 blue:3");
  EXPECT_EQ(count("size"), "1:2 2:1");
  EXPECT_EQ(count("brand"), "C:1 B:1 A:1");
  EXPECT_EQ(count("size(small:[0,2],all:[0,])"), "all:2 small:2");
}

TEST_F(DocumentGroupsTest, FacetsShowTheParentOfAValue) {
  SearchRequest request;
  request.facet_by = "maker.name,brand";
  request.facet_return_parent = {"maker.*"};
  const auto counts = Counted(shop_, request);
  ASSERT_TRUE(counts);
  EXPECT_EQ((*counts)[0].counts[0].parent, R"({"country":"NL","name":"M"})");
  EXPECT_EQ((*counts)[1].counts[0].parent, "");
}

}  // namespace
}  // namespace cacheindex::index::test
