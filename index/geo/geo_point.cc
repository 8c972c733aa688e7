#include "index/geo/geo_point.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace cacheindex::index {

GeoPoint DecodeGeopoint(std::int64_t column_value) noexcept {
  const auto bits = static_cast<std::uint64_t>(column_value);
  return {.latitude = static_cast<std::int32_t>(bits >> 32) / kMicrodegrees,
          .longitude = static_cast<std::int32_t>(bits & 0xFFFF'FFFFU) / kMicrodegrees};
}

bool IsOnMap(const GeoPoint& point) noexcept {
  // False for what is no number, too.
  return std::fabs(point.latitude) <= 90 && std::fabs(point.longitude) <= kPannedDegreesMax;
}

double DistanceMeters(const GeoPoint& from, const GeoPoint& to) noexcept {
  constexpr double kRadiansPerDegree = std::numbers::pi / 180.0;
  // The haversine formula: unlike the arc cosine it loses nothing between neighbours.
  const double latitudes = (to.latitude - from.latitude) * kRadiansPerDegree;
  const double longitudes = (to.longitude - from.longitude) * kRadiansPerDegree;
  const double half_latitude = std::sin(latitudes / 2);
  const double half_longitude = std::sin(longitudes / 2);
  const double square =
      half_latitude * half_latitude + std::cos(from.latitude * kRadiansPerDegree) *
                                          std::cos(to.latitude * kRadiansPerDegree) *
                                          half_longitude * half_longitude;
  return 2 * kEarthRadiusMeters * std::asin(std::sqrt(std::min(1.0, square)));
}

}  // namespace cacheindex::index
