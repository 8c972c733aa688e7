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

}  // namespace

Place RandomPlace(Random& random) {
  if (random.Chance(8)) {
    static const std::vector<Place> kFarAway = {{-33.5, 151}, {60, -179.5}, {60, 179.5}, {90, 0}};
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
  const auto places = PlacesAt(document, filter.field);
  const bool matches = std::any_of(places.begin(), places.end(), [&](const Place& place) {
    return filter.corners.empty() ? MetersBetween(place, filter.centre) <= filter.radius_km * 1000
                                  : IsInside(filter.corners, place);
  });
  return matches != filter.is_negated;
}

}  // namespace cacheindex::test
