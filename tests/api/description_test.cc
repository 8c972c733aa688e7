#include "api/description.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <string>

#include "api/router.h"
#include "api/search_parameters.h"
#include "tests/api/client.h"

namespace cacheindex::api::test {
namespace {

using testing::ElementsAreArray;

std::set<std::string> LabelsOfRouter() {
  std::set<std::string> labels;
  for (const Route& route : Routes()) {
    labels.emplace(route.label);
  }
  return labels;
}

TEST(DescriptionTest, DescribesEveryRouteOnceAndNothingElse) {
  std::set<std::string> labels;
  for (const RouteDescription& description : RouteDescriptions()) {
    EXPECT_TRUE(labels.emplace(description.label).second) << description.label;
  }
  EXPECT_THAT(labels, ElementsAreArray(LabelsOfRouter()));
  std::size_t operations = 0;
  const Json description = DescribeInterface();
  for (const Json& path : description["paths"]) {
    operations += path.size();
  }
  EXPECT_EQ(operations, Routes().size());
}

TEST(DescriptionTest, AllNamedSchemasExist) {
  const Json description = DescribeInterface();
  const Json& schemas = description["components"]["schemas"];
  EXPECT_GT(schemas.size(), 50U);
  const std::string text = DumpJson(description);
  const std::string start = "#/components/schemas/";
  for (std::size_t at = text.find(start); at != std::string::npos; at = text.find(start, at + 1)) {
    const std::size_t begin = at + start.size();
    const std::string name = text.substr(begin, text.find('"', begin) - begin);
    EXPECT_TRUE(schemas.contains(name)) << name;
  }
}

TEST(DescriptionTest, SearchesAskForExactlyTheDescribedParameters) {
  std::set<std::string, std::less<>> asked;
  for (const char* query :
       {"q=a&query_by=b", "q=a&query_by=b&per_page=1", "q=a&query_by=b&limit=1"}) {
    Parameters parameters = *Parameters::FromQuery(query);
    parameters.RecordInto(asked);
    ASSERT_TRUE(ReadSearchRequest(parameters, "c"));
  }
  asked.insert("preset");  // Resolved before.
  std::set<std::string> described;
  for (const ParameterDescription& parameter : ParametersOf(ParameterGroup::kSearch)) {
    EXPECT_TRUE(described.emplace(parameter.name).second) << parameter.name;
  }
  EXPECT_THAT(described, ElementsAreArray(asked));
}

TEST(DescriptionTest, IsServedToAnyone) {
  Fixture fixture;
  const Reply reply = fixture.AskRaw("GET /openapi.json HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_EQ(reply.status, 200);
  EXPECT_EQ(Json::parse(reply.body)["openapi"], "3.0.3");
}

}  // namespace
}  // namespace cacheindex::api::test
