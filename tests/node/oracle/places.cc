#include "tests/node/oracle/places.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace cacheindex::test {
namespace {

constexpr double kRadians = std::numbers::pi / 180;

std::string Print(double number) { return DumpJson(Json(number)); }

std::string Print(const Place& place) {
  return Print(place.latitude) + ", " + Print(place.longitude);
}

// The direction in which the shortest way from one place to the other begins.
double Bearing(const Place& from, const Place& to) {
  const double a = from.latitude * kRadians;
  const double b = to.latitude * kRadians;
  const double turn = (to.longitude - from.longitude) * kRadians;
  return std::atan2(std::sin(turn) * std::cos(b),
                    std::cos(a) * std::sin(b) - std::sin(a) * std::cos(b) * std::cos(turn));
}

// Who stands inside turns around once while looking from corner to corner.
bool IsInside(const std::vector<Place>& corners, const Place& place) {
  double turned = 0;
  for (std::size_t i = 0; i < corners.size(); ++i) {
    turned += std::remainder(
        Bearing(place, corners[(i + 1) % corners.size()]) - Bearing(place, corners[i]),
        2 * std::numbers::pi);
  }
  // Seen from the other side of the earth the corners go around as well.
  return std::fabs(turned) > std::numbers::pi && MetersBetween(place, corners.front()) < 5e6;
}

bool IsVisible(const MapView& view, const Place& place) {
  if (place.latitude < view.south || place.latitude > view.north) {
    return false;
  }
  // Every meridian ends at the poles.
  bool is_visible = std::fabs(place.latitude) == 90;
  for (int world = -5; world <= 5; ++world) {
    const double longitude = place.longitude + 360 * world;
    is_visible = is_visible || (longitude >= view.west && longitude <= view.west + view.width);
  }
  return is_visible;
}

// Returns the corners of a view as maps write them, the north-eastern and the north-western one
// first, or in another order that means the same.
std::vector<Place> RandomCornersOf(const MapView& view, Random& random) {
  const double east = view.west + view.width;
  const auto corners = [&](double eastern) -> std::vector<Place> {
    return {{view.north, eastern},
            {view.north, view.west},
            {view.south, view.west},
            {view.south, eastern}};
  };
  if (view.west <= 180 && view.west >= -180 && east > 180 && view.width < 180 &&
      random.Chance(50)) {
    return corners(east - 360);  // As maps that know no longitudes beyond 180 write it.
  }
  std::vector<Place> written = corners(east);
  if (random.Chance(50)) {
    std::reverse(written.begin(), written.end());
  }
  std::rotate(written.begin(), written.begin() + static_cast<std::ptrdiff_t>(random.Below(4)),
              written.end());
  // Those would be the corners of what lies over the date line.
  if (view.width > 180 && written[0].latitude == written[1].latitude &&
      written[0].longitude < written[1].longitude) {
    std::rotate(written.begin(), std::next(written.begin()), written.end());
  }
  if (random.Chance(25)) {
    written.push_back(written.front());
  }
  return written;
}

// Edges lie on the places as often as between them.
MapView RandomView(Random& random) {
  const auto half_degrees = [&](double first, std::size_t count) {
    return first + 0.5 * static_cast<double>(random.Below(count));
  };
  static const std::vector<double> kWidths = {0, 1, 2.5, 20, 120, 180, 250, 340, 360, 500};
  static const std::vector<double> kFarWest = {-180, -170.5, 100, 170, 179.5};
  static const std::vector<double> kHeights = {0, 1, 2.5, 40, 180};
  MapView view{.south = random.Chance(70) ? half_degrees(46, 12) : half_degrees(-90, 200),
               .north = 0,
               .west = random.Chance(70) ? half_degrees(0, 12) : random.Pick(kFarWest),
               .width = random.Pick(kWidths)};
  view.north = std::min(90.0, view.south + random.Pick(kHeights));
  if (random.Chance(25)) {
    view.west += 360 * (static_cast<double>(random.Below(7)) - 3);
  }
  return view;
}

// Triangles have no corner and no edge there, rectangles have.
Place RandomPointIn(Random& random) {
  if (random.Chance(50)) {
    return {.latitude = 46.131 + 0.01 * static_cast<double>(random.Below(700)),
            .longitude = 0.173 + 0.01 * static_cast<double>(random.Below(700))};
  }
  return {.latitude = 46 + 0.5 * static_cast<double>(random.Below(14)),
          .longitude = 0.173 + 0.01 * static_cast<double>(random.Below(700))};
}

bool HasAreaWith(const Json& document, const std::vector<Place>& points) {
  const auto area = document.find(kAreaField);
  if (area == document.end() || area->is_null()) {
    return false;
  }
  std::vector<Place> corners;
  for (std::size_t i = 0; i < area->size(); i += 2) {
    corners.push_back({(*area)[i].get<double>(), (*area)[i + 1].get<double>()});
  }
  return std::any_of(points.begin(), points.end(), [&](const Place& point) {
    return corners.size() == 3 ? IsInside(corners, point)
                               : IsVisible({.south = corners[0].latitude,
                                            .north = corners[2].latitude,
                                            .west = corners[0].longitude,
                                            .width = corners[2].longitude - corners[0].longitude},
                                           point);
  });
}

}  // namespace

Json RandomArea(Random& random) {
  const auto somewhere = [&] { return 0.5 * static_cast<double>(random.Below(14)); };
  if (random.Chance(50)) {
    const double south = 46 + somewhere();
    const double west = somewhere();
    const double north = south + somewhere();
    const double east = west + (random.Chance(10) ? 200 : somewhere());
    return {south, west, south, east, north, east, north, west};
  }
  const double latitude = 46.01 + somewhere();
  const double longitude = somewhere();
  return {latitude,         longitude,      latitude + 1.5 + somewhere(),
          longitude + 0.25, latitude + 0.3, longitude + 1.75 + somewhere()};
}

Place RandomPlace(Random& random) {
  if (random.Chance(8)) {
    static const std::vector<Place> kFarAway = {{-33.5, 151}, {60, -179.5}, {60, 179.5}, {90, 0},
                                                {-90, 45},    {12, 180},    {12, -180}};
    return random.Pick(kFarAway);
  }
  return {.latitude = 48 + 0.5 * static_cast<double>(random.Below(7)),
          .longitude = 2 + 0.5 * static_cast<double>(random.Below(7))};
}

Json ToJson(const Place& place) { return {place.latitude, place.longitude}; }

std::vector<Place> PlacesAt(const Json& document, std::string_view field) {
  const auto value = document.find(field);
  std::vector<Place> places;
  if (value == document.end() || !value->is_array() || value->empty()) {
    return places;
  }
  const auto add = [&](const Json& pair) {
    places.push_back({.latitude = pair[0].get<double>(), .longitude = pair[1].get<double>()});
  };
  if (value->front().is_number()) {
    add(*value);
  } else {
    std::for_each(value->begin(), value->end(), add);
  }
  return places;
}

double MetersBetween(const Place& a, const Place& b) {
  constexpr double kRadiusMeters = 6'371'010;
  const auto square = [](double number) { return number * number; };
  const double a_cosine = std::cos(a.latitude * kRadians);
  const double b_cosine = std::cos(b.latitude * kRadians);
  const double chord =
      std::sqrt(square(a_cosine * std::cos(a.longitude * kRadians) -
                       b_cosine * std::cos(b.longitude * kRadians)) +
                square(a_cosine * std::sin(a.longitude * kRadians) -
                       b_cosine * std::sin(b.longitude * kRadians)) +
                square(std::sin(a.latitude * kRadians) - std::sin(b.latitude * kRadians)));
  return 2 * kRadiusMeters * std::asin(std::min(1.0, chord / 2));
}

PlaceFilter RandomPlaceFilter(Random& random) {
  PlaceFilter filter;
  filter.field = random.Chance(60) ? kPlaceField : kPlacesField;
  filter.is_negated = random.Chance(15);
  if (random.Chance(25)) {
    filter.field = kAreaField;
    for (std::size_t i = 0; i <= random.Below(3); ++i) {
      filter.points.push_back(RandomPointIn(random));
    }
    return filter;
  }
  if (random.Chance(40)) {
    filter.view = RandomView(random);
    filter.corners = RandomCornersOf(*filter.view, random);
    return filter;
  }
  if (random.Chance(50)) {
    static const std::vector<double> kRadiiKm = {1, 30, 60.3, 120.7, 300.9, 9000};
    filter.centre = RandomPlace(random);
    filter.radius_km = random.Pick(kRadiiKm);
    return filter;
  }
  // Corners between the places, sorted by where they lie around the middle.
  const std::size_t count = 3 + random.Below(3);
  Place middle;
  for (std::size_t i = 0; i < count; ++i) {
    filter.corners.push_back({.latitude = 46.13 + 0.01 * static_cast<double>(random.Below(700)),
                              .longitude = 0.17 + 0.01 * static_cast<double>(random.Below(700))});
    middle.latitude += filter.corners.back().latitude / static_cast<double>(count);
    middle.longitude += filter.corners.back().longitude / static_cast<double>(count);
  }
  std::sort(filter.corners.begin(), filter.corners.end(), [&](const Place& a, const Place& b) {
    return Bearing(middle, a) < Bearing(middle, b);
  });
  return filter;
}

std::string Print(const PlaceFilter& filter) {
  if (!filter.points.empty()) {
    std::string text = filter.field + (filter.is_negated ? ":!=[" : ":[");
    for (const Place& point : filter.points) {
      text += (&point == &filter.points.front() ? "(" : ", (") + Print(point) + ")";
    }
    return text + "]";
  }
  std::string text = filter.field + (filter.is_negated ? ":!=(" : ":(");
  if (filter.corners.empty()) {
    return text + Print(filter.centre) + ", " + Print(filter.radius_km) + " km)";
  }
  for (const Place& corner : filter.corners) {
    text += (&corner == &filter.corners.front() ? "" : ",") + Print(corner);
  }
  return text + ")";
}

bool Holds(const PlaceFilter& filter, const Json& document) {
  if (!filter.points.empty()) {
    return HasAreaWith(document, filter.points) != filter.is_negated;
  }
  const auto places = PlacesAt(document, filter.field);
  const bool matches = std::any_of(places.begin(), places.end(), [&](const Place& place) {
    if (filter.view) {
      return IsVisible(*filter.view, place);
    }
    return filter.corners.empty() ? MetersBetween(place, filter.centre) <= filter.radius_km * 1000
                                  : IsInside(filter.corners, place);
  });
  return matches != filter.is_negated;
}

}  // namespace cacheindex::test
