#pragma once

#include <cstdint>
#include <variant>
#include <vector>

#include "node/core/result.h"

namespace cacheindex::index {

/// The earth as a sphere.
inline constexpr double kEarthRadiusMeters = 6'371'010.0;
inline constexpr double kMetersPerMile = 1'609.344;
/// Corners of one polygon, at most.
inline constexpr std::size_t kPolygonCornersMax = 1'000;

/// A place in degrees.
struct GeoPoint {
  double latitude = 0;
  double longitude = 0;
};

/// Returns the place that a column holds (column_value.h).
GeoPoint DecodeGeopoint(std::int64_t column_value) noexcept;

/// Whether latitude and longitude are numbers within their ranges.
bool IsOnEarth(const GeoPoint& point) noexcept;

/// Returns the length of the shortest way over the sphere. Exact also for neighbours and antipodes.
double DistanceMeters(const GeoPoint& from, const GeoPoint& to) noexcept;

/// A direction from the centre of the earth, of length 1.
struct GeoVector {
  double x = 0;
  double y = 0;
  double z = 0;
};

/// All places within a distance of one.
class GeoCircle {
 public:
  GeoCircle(const GeoPoint& centre, double radius_meters) noexcept;

  bool Contains(const GeoPoint& point) const noexcept;
  double latitude_min() const noexcept { return latitude_min_; }
  double latitude_max() const noexcept { return latitude_max_; }

 private:
  GeoPoint centre_;
  double radius_meters_;
  double latitude_min_;
  double latitude_max_;
};

/// What lies within a closed line of shortest ways between corners.
///
/// Such a line bounds two areas; the one that fits into half of the earth is meant, so the order of
/// the corners does not matter. Seen from the centre of the earth on a plane, shortest ways are
/// straight, which makes the question one of a flat polygon.
/// Threads: immutable.
class GeoPolygon {
 public:
  /// Errors: kInvalidArgument for fewer than three corners, more than kPolygonCornersMax, or
  /// corners that do not fit into half of the earth.
  static Result<GeoPolygon> Create(const std::vector<GeoPoint>& corners);

  bool Contains(const GeoPoint& point) const noexcept;
  double latitude_min() const noexcept { return latitude_min_; }
  double latitude_max() const noexcept { return latitude_max_; }

 private:
  struct Corner {
    double x = 0;
    double y = 0;
  };

  // The axes of the plane that touches the earth at the polygon's middle, and the middle itself.
  GeoVector east_;
  GeoVector north_;
  GeoVector middle_;
  std::vector<Corner> corners_;
  double latitude_min_ = -90;
  double latitude_max_ = 90;
};

using GeoRegion = std::variant<GeoCircle, GeoPolygon>;

}  // namespace cacheindex::index
