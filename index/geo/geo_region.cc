#include "index/geo/geo_region.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <string>
#include <utility>

namespace cacheindex::index {
namespace {

constexpr double kRadiansPerDegree = std::numbers::pi / 180.0;
// Corners must be this far inside the half of the earth around their middle (as the cosine of the
// angle between them), or the flat picture becomes infinitely large.
constexpr double kHalfEarthCosine = 1e-3;
// Half a millionth of a degree: columns round to a millionth, and so may a circle's edge.
constexpr double kLatitudeSlackDegrees = 1e-6;

double Dot(const GeoVector& a, const GeoVector& b) noexcept {
  return a.x * b.x + a.y * b.y + a.z * b.z;
}

GeoVector Cross(const GeoVector& a, const GeoVector& b) noexcept {
  return {a.y * b.z - a.z * b.y, a.z * b.x - a.x * b.z, a.x * b.y - a.y * b.x};
}

GeoVector Normalized(const GeoVector& a) noexcept {
  const double length = std::sqrt(Dot(a, a));
  return {a.x / length, a.y / length, a.z / length};
}

GeoVector ToVector(const GeoPoint& point) noexcept {
  const double latitude = point.latitude * kRadiansPerDegree;
  const double longitude = point.longitude * kRadiansPerDegree;
  const double cosine = std::cos(latitude);
  return {cosine * std::cos(longitude), cosine * std::sin(longitude), std::sin(latitude)};
}

}  // namespace

GeoCircle::GeoCircle(const GeoPoint& centre, double radius_meters) noexcept
    : centre_(centre), radius_meters_(radius_meters + kRoundingMeters) {
  const double degrees =
      radius_meters_ / kEarthRadiusMeters / kRadiansPerDegree + kLatitudeSlackDegrees;
  latitude_min_ = centre.latitude - degrees;
  latitude_max_ = centre.latitude + degrees;
}

bool GeoCircle::Contains(const GeoPoint& point) const noexcept {
  return point.latitude >= latitude_min_ && point.latitude <= latitude_max_ &&
         DistanceMeters(centre_, point) <= radius_meters_;
}

Result<GeoPolygon> GeoPolygon::Create(const std::vector<GeoPoint>& corners) {
  if (corners.size() < 3 || corners.size() > kPolygonCornersMax) {
    return Error(ErrorCode::kInvalidArgument,
                 "a polygon needs 3 to " + std::to_string(kPolygonCornersMax) + " corners");
  }
  std::vector<GeoVector> vectors;
  GeoVector sum;
  for (const GeoPoint& corner : corners) {
    const GeoVector vector = ToVector(corner);
    vectors.push_back(vector);
    sum = {sum.x + vector.x, sum.y + vector.y, sum.z + vector.z};
  }
  GeoPolygon polygon;
  polygon.middle_ = Normalized(sum);
  double cosine_min = 1;
  for (const GeoVector& vector : vectors) {
    cosine_min = std::min(cosine_min, Dot(vector, polygon.middle_));
  }
  // Also when the middle is no number, because the corners cancel out.
  if (!(cosine_min >= kHalfEarthCosine)) {
    return Error(ErrorCode::kInvalidArgument, "the polygon does not fit into half of the earth");
  }
  const GeoVector& middle = polygon.middle_;
  const GeoVector away = std::fabs(middle.z) < 0.9 ? GeoVector{0, 0, 1} : GeoVector{1, 0, 0};
  polygon.east_ = Normalized(Cross(away, middle));
  polygon.north_ = Cross(middle, polygon.east_);
  for (const GeoVector& vector : vectors) {
    const double depth = Dot(vector, middle);
    polygon.corners_.push_back(
        {Dot(vector, polygon.east_) / depth, Dot(vector, polygon.north_) / depth});
  }
  // A ways' point is never further from the middle than the further of its ends.
  const double reach_degrees = std::acos(std::min(1.0, cosine_min)) / kRadiansPerDegree;
  const double latitude = std::asin(std::clamp(middle.z, -1.0, 1.0)) / kRadiansPerDegree;
  polygon.latitude_min_ = latitude - reach_degrees - kLatitudeSlackDegrees;
  polygon.latitude_max_ = latitude + reach_degrees + kLatitudeSlackDegrees;
  return polygon;
}

bool GeoPolygon::Contains(const GeoPoint& point) const noexcept {
  if (point.latitude < latitude_min_ || point.latitude > latitude_max_) {
    return false;
  }
  const GeoVector vector = ToVector(point);
  const double depth = Dot(vector, middle_);
  if (depth <= 0) {
    return false;
  }
  const double x = Dot(vector, east_) / depth;
  const double y = Dot(vector, north_) / depth;
  // A small step on the earth is at most this long on the plane.
  const double reach = kRoundingMeters / kEarthRadiusMeters / (depth * depth);
  // A ray to the right crosses the line an odd number of times when it starts inside.
  bool is_inside = false;
  for (std::size_t i = 0, j = corners_.size() - 1; i < corners_.size(); j = i++) {
    const Corner& a = corners_[i];
    const Corner& b = corners_[j];
    if ((a.y > y) != (b.y > y) && x < (b.x - a.x) * (y - a.y) / (b.y - a.y) + a.x) {
      is_inside = !is_inside;
    }
    if (SquaredDistance({x, y}, a, b) <= reach * reach) {
      return true;
    }
  }
  return is_inside;
}

double GeoPolygon::Turn(const Corner& a, const Corner& b, const Corner& c) noexcept {
  return (b.x - a.x) * (c.y - b.y) - (b.y - a.y) * (c.x - b.x);
}

bool GeoPolygon::CrossesItself() const noexcept {
  // Each has the ends of the other on both sides. Edges that only touch do not cross.
  const auto cross = [](const Corner& a, const Corner& b, const Corner& c, const Corner& d) {
    return Turn(a, b, c) * Turn(a, b, d) < 0 && Turn(c, d, a) * Turn(c, d, b) < 0;
  };
  const std::size_t count = corners_.size();
  for (std::size_t i = 0; i < count; ++i) {
    for (std::size_t j = i + 2; j < count; ++j) {
      if (cross(corners_[i], corners_[i + 1], corners_[j], corners_[(j + 1) % count])) {
        return true;
      }
    }
  }
  return false;
}

double GeoPolygon::SquaredDistance(const Corner& from, const Corner& a, const Corner& b) noexcept {
  const double along_x = b.x - a.x;
  const double along_y = b.y - a.y;
  const double squared_length = along_x * along_x + along_y * along_y;
  const double projected = (from.x - a.x) * along_x + (from.y - a.y) * along_y;
  const double part = squared_length > 0 ? std::clamp(projected / squared_length, 0.0, 1.0) : 0.0;
  const double away_x = from.x - a.x - part * along_x;
  const double away_y = from.y - a.y - part * along_y;
  return away_x * away_x + away_y * away_y;
}

Result<GeoRegion> RegionWithin(const std::vector<GeoPoint>& corners) {
  if (corners.size() <= kPolygonCornersMax) {
    if (const auto rectangle = GeoRectangle::Of(corners)) {
      return GeoRegion(*rectangle);
    }
  }
  auto polygon = GeoPolygon::Create(corners);
  if (!polygon) {
    return std::move(polygon).error();
  }
  return GeoRegion(*std::move(polygon));
}

bool Contains(const GeoRegion& region, const GeoPoint& point) noexcept {
  return std::visit([&](const auto& area) { return area.Contains(point); }, region);
}

}  // namespace cacheindex::index
