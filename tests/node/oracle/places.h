#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "node/core/json.h"
#include "tests/node/oracle/random.h"

namespace cacheindex::test {

// Every collection has these two: a geopoint and a geopoint[].
inline constexpr const char* kPlaceField = "spot";
inline constexpr const char* kPlacesField = "stores";

struct Place {
  double latitude = 0;
  double longitude = 0;
};

/// Returns one of a few places, so that several documents share one.
Place RandomPlace(Random& random);
Json ToJson(const Place& place);

/// Returns the places of a document's field.
std::vector<Place> PlacesAt(const Json& document, std::string_view field);

/// Through the earth instead of over it: another way to the same distance.
double MetersBetween(const Place& a, const Place& b);

/// A circle, or a polygon whose corners go around its middle once.
struct PlaceFilter {
  std::string field{};
  bool is_negated = false;
  Place centre{};
  double radius_km = 0;
  /// Not empty for a polygon.
  std::vector<Place> corners{};
};

PlaceFilter RandomPlaceFilter(Random& random);
std::string Print(const PlaceFilter& filter);
bool Holds(const PlaceFilter& filter, const Json& document);

}  // namespace cacheindex::test
