#pragma once

#include <cstdint>

namespace cacheindex::index {

/// The earth as a sphere.
inline constexpr double kEarthRadiusMeters = 6'371'010.0;
inline constexpr double kMetersPerMile = 1'609.344;
/// Columns keep places in millionths of a degree.
inline constexpr double kMicrodegrees = 1e6;
/// How far the place that a column holds may be from the one that was written: half a millionth of
/// a degree north and east. Areas reach that much further, so that what is written on their edge is
/// in them.
inline constexpr double kRoundingMeters = 0.08;
/// Degrees that a request may be panned east or west: a thousand worlds. Beyond, numbers lose the
/// places.
inline constexpr double kPannedDegreesMax = 360'000;

/// A place in degrees. The longitude is any of those that mean the same meridian.
struct GeoPoint {
  double latitude = 0;
  double longitude = 0;

  bool operator==(const GeoPoint&) const = default;
};

/// Returns the place that a column holds (column_value.h).
GeoPoint DecodeGeopoint(std::int64_t column_value) noexcept;

/// Whether a request may name the place: numbers, the latitude within 90 degrees, the longitude
/// within kPannedDegreesMax, because maps go on beyond 180 when they are dragged around the world.
bool IsOnMap(const GeoPoint& point) noexcept;

/// Returns the length of the shortest way over the sphere. Exact also for neighbours and antipodes.
double DistanceMeters(const GeoPoint& from, const GeoPoint& to) noexcept;

}  // namespace cacheindex::index
