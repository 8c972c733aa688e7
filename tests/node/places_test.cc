// Map views, and areas that contain a point, as widgets and pages ask for them.

#include <gmock/gmock.h>

#include <string>
#include <vector>

#include "tests/node/running_node.h"

namespace cacheindex::test {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
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

TEST_F(PlacesTest, AreasAreFoundByThePointsInThem) {
  node_.Get("POST", "/collections", R"({"name":"places","fields":[
      {"name":"name","type":"string"},{"name":"area","type":"geopolygon","optional":true}]})");
  EXPECT_EQ(node_.Get("GET", "/collections/places")["fields"][1]["type"], "geopolygon");
  EXPECT_EQ(node_.Get("GET", "/collections/places")["fields"][1]["sort"], false);
  Write(R"({"id":"square","name":"a","area":[0.0,0.0,1.0,0.0,1.0,1.0,0.0,1.0]})");
  Write(R"({"id":"larger","name":"b","area":[0,0,2,0,2,2,0,2,0,0]})");
  Write(R"({"id":"none","name":"c"})");
  EXPECT_THAT(Find("area:(0.5, 0.5)"), UnorderedElementsAre("square", "larger"));
  EXPECT_THAT(Find("area:(1.5, 1.5)"), UnorderedElementsAre("larger"));
  EXPECT_THAT(Find("area:!=(1.5, 1.5)"), UnorderedElementsAre("square", "none"));
  EXPECT_THAT(Find("area:(1.5, 1.5) && name:b"), UnorderedElementsAre("larger"));
  EXPECT_THAT(Find("area:(3, 3)"), IsEmpty());
  node_.Get("PATCH", "/collections/places/documents/square", R"({"area":[5,5,5,6,6,5]})");
  EXPECT_THAT(Find("area:(5.2, 5.2)"), UnorderedElementsAre("square"));
  EXPECT_THAT(Find("area:(0.5, 0.5)"), UnorderedElementsAre("larger"));
  node_.Get("DELETE", "/collections/places/documents/larger");
  EXPECT_THAT(Find("area:(0.5, 0.5)"), IsEmpty());

  const auto refusal = [&](const std::string& area) {
    return MessageOf("POST", "/collections/places/documents",
                     R"({"id":"x","name":"x","area":)" + area + "}");
  };
  for (const char* area : {"\"0,0,1,0,1,1\"", "[0,0,1,0,1]", "[[0,0],[1,0],[1,1]]",
                           "[0,0,1,\"0\",1,1]", "{}", "true"}) {
    EXPECT_THAT(refusal(area), HasSubstr("Field `area` must be a geopolygon: a flat list"));
  }
  EXPECT_THAT(refusal("[0,0,1,0]"), HasSubstr("3 to 1000 corners"));
  EXPECT_THAT(refusal("[]"), HasSubstr("geopolygon"));
  EXPECT_THAT(refusal("[0,0,91,0,1,1]"), HasSubstr("latitudes within 90"));
  EXPECT_THAT(refusal("[0,0,1,361,1,1]"), HasSubstr("longitudes within 360"));
  EXPECT_THAT(refusal("[0,0,1,1,0,1,1,0]"), HasSubstr("do not cross"));
  EXPECT_THAT(refusal("[80,0,80,120,-80,0,-80,-120]"), HasSubstr("half of the earth"));
  std::string many = "[0,0";
  for (int i = 0; i < 1'000; ++i) {
    many += ",1," + std::to_string(i * 0.01);
  }
  EXPECT_THAT(refusal(many + "]"), HasSubstr("3 to 1000 corners"));
}

TEST_F(PlacesTest, AreasAreNeitherCountedNorSortedNorGrouped) {
  node_.Get("POST", "/collections",
            R"({"name":"places","fields":[{"name":"area","type":"geopolygon"}]})");
  for (const char* flag : {"facet", "sort"}) {
    EXPECT_THAT(MessageOf("POST", "/collections",
                          R"({"name":"other","fields":[{"name":"area","type":"geopolygon",")" +
                              std::string(flag) + R"(":true}]})"),
                HasSubstr("`area` is a geopolygon"));
  }
  const std::string search = "/collections/places/documents/search?q=*&";
  EXPECT_THAT(MessageOf("GET", search + "sort_by=area:asc", ""),
              HasSubstr("`area`: it is a geopolygon"));
  EXPECT_THAT(MessageOf("GET", search + "group_by=area", ""), HasSubstr("`area`"));
  EXPECT_THAT(MessageOf("GET", search + "filter_by=area:(1,2,3%20km)", ""),
              HasSubstr("needs the form `(latitude, longitude)`"));
  EXPECT_THAT(MessageOf("GET", search + "filter_by=area:>(1,2)", ""), HasSubstr("`area`"));
  EXPECT_EQ(node_.Ask("GET", search + "facet_by=area").status, 404);
}

TEST_F(PlacesTest, StoredAreasAreFoundOnceTheirFieldIsDeclared) {
  node_.Get("POST", "/collections", R"({"name":"places","fields":[{"name":"n","type":"int32"}]})");
  Write(R"({"id":"a","n":1,"area":[0,0,1,0,1,1,0,1]})");
  node_.Get("PATCH", "/collections/places",
            R"({"fields":[{"name":"area","type":"geopolygon","optional":true}]})");
  EXPECT_THAT(Find("area:(0.5, 0.5)"), UnorderedElementsAre("a"));
}

}  // namespace
}  // namespace cacheindex::test
