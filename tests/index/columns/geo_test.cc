#include <gmock/gmock.h>

#include <cmath>
#include <numbers>
#include <random>
#include <string>
#include <vector>

#include "index/encoding/column_value.h"
#include "index/geo/geo_region.h"
#include "index/sort/sort_order.h"
#include "tests/index/columns/test_collection.h"
#include "tests/support/result_matchers.h"

namespace cacheindex::index::test {
namespace {

using cacheindex::test::FailsWith;
using cacheindex::test::Succeeds;
using testing::ElementsAre;
using testing::IsEmpty;

constexpr GeoPoint kParis{48.8566, 2.3522};
constexpr GeoPoint kLondon{51.5074, -0.1278};

TEST(GeoRegionTest, DistancesAreThoseOfTheSphere) {
  EXPECT_NEAR(DistanceMeters(kParis, kLondon), 343'556, 100);
  EXPECT_EQ(DistanceMeters(kParis, kParis), 0);
  const double half = kEarthRadiusMeters * std::numbers::pi;
  EXPECT_NEAR(DistanceMeters({0, 0}, {0, 180}), half, 1);
  EXPECT_NEAR(DistanceMeters({90, 0}, {-90, 77}), half, 1);
  EXPECT_NEAR(DistanceMeters({0, 179.9}, {0, -179.9}), half / 900, 1) << "over the date line";
}

TEST(GeoRegionTest, ColumnsKeepPlacesToAMillionthOfADegree) {
  for (const GeoPoint& point : {kParis, kLondon, GeoPoint{-90, -180}, GeoPoint{90, 180}}) {
    const GeoPoint decoded = DecodeGeopoint(EncodeGeopoint(point.latitude, point.longitude));
    EXPECT_NEAR(decoded.latitude, point.latitude, 5e-7);
    EXPECT_NEAR(decoded.longitude, point.longitude, 5e-7);
  }
}

TEST(GeoRegionTest, EdgesOfPolygonsAreShortestWays) {
  // Between two places on the 60th parallel the shortest way runs further north.
  const auto box = GeoPolygon::Create({{60, -40}, {60, 40}, {40, 40}, {40, -40}});
  ASSERT_TRUE(box);
  EXPECT_TRUE(box->Contains({65, 0}));
  EXPECT_FALSE(box->Contains({68, 0}));
  EXPECT_FALSE(box->Contains({41, 0})) << "the southern edge bends north, too";
  EXPECT_TRUE(box->Contains({50, 0}));
  EXPECT_FALSE(box->Contains({-50, 180})) << "the antipode";
}

TEST(GeoRegionTest, PolygonsLieOverTheDateLineAndThePoles) {
  const auto date_line = GeoPolygon::Create({{10, 170}, {10, -170}, {-10, -170}, {-10, 170}});
  ASSERT_TRUE(date_line);
  EXPECT_TRUE(date_line->Contains({0, 179}));
  EXPECT_TRUE(date_line->Contains({0, -179}));
  EXPECT_FALSE(date_line->Contains({0, 160}));
  const auto pole = GeoPolygon::Create({{80, 0}, {80, 90}, {80, 180}, {80, -90}});
  ASSERT_TRUE(pole);
  EXPECT_TRUE(pole->Contains({90, 0}));
  EXPECT_TRUE(pole->Contains({85, 45}));
  EXPECT_FALSE(pole->Contains({79, 0}));
}

TEST(GeoRegionTest, TheOrderOfCornersDoesNotMatter) {
  const auto one = GeoPolygon::Create({{0, 0}, {0, 10}, {10, 5}});
  const auto other = GeoPolygon::Create({{10, 5}, {0, 10}, {0, 0}});
  ASSERT_TRUE(one && other);
  for (const GeoPoint& point : {GeoPoint{3, 5}, GeoPoint{9, 1}, GeoPoint{-1, 5}}) {
    EXPECT_EQ(one->Contains(point), other->Contains(point));
  }
}

// A point is inside when the corners, seen from it, turn around it once: what a bearing says, and
// nothing of what the polygon computes.
double Bearing(const GeoPoint& from, const GeoPoint& to) {
  constexpr double kRadians = std::numbers::pi / 180;
  const double a = from.latitude * kRadians;
  const double b = to.latitude * kRadians;
  const double turn = (to.longitude - from.longitude) * kRadians;
  return std::atan2(std::sin(turn) * std::cos(b),
                    std::cos(a) * std::sin(b) - std::sin(a) * std::cos(b) * std::cos(turn));
}

bool TurnsAround(const GeoPoint& point, const std::vector<GeoPoint>& corners) {
  double turned = 0;
  for (std::size_t i = 0; i < corners.size(); ++i) {
    const double step =
        Bearing(point, corners[(i + 1) % corners.size()]) - Bearing(point, corners[i]);
    turned += std::remainder(step, 2 * std::numbers::pi);
  }
  return std::fabs(turned) > std::numbers::pi;
}

TEST(GeoRegionTest, RandomPolygonsContainWhatTheyTurnAround) {
  const auto seed = std::random_device()();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random(seed);
  std::uniform_real_distribution<double> offset(-30, 30);
  std::uniform_real_distribution<double> anywhere(-40, 40);
  int inside = 0;
  for (int round = 0; round < 200; ++round) {
    const GeoPoint middle{offset(random), offset(random) * 5};
    std::vector<GeoPoint> corners;
    for (int i = 0; i < 3; ++i) {
      corners.push_back({middle.latitude + offset(random), middle.longitude + offset(random)});
    }
    const auto polygon = GeoPolygon::Create(corners);
    ASSERT_TRUE(polygon);
    for (int i = 0; i < 50; ++i) {
      const GeoPoint point{middle.latitude + anywhere(random), middle.longitude + anywhere(random)};
      const bool is_inside = polygon->Contains(point);
      inside += is_inside ? 1 : 0;
      EXPECT_EQ(is_inside, TurnsAround(point, corners))
          << point.latitude << ", " << point.longitude;
    }
  }
  EXPECT_GT(inside, 100);
}

TEST(GeoRegionTest, EdgesAndCornersOfPolygonsAreInside) {
  const auto triangle = GeoPolygon::Create({{0, 0}, {0, 10}, {10, 5}});
  ASSERT_TRUE(triangle);
  for (const GeoPoint& point : {GeoPoint{0, 0}, GeoPoint{0, 10}, GeoPoint{10, 5}, GeoPoint{0, 5}}) {
    EXPECT_TRUE(triangle->Contains(point)) << point.latitude << ", " << point.longitude;
  }
  EXPECT_FALSE(triangle->Contains({-0.00001, 5}));
  EXPECT_FALSE(triangle->Contains({0, 10.00001}));
}

TEST(GeoRegionTest, CirclesLieOverPolesAndTheDateLineAndReachTheirEdge) {
  const GeoCircle pole({90, 17}, 200'000);
  EXPECT_TRUE(pole.Contains({88.5, -160}));
  EXPECT_FALSE(pole.Contains({88, -160}));
  const GeoCircle over_pole({89, 0}, 200'000);
  EXPECT_TRUE(over_pole.Contains({89.5, 180}));
  const GeoCircle date_line({0, 179.5}, 100'000);
  EXPECT_TRUE(date_line.Contains({0, -179.7}));
  EXPECT_FALSE(date_line.Contains({0, 178}));
  EXPECT_TRUE(GeoCircle({0, -180.5}, 100'000).Contains({0, 179.5})) << "a panned map";
  EXPECT_TRUE(GeoCircle({48.8584, 2.2945}, 0).Contains({48.8584, 2.2945}));
  const double distance = DistanceMeters(kParis, kLondon);
  EXPECT_TRUE(GeoCircle(kParis, distance).Contains(kLondon));
}

struct View {
  double north;
  double east;
  double south;
  double west;
};

// As the adapter of widgets writes what a map shows.
std::vector<GeoPoint> CornersOf(const View& view) {
  return {{view.north, view.east},
          {view.north, view.west},
          {view.south, view.west},
          {view.south, view.east}};
}

TEST(GeoRectangleTest, MapsShowWhatTheirEdgesEnclose) {
  struct Sample {
    View view;
    std::vector<GeoPoint> inside;
    std::vector<GeoPoint> outside;
  };
  const std::vector<Sample> samples = {
      {{90, 180, -90, -180}, {{0, 0}, {90, 0}, {-90, 5}, {10, 180}, {10, -180}}, {}},
      {{85, 360, -85, -360}, {{0, 0}, {84, 179}}, {{86, 0}}},
      {{60, 170, -60, -170}, {{0, 0}, {0, 169}, {0, -170}}, {{0, 175}, {0, 180}, {61, 0}}},
      {{50, 60, 10, -60}, {{30, 0}, {10, 0}, {50, 59.9}}, {{52, 0}, {9.9, 0}, {30, 61}}},
      {{49, -66, 25, -125}, {{25.1, -95}, {48.9, -95}}, {{49.5, -95}, {24.9, -125}}},
      {{10, 190, -10, 170}, {{0, 180}, {0, -175}, {0, 170}}, {{0, 169}, {0, -169}, {0, 0}}},
      {{10, -170, -10, 170}, {{0, 180}, {0, -175}, {0, 175}}, {{0, 169}, {0, -169}, {0, 0}}},
      {{10, -170, -10, -190}, {{0, 180}, {0, -175}, {0, 175}}, {{0, 169}, {0, -169}, {0, 0}}},
      {{50, 370, 40, 362}, {{45, 5}}, {{45, 1}, {45, 11}}},
      {{50, -1075, 40, -1085}, {{45, 0}}, {{45, 6}}},
      {{50, 530, 40, 190}, {{45, -170}, {45, 0}, {45, 170}}, {{45, 175}, {45, -175}}},
      {{90, 20, 80, 10}, {{85, 15}, {90, -100}}, {{85, 5}, {79, 15}}},
      {{0, 0, -0.0, -0.0}, {{0, 0}, {-0.0, 0}}, {{0.001, 0}, {0, 0.001}}},
      {{10, 20, 10, 5}, {{10, 7}}, {{10.001, 7}, {10, 21}}},
  };
  for (const Sample& sample : samples) {
    const auto region = RegionWithin(CornersOf(sample.view));
    ASSERT_THAT(region, Succeeds()) << sample.view.east << " to " << sample.view.west;
    for (const GeoPoint& point : sample.inside) {
      EXPECT_TRUE(Contains(*region, point)) << point.latitude << ", " << point.longitude << " in "
                                            << sample.view.west << " to " << sample.view.east;
    }
    for (const GeoPoint& point : sample.outside) {
      EXPECT_FALSE(Contains(*region, point)) << point.latitude << ", " << point.longitude << " in "
                                             << sample.view.west << " to " << sample.view.east;
    }
  }
}

TEST(GeoRectangleTest, ItsCornersMayBeWrittenInManyWays) {
  const std::vector<GeoPoint> corners = CornersOf({50, 60, 10, -60});
  for (const bool is_reversed : {false, true}) {
    for (std::size_t first = 0; first < corners.size(); ++first) {
      for (const bool is_closed : {false, true}) {
        std::vector<GeoPoint> written = corners;
        if (is_reversed) {
          std::reverse(written.begin(), written.end());
        }
        std::rotate(written.begin(), written.begin() + static_cast<std::ptrdiff_t>(first),
                    written.end());
        if (is_closed) {
          written.push_back(written.front());
        }
        const auto rectangle = GeoRectangle::Of(written);
        ASSERT_TRUE(rectangle);
        EXPECT_TRUE(rectangle->Contains({10.5, 0})) << "a shortest way would leave it out";
        EXPECT_FALSE(rectangle->Contains({51, 0}));
      }
    }
  }
  // Only as widgets write it, the numbers of the date line's two sides mean what lies between them.
  const std::vector<GeoPoint> over_date_line = CornersOf({10, -170, -10, 170});
  for (std::size_t first = 0; first < over_date_line.size(); ++first) {
    std::vector<GeoPoint> written = over_date_line;
    std::rotate(written.begin(), written.begin() + static_cast<std::ptrdiff_t>(first),
                written.end());
    EXPECT_EQ(GeoRectangle::Of(written)->Contains({0, 180}), first == 0);
    EXPECT_EQ(GeoRectangle::Of(written)->Contains({0, 0}), first != 0);
    std::reverse(written.begin(), written.end());
    EXPECT_TRUE(GeoRectangle::Of(written)->Contains({0, 0}));
  }
  const auto halves = GeoRectangle::Of(
      {{80, -180}, {80, 0}, {80, 180}, {-80, 180}, {-80, 0}, {-80, 0}, {-80, -180}, {80, -180}});
  ASSERT_TRUE(halves);
  EXPECT_TRUE(halves->Contains({0, 90}));
  EXPECT_FALSE(GeoRectangle::Of({{0, 0}, {0, 10}, {10, 5}}));
  EXPECT_FALSE(GeoRectangle::Of({{0, 0}, {0, 10}, {10, 10.5}, {10, 0}}));
  EXPECT_FALSE(GeoRectangle::Of({{0, 0}, {10, 10}, {0, 10}, {10, 0}}));
  EXPECT_FALSE(GeoRectangle::Of({{0, 0}, {0, 9}, {4, 9}, {4, 4}, {9, 4}, {9, 0}})) << "an L";
  EXPECT_FALSE(GeoRectangle::Of({}));
}

TEST(GeoRectangleTest, RandomRectanglesContainWhatTheirEdgesEnclose) {
  const auto seed = std::random_device()();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random(seed);
  std::uniform_int_distribution<int> latitude(-90, 90);
  std::uniform_int_distribution<int> longitude(-180, 180);
  std::uniform_int_distribution<int> width(0, 400);
  for (int round = 0; round < 2'000; ++round) {
    const double south = latitude(random);
    const double north = std::min(90.0, south + width(random) / 4.0);
    const double west = longitude(random) + 360.0 * (longitude(random) / 60);
    const double east = west + width(random);
    const auto region = RegionWithin(CornersOf({north, east, south, west}));
    ASSERT_THAT(region, Succeeds());
    for (int i = 0; i < 20; ++i) {
      const GeoPoint point{static_cast<double>(latitude(random)),
                           static_cast<double>(longitude(random))};
      bool is_between = std::fabs(point.latitude) == 90;
      for (int world = -6; world <= 6; ++world) {
        const double there = point.longitude + 360 * world;
        is_between = is_between || (there >= west && there <= east);
      }
      EXPECT_EQ(Contains(*region, point),
                is_between && point.latitude >= south && point.latitude <= north)
          << point.latitude << ", " << point.longitude << " in " << south << ".." << north << ", "
          << west << ".." << east;
    }
  }
}

const char* const kSchema = R"({"name": "shops", "enable_nested_fields": true, "fields": [
  {"name": "place", "type": "geopoint", "optional": true},
  {"name": "stores", "type": "geopoint[]", "optional": true},
  {"name": "rank", "type": "int32", "optional": true},
  {"name": "area", "type": "geopolygon", "optional": true},
  {"name": "zones", "type": "object[]", "optional": true},
  {"name": "zones.area", "type": "geopolygon", "optional": true},
  {"name": "zones.name", "type": "string[]", "optional": true},
  {"name": "offices", "type": "object[]", "optional": true},
  {"name": "offices.at", "type": "geopoint[]", "optional": true},
  {"name": "offices.name", "type": "string[]", "optional": true}]})";

class GeoTest : public testing::Test {
 protected:
  GeoTest() : shops_(Json::parse(kSchema)) {
    shops_.Write({
        Json::parse(R"({"id": "eiffel", "place": [48.8584, 2.2945], "rank": 1,
                        "stores": [[51.5, -0.12], [48.86, 2.29]],
                        "offices": [{"at": [48.86, 2.3], "name": "a"},
                                    {"at": [51.5, -0.1], "name": "b"}]})"),
        Json::parse(R"({"id": "louvre", "place": [48.8606, 2.3376], "rank": 2,
                        "stores": [[40.7, -74.0]]})"),
        Json::parse(R"({"id": "london", "place": [51.5074, -0.1278], "rank": 3})"),
        Json::parse(R"({"id": "nowhere", "rank": 4})"),
    });
  }

  std::vector<std::string> Find(std::string_view filter) { return Filtered(shops_, filter); }
  std::vector<std::string> Sort(std::string_view sort_by) { return Sorted(shops_, sort_by); }

  TestCollection shops_;
};

TEST_F(GeoTest, CirclesHoldWhatIsNear) {
  EXPECT_THAT(Find("place:(48.8584, 2.2945, 1 km)"), ElementsAre("eiffel"));
  EXPECT_THAT(Find("place:(48.8584, 2.2945, 5.1 km)"), ElementsAre("eiffel", "louvre"));
  EXPECT_THAT(Find("place:(48.8584, 2.2945, 3 mi)"), ElementsAre("eiffel", "louvre"));
  EXPECT_THAT(Find("place:(48.8584,2.2945,400km)"), ElementsAre("eiffel", "london", "louvre"));
  EXPECT_THAT(Find("place:(0,0,1 km)"), IsEmpty());
  EXPECT_THAT(Find("place:[(48.8584,2.2945,1 km), (51.5,-0.12,5 km)]"),
              ElementsAre("eiffel", "london"));
  EXPECT_THAT(Find("place:!=(48.8584,2.2945,400km)"), ElementsAre("nowhere"));
}

TEST_F(GeoTest, PolygonsHoldWhatIsInside) {
  EXPECT_THAT(Find("place:(48.9,2.2, 48.9,2.4, 48.8,2.4, 48.8,2.2)"),
              ElementsAre("eiffel", "louvre"));
  EXPECT_THAT(Find("place:(48.9,2.3, 48.9,2.4, 48.8,2.4, 48.8,2.3) && rank:>1"),
              ElementsAre("louvre"));
}

TEST_F(GeoTest, MapViewsHoldWhatIsVisible) {
  EXPECT_THAT(Find("place:(90,180, 90,-180, -90,-180, -90,180)"),
              ElementsAre("eiffel", "london", "louvre"));
  EXPECT_THAT(Find("place:(60,60, 60,-60, 40,-60, 40,60)"),
              ElementsAre("eiffel", "london", "louvre"));
  EXPECT_THAT(Find("place:(49,362.3, 49,362.2, 48,362.2, 48,362.3)"), ElementsAre("eiffel"));
  EXPECT_THAT(Find("place:[(49,2.3, 49,2.2, 48,2.2, 48,2.3), (52,0, 52,-1, 51,-1, 51,0)]"),
              ElementsAre("eiffel", "london"));
  EXPECT_THAT(Find("place:!=(49,2.3, 49,2.2, 48,2.2, 48,2.3)"),
              ElementsAre("london", "louvre", "nowhere"));
  EXPECT_THAT(Find("stores:(41,-73, 41,-75, 40,-75, 40,-73)"), ElementsAre("louvre"));
  EXPECT_THAT(Find("offices.{at:(49,3, 49,2, 48,2, 48,3) && name:=a}"), ElementsAre("eiffel"));
  EXPECT_THAT(Find("place:(48.8584,2.2945, 48.8584,2, 48,2, 48,2.2945)"), ElementsAre("eiffel"))
      << "it stands on the corner";
  EXPECT_THAT(Find("place:(48.8584,-357.7055,1 km)"), ElementsAre("eiffel"));
  EXPECT_THAT(Sort("_eval(place:(49,2.3, 49,2.2, 48,2.2, 48,2.3)):desc, rank:desc"),
              ElementsAre("eiffel", "nowhere", "london", "louvre"));
  EXPECT_THAT(Sort("place(48.8606,722.3376):asc"),
              ElementsAre("louvre", "eiffel", "london", "nowhere"));
}

TEST_F(GeoTest, AreasAreFoundByThePointsInThem) {
  shops_.Write({
      Json::parse(R"({"id": "square", "area": [0, 0, 1, 0, 1, 1, 0, 1]})"),
      Json::parse(R"({"id": "park", "area": [40.8003, -73.9582, 40.7682, -73.9817,
                                             40.7642, -73.9728, 40.7968, -73.9492]})"),
      Json::parse(R"({"id": "fiji", "area": [-10, 175, -10, 185, -20, 185, -20, 175, -10, 175]})"),
      Json::parse(R"({"id": "zones", "zones": [{"name": "a", "area": [10, 10, 10, 20, 20, 15]},
                                               {"name": "b", "area": [50, 10, 50, 20, 60, 15]}]})"),
  });
  EXPECT_THAT(Find("area:(0.5, 0.5)"), ElementsAre("square"));
  EXPECT_THAT(Find("area:(1, 1)"), ElementsAre("square"));
  EXPECT_THAT(Find("area:(1.1, 1)"), IsEmpty());
  EXPECT_THAT(Find("area:(40.7812, -73.9665)"), ElementsAre("park"));
  EXPECT_THAT(Find("area:(-15, -178)"), ElementsAre("fiji"));
  EXPECT_THAT(Find("area:(-15, 542)"), ElementsAre("fiji")) << "a panned map";
  EXPECT_THAT(Find("area:[(0.5, 0.5), (-15, 179)]"), ElementsAre("fiji", "square"));
  EXPECT_THAT(Find("rank:>0 || area:!=(0.5, 0.5)"),
              ElementsAre("eiffel", "fiji", "london", "louvre", "nowhere", "park", "zones"));
  EXPECT_THAT(Find("zones.area:(12, 15)"), ElementsAre("zones"));
  EXPECT_THAT(Find("zones.area:(55, 15)"), ElementsAre("zones"));
  EXPECT_THAT(Find("zones.area:(30, 15)"), IsEmpty()) << "between the two";
  EXPECT_THAT(Find("zones.{area:(12, 15) && name:=a}"), ElementsAre("zones"));
  EXPECT_THAT(Find("zones.{area:(12, 15) && name:=b}"), IsEmpty());
  shops_.Write({Json::parse(R"({"id": "square", "area": [5, 5, 6, 5, 6, 6]})")});
  EXPECT_THAT(Find("area:(0.5, 0.5)"), IsEmpty());
  EXPECT_THAT(Find("area:(5.9, 5.5)"), ElementsAre("square"));
  shops_.Delete("square");
  EXPECT_THAT(Find("area:(5.9, 5.5)"), IsEmpty());
}

TEST_F(GeoTest, AnyPlaceOfAnArrayCounts) {
  EXPECT_THAT(Find("stores:(48.8584, 2.2945, 1 km)"), ElementsAre("eiffel"));
  EXPECT_THAT(Find("stores:(40.7,-74,1 km)"), ElementsAre("louvre"));
}

TEST_F(GeoTest, PlacesOfOneElementAreComparedTogether) {
  EXPECT_THAT(Find("offices.{at:(48.86,2.3,1 km) && name:=a}"), ElementsAre("eiffel"));
  EXPECT_THAT(Find("offices.{at:(48.86,2.3,1 km) && name:=b}"), IsEmpty());
  EXPECT_THAT(Find("offices.{at:[(0,0,1 km),(51.5,-0.1,1 km)] && name:=b}"), ElementsAre("eiffel"));
}

TEST_F(GeoTest, NearestComesFirstAndNowhereLast) {
  EXPECT_THAT(Sort("place(48.8606,2.3376):asc"),
              ElementsAre("louvre", "eiffel", "london", "nowhere"));
  EXPECT_THAT(Sort("place(48.8606,2.3376):desc"),
              ElementsAre("london", "eiffel", "louvre", "nowhere"));
  EXPECT_THAT(Sort("stores(40.7,-74):asc, rank:asc"),
              ElementsAre("louvre", "eiffel", "london", "nowhere"));
}

TEST_F(GeoTest, WhatIsEquallyNearIsOrderedByTheNextKey) {
  EXPECT_THAT(Sort("place(48.8606,2.3376,exclude_radius: 10 km):asc, rank:asc"),
              ElementsAre("eiffel", "louvre", "london", "nowhere"));
  EXPECT_THAT(Sort("place(48.8606,2.3376, precision: 6 mi):asc, rank:asc"),
              ElementsAre("eiffel", "louvre", "london", "nowhere"));
  EXPECT_THAT(Sort("place(48.8606,2.3376, precision: 1 km):asc, rank:asc"),
              ElementsAre("louvre", "eiffel", "london", "nowhere"));
}

TEST_F(GeoTest, DistancesAreTold) {
  const auto reader = shops_.Read();
  const auto order =
      SortOrder::Parse("place(48.8606,2.3376):asc,stores(40.7,-74):asc", *reader.schema, false);
  ASSERT_THAT(order, Succeeds());
  const auto louvre = order->Distances(*reader.context, 2);
  ASSERT_TRUE(louvre);
  ASSERT_EQ(louvre->size(), 2U);
  EXPECT_EQ((*louvre)[0].field, "place");
  EXPECT_EQ((*louvre)[0].meters, 0U);
  const auto eiffel = order->Distances(*reader.context, 1);
  ASSERT_TRUE(eiffel);
  EXPECT_NEAR(static_cast<double>((*eiffel)[0].meters), 3'165, 20);
  EXPECT_TRUE(order->Distances(*reader.context, 4)->empty());
}

}  // namespace
}  // namespace cacheindex::index::test
