#include "api/merchandising_parameters.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "api/search_parameters.h"
#include "api/search_response.h"
#include "tests/support/result_matchers.h"

namespace cacheindex::api {
namespace {

using cacheindex::test::FailsWith;
using cacheindex::test::Succeeds;
using testing::ElementsAre;
using testing::IsEmpty;

Result<SearchRequest> Read(std::string_view query) {
  return ReadSearchRequest(*Parameters::FromQuery(query), "products");
}

TEST(MerchandisingParametersTest, ApplyRulesAndSynonymsUnlessToldOtherwise) {
  const auto request = Read("q=*");
  ASSERT_THAT(request, Succeeds());
  EXPECT_TRUE(request->enable_curations);
  EXPECT_TRUE(request->enable_synonyms);
  EXPECT_FALSE(request->filter_curated_hits);
  EXPECT_THAT(request->pinned_hits, IsEmpty());
  EXPECT_THAT(request->hidden_hits, IsEmpty());
}

TEST(MerchandisingParametersTest, PinAndHide) {
  const auto request = Read(
      "q=*&pinned_hits=sku:7:1,%209:3&hidden_hits=4,%205&filter_curated_hits=true"
      "&synonym_sets=a,b&enable_synonyms=false");
  ASSERT_THAT(request, Succeeds());
  EXPECT_THAT(request->pinned_hits, ElementsAre(PinnedHit{"sku:7", 1}, PinnedHit{"9", 3}));
  EXPECT_THAT(request->hidden_hits, ElementsAre("4", "5"));
  EXPECT_TRUE(request->filter_curated_hits);
  EXPECT_THAT(request->synonym_sets, ElementsAre("a", "b"));
  EXPECT_FALSE(request->enable_synonyms);
}

TEST(MerchandisingParametersTest, HaveTheNamesOfBothGenerations) {
  const auto older = Read("q=*&enable_overrides=false&override_tags=x,y");
  ASSERT_THAT(older, Succeeds());
  EXPECT_FALSE(older->enable_curations);
  EXPECT_THAT(older->curation_tags, ElementsAre("x", "y"));
  const auto newer = Read(
      "q=*&enable_overrides=false&enable_curations=true&override_tags=x&curation_tags=z"
      "&curation_sets=c");
  ASSERT_THAT(newer, Succeeds());
  EXPECT_TRUE(newer->enable_curations);
  EXPECT_THAT(newer->curation_tags, ElementsAre("z"));
  EXPECT_THAT(newer->curation_sets, ElementsAre("c"));
}

TEST(MerchandisingParametersTest, RefuseAPinWithoutAPlace) {
  for (const std::string_view pin : {"7", "7:", "7:0", "7:x", ":1", "7:-1"}) {
    EXPECT_THAT(Read("q=*&pinned_hits=" + std::string(pin)), FailsWith(ErrorCode::kInvalidArgument))
        << pin;
  }
}

TEST(MerchandisingParametersTest, AnswersSayWhatACuratorDid) {
  SearchRequest request;
  request.query = "cheap shoe";
  SearchPage page;
  page.query = "shoe";
  page.metadata = R"({"banner":"sale"})";
  page.hits.resize(1);
  page.hits[0].document = R"({"id":"1"})";
  page.hits[0].is_curated = true;
  std::string text;
  AppendSearchPage(text, request, page);
  const Json answer = Json::parse(text);
  EXPECT_EQ(answer.dump(), text) << "keys sorted";
  EXPECT_EQ(answer["request_params"]["q"], "shoe");
  EXPECT_EQ(answer["request_params"]["first_q"], "cheap shoe");
  EXPECT_EQ(answer["metadata"]["banner"], "sale");
  EXPECT_EQ(answer["hits"][0]["curated"], true);
  EXPECT_FALSE(answer["hits"][0].contains("text_match"));
}

}  // namespace
}  // namespace cacheindex::api
