#pragma once

#include <cstddef>
#include <variant>
#include <vector>

#include "index/geo/geo_point.h"
#include "index/geo/geo_rectangle.h"
#include "node/core/result.h"

namespace cacheindex::index {

/// Corners of one polygon, at most.
inline constexpr std::size_t kPolygonCornersMax = 1'000;

/// A direction from the centre of the earth, of length 1.
struct GeoVector {
  double x = 0;
  double y = 0;
  double z = 0;
};

/// All places within a distance of one, and those that are just that far (kRoundingMeters).
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
/// straight, which makes the question one of a flat polygon. Its edges belong to it
/// (kRoundingMeters).
/// Threads: immutable.
class GeoPolygon {
 public:
  /// Errors: kInvalidArgument for fewer than three corners, more than kPolygonCornersMax, or
  /// corners that do not fit into half of the earth.
  static Result<GeoPolygon> Create(const std::vector<GeoPoint>& corners);

  bool Contains(const GeoPoint& point) const noexcept;
  /// Whether two of its edges cross each other. Compares each with every other one.
  bool CrossesItself() const noexcept;
  double latitude_min() const noexcept { return latitude_min_; }
  double latitude_max() const noexcept { return latitude_max_; }

 private:
  struct Corner {
    double x = 0;
    double y = 0;
  };

  // Above 0 where the way over `b` turns left.
  static double Turn(const Corner& a, const Corner& b, const Corner& c) noexcept;
  // From a point to the line between two corners, on the plane.
  static double SquaredDistance(const Corner& from, const Corner& a, const Corner& b) noexcept;

  // The axes of the plane that touches the earth at the polygon's middle, and the middle itself.
  GeoVector east_;
  GeoVector north_;
  GeoVector middle_;
  std::vector<Corner> corners_;
  double latitude_min_ = -90;
  double latitude_max_ = 90;
};

using GeoRegion = std::variant<GeoCircle, GeoPolygon, GeoRectangle>;

/// Returns what `corners` enclose: a rectangle of a map where their line follows parallels and
/// meridians, else a polygon of shortest ways.
/// Errors: as GeoPolygon::Create.
Result<GeoRegion> RegionWithin(const std::vector<GeoPoint>& corners);

bool Contains(const GeoRegion& region, const GeoPoint& point) noexcept;

}  // namespace cacheindex::index
