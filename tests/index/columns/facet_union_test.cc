#include "index/facet/facet_union.h"

#include <gmock/gmock.h>

#include <string>
#include <vector>

#include "index/filter/filter.h"
#include "tests/index/columns/test_collection.h"
#include "tests/support/result_matchers.h"

namespace cacheindex::index::test {
namespace {

using cacheindex::test::Succeeds;
using testing::ElementsAre;

const char* const kSchema = R"({"name": "shop", "enable_nested_fields": true, "fields": [
  {"name": "brand", "type": "string", "facet": true, "optional": true},
  {"name": "price", "type": "int32", "facet": true, "optional": true},
  {"name": "rank", "type": "int32", "optional": true},
  {"name": "tags", "type": "object[]", "optional": true},
  {"name": "tags.id", "type": "string[]", "facet": true, "optional": true}]})";

// Two collections: in the second, values have other ordinals and documents other numbers.
class FacetUnionTest : public testing::Test {
 protected:
  FacetUnionTest() : shoes_(Json::parse(kSchema)), bags_(Json::parse(kSchema)) {
    shoes_.Write({
        Json::parse(R"({"id": "1", "brand": "Acme", "price": 10, "rank": 1,
                        "tags": [{"id": "x", "label": "shoe 1"}]})"),
        Json::parse(R"({"id": "2", "brand": "Acme", "price": 20, "rank": 9})"),
        Json::parse(R"({"id": "3", "brand": "Bell", "price": 30, "rank": 2})"),
    });
    bags_.Write({
        Json::parse(R"({"id": "3", "brand": "Tote", "price": 5, "rank": 5})"),
        Json::parse(R"({"id": "2", "brand": "Bell", "price": 40, "rank": 3,
                        "tags": [{"id": "y", "label": "bag 2"}]})"),
        Json::parse(R"({"id": "1", "brand": "Bell", "rank": 8,
                        "tags": [{"id": "x", "label": "bag 1"}]})"),
    });
    shoes_reader_ = shoes_.Read();
    bags_reader_ = bags_.Read();
  }

  struct Search {
    const TestCollection::Reader* reader;
    std::string filter_by;
    std::string facet_by;
    std::string facet_query{};
    std::uint32_t max_facet_values = 10;
    std::vector<std::uint32_t> group_of{};
  };

  std::vector<FacetCounts> Count(const std::vector<Search>& searches,
                                 bool counts_duplicates = false) {
    std::vector<FacetPlan> plans;
    std::vector<DocumentSet> found;
    for (const Search& search : searches) {
      SearchRequest request;
      request.facet_by = search.facet_by;
      request.facet_query = search.facet_query;
      request.max_facet_values = search.max_facet_values;
      request.facet_return_parent = {"*"};
      plans.push_back(*FacetPlan::Parse(request, *search.reader->schema));
      SearchContext& context = *search.reader->context;
      found.push_back(*Filter::Parse(search.filter_by, *search.reader->schema, {})
                           ->Evaluate(context, *context.AllDocuments()));
    }
    std::vector<FacetedSearch> faceted;
    for (std::size_t i = 0; i < searches.size(); ++i) {
      faceted.push_back({.context = searches[i].reader->context.get(),
                         .plan = &plans[i],
                         .found = &found[i],
                         .group_of = searches[i].group_of});
    }
    auto counts = CountUnited(faceted, counts_duplicates);
    EXPECT_THAT(counts, Succeeds());
    return counts ? *std::move(counts) : std::vector<FacetCounts>();
  }

  TestCollection shoes_;
  TestCollection bags_;
  TestCollection::Reader shoes_reader_;
  TestCollection::Reader bags_reader_;
};

TEST_F(FacetUnionTest, CountsOfTheSameTextAreAddedAndOrderedAsThoseOfOneSearch) {
  const auto counts = Count({{&shoes_reader_, "", "brand,price"}, {&bags_reader_, "", "brand"}});
  ASSERT_EQ(counts.size(), 2U);
  EXPECT_EQ(Show(counts[0]), "Bell:3 Acme:2 Tote:1");
  EXPECT_EQ(counts[0].total_values, 3U);
  EXPECT_EQ(Show(counts[1]), "30:1 20:1 10:1") << "only one search asks for it";
  EXPECT_EQ(counts[1].statistics->sum, 60);
}

TEST_F(FacetUnionTest, StatisticsAndCutsAreThoseOfAll) {
  const auto counts =
      Count({{&shoes_reader_, "", "price", "", 1}, {&bags_reader_, "", "price", "", 2}});
  EXPECT_EQ(Show(counts[0]), "5:1 40:1");
  EXPECT_EQ(counts[0].total_values, 5U);
  EXPECT_EQ(counts[0].statistics->minimum, 5);
  EXPECT_EQ(counts[0].statistics->maximum, 40);
  EXPECT_EQ(counts[0].statistics->average, 21);
}

TEST_F(FacetUnionTest, ADocumentOfSeveralSearchesCountsOnceUnlessDuplicatesAreShown) {
  const std::vector<Search> searches = {{&shoes_reader_, "price:<25", "brand,price"},
                                        {&shoes_reader_, "price:>15", "brand,price"}};
  auto counts = Count(searches);
  EXPECT_EQ(Show(counts[0]), "Acme:2 Bell:1");
  EXPECT_EQ(counts[1].statistics->sum, 60);
  counts = Count(searches, /*counts_duplicates=*/true);
  EXPECT_EQ(Show(counts[0]), "Acme:3 Bell:1");
  EXPECT_EQ(counts[1].statistics->sum, 80);
}

TEST_F(FacetUnionTest, OrdersAndRangesHoldAcrossCollections) {
  const auto by_rank = Count({{&shoes_reader_, "", "brand(sort_by:rank:desc)"},
                              {&bags_reader_, "", "brand(sort_by: rank:desc)"}});
  EXPECT_EQ(Show(by_rank[0]), "Acme:2 Bell:3 Tote:1");
  const auto by_alphabet = Count({{&shoes_reader_, "", "brand(sort_by:_alpha:desc)"},
                                  {&bags_reader_, "", "brand(sort_by:_alpha:desc)"}});
  EXPECT_EQ(Show(by_alphabet[0]), "Tote:1 Bell:3 Acme:2");
  const auto ranges = Count({{&shoes_reader_, "", "price(low:[,20],high:[20,])"},
                             {&bags_reader_, "", "price(low:[,20],high:[20,])"}});
  EXPECT_EQ(Show(ranges[0]), "high:3 low:2");
}

TEST_F(FacetUnionTest, QueriesForgiveTyposOnlyWhenNoSearchMatchesWithout) {
  const auto exact = Count({{&shoes_reader_, "brand:Acme", "brand", "brand:bell"},
                            {&bags_reader_, "", "brand", "brand:bell"}});
  EXPECT_EQ(Show(exact[0]), "Bell:2");
  const auto typo = Count(
      {{&shoes_reader_, "", "brand", "brand:totee"}, {&bags_reader_, "", "brand", "brand:totee"}});
  EXPECT_EQ(Show(typo[0]), "Tote:1");
  EXPECT_EQ(typo[0].counts[0].highlighted, "<mark>Tote</mark>");
}

TEST_F(FacetUnionTest, ParentsAreOfTheFirstSearchThatHasOne) {
  const auto counts = Count({{&shoes_reader_, "", "tags.id"}, {&bags_reader_, "", "tags.id"}});
  ASSERT_EQ(Show(counts[0]), "x:2 y:1");
  EXPECT_EQ(counts[0].counts[0].parent, R"({"id":"x","label":"shoe 1"})");
  EXPECT_EQ(counts[0].counts[1].parent, R"({"id":"y","label":"bag 2"})");
}

TEST_F(FacetUnionTest, AGroupCountsOnceWhateverCollectionsItsDocumentsAreOf) {
  // By document number, from 1 on.
  const std::vector<std::uint32_t> shoes = {0, 7, 7, 8};
  const std::vector<std::uint32_t> bags = {0, 9, 8, 7};
  const auto counts =
      Count({{&shoes_reader_, "", "brand,price(low:[,20],high:[20,])", "", 10, shoes},
             {&bags_reader_, "", "brand,price(low:[,20],high:[20,])", "", 10, bags}});
  EXPECT_EQ(Show(counts[0]), "Bell:2 Tote:1 Acme:1");
  EXPECT_EQ(Show(counts[1]), "low:2 high:2");
}

TEST_F(FacetUnionTest, FieldsThatAreCountedInDifferentWaysAreNamed) {
  const auto plan = [&](const std::string& facet_by, const std::string& facet_query = "") {
    SearchRequest request;
    request.facet_by = facet_by;
    request.facet_query = facet_query;
    return *FacetPlan::Parse(request, *shoes_reader_.schema);
  };
  EXPECT_EQ(FindFacetConflict(plan("brand,price"), plan("price,brand")), "");
  EXPECT_EQ(FindFacetConflict(plan("brand"), plan("price(a:[1,2])")), "");
  EXPECT_EQ(FindFacetConflict(plan("price"), plan("brand,price(a:[1,2])")), "price");
  EXPECT_EQ(FindFacetConflict(plan("price(a:[1,3])"), plan("price(a:[1,2])")), "price");
  EXPECT_EQ(FindFacetConflict(plan("brand(sort_by:_alpha:asc)"), plan("brand")), "brand");
  EXPECT_EQ(FindFacetConflict(plan("brand", "brand:x"), plan("brand", "brand:y")), "brand");
}

}  // namespace
}  // namespace cacheindex::index::test
