// Map views, as widgets ask for them.

#include <gmock/gmock.h>

#include <string>
#include <vector>

#include "tests/node/running_node.h"

namespace cacheindex::test {
namespace {

using testing::HasSubstr;
using testing::UnorderedElementsAre;

class PlacesTest : public testing::Test {
 protected:
  std::vector<std::string> Find(const std::string& filter) {
    const Json answer = node_.Search("places", {{"q", "*"}, {"filter_by", filter}});
    std::vector<std::string> ids;
    for (const Json& hit : answer["hits"]) {
      ids.push_back(hit["document"]["id"].get<std::string>());
    }
    return ids;
  }
  std::string MessageOf(const std::string& method, const std::string& target,
                        const std::string& body) {
    const HttpReply reply = node_.Ask(method, target, body);
    EXPECT_EQ(reply.status, 400) << body;
    return Json::parse(reply.body).value("message", "");
  }
  void Write(const std::string& document) {
    node_.Get("POST", "/collections/places/documents?action=upsert", document);
  }

  RunningNode node_;
};

TEST_F(PlacesTest, MapsShowWhatIsVisible) {
  node_.Get("POST", "/collections",
            R"({"name":"places","fields":[{"name":"at","type":"geopoint"}]})");
  for (const char* place :
       {R"({"id":"fiji","at":[-18.1,178.4]})", R"({"id":"samoa","at":[-13.8,-171.8]})",
        R"({"id":"seattle","at":[47.6,-122.3]})", R"({"id":"miami","at":[25.8,-80.2]})",
        R"({"id":"calgary","at":[51.0,-114.1]})", R"({"id":"oslo","at":[59.9,10.7]})",
        R"({"id":"pole","at":[90,0]})"}) {
    Write(place);
  }
  const auto view = [&](double north, double east, double south, double west) {
    const auto corner = [](double latitude, double longitude) {
      return std::to_string(latitude) + ", " + std::to_string(longitude);
    };
    return Find("at:(" + corner(north, east) + ", " + corner(north, west) + ", " +
                corner(south, west) + ", " + corner(south, east) + ")");
  };
  EXPECT_EQ(view(90, 180, -90, -180).size(), 7U);
  EXPECT_EQ(view(85, 540, -85, -540).size(), 6U);
  EXPECT_THAT(view(70, 170, -60, -170),
              UnorderedElementsAre("seattle", "miami", "calgary", "oslo"));
  EXPECT_THAT(view(49, -66, 25, -125), UnorderedElementsAre("seattle", "miami"));
  EXPECT_THAT(view(65, 0, 20, -130), UnorderedElementsAre("seattle", "miami", "calgary"));
  EXPECT_THAT(view(0, 200, -30, 170), UnorderedElementsAre("fiji", "samoa"));
  EXPECT_THAT(view(0, -160, -30, 170), UnorderedElementsAre("fiji", "samoa"));
  EXPECT_THAT(view(0, -160, -30, -190), UnorderedElementsAre("fiji", "samoa"));
  EXPECT_THAT(view(60, 372, 59, 370), UnorderedElementsAre("oslo"));
  EXPECT_THAT(Find("at:(-18, 538, 100 km)"), UnorderedElementsAre("fiji"));
  EXPECT_THAT(
      MessageOf("GET", "/collections/places/documents/search?q=*&filter_by=at:(91,0,91,1,0,1,0,0)",
                ""),
      HasSubstr("a latitude beyond 90 degrees"));
}

}  // namespace
}  // namespace cacheindex::test
