#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "node/core/json.h"
#include "tests/node/oracle/random.h"

namespace cacheindex::test {

// Every collection has these three: a geopoint, a geopoint[] and a geopolygon.
inline constexpr const char* kPlaceField = "spot";
inline constexpr const char* kPlacesField = "stores";
inline constexpr const char* kAreaField = "district";

struct Place {
  double latitude = 0;
  double longitude = 0;
};

/// Returns one of a few places, so that several documents share one.
Place RandomPlace(Random& random);
Json ToJson(const Place& place);
/// Returns the corners of a triangle, or of a rectangle on the map, as documents hold them.
Json RandomArea(Random& random);

/// Returns the places of a document's field.
std::vector<Place> PlacesAt(const Json& document, std::string_view field);

/// Through the earth instead of over it: another way to the same distance.
double MetersBetween(const Place& a, const Place& b);

/// What a map shows: everything from the south to the north, and from the west as far to the east
/// as `width` says, in degrees.
struct MapView {
  double south = 0;
  double north = 0;
  double west = 0;
  double width = 0;
};

/// A circle, a polygon whose corners go around its middle once, or the corners of a view. Of areas:
/// points.
struct PlaceFilter {
  std::string field{};
  bool is_negated = false;
  Place centre{};
  double radius_km = 0;
  /// Not empty for a polygon and for a view.
  std::vector<Place> corners{};
  std::optional<MapView> view{};
  /// Not empty where areas are compared.
  std::vector<Place> points{};
};

PlaceFilter RandomPlaceFilter(Random& random);
std::string Print(const PlaceFilter& filter);
bool Holds(const PlaceFilter& filter, const Json& document);

}  // namespace cacheindex::test
