#include "index/geo/geo_rectangle.h"

#include <algorithm>
#include <cmath>
#include <cstddef>

namespace cacheindex::index {
namespace {

constexpr std::int64_t kWorld = 360'000'000;
constexpr std::int64_t kPole = 90'000'000;
constexpr std::size_t kCorners = 4;

std::int64_t ToMicrodegrees(double degrees) noexcept {
  return std::llround(degrees * kMicrodegrees);
}

bool IsLevel(const GeoPoint& a, const GeoPoint& b) noexcept { return a.latitude == b.latitude; }
bool IsUpright(const GeoPoint& a, const GeoPoint& b) noexcept { return a.longitude == b.longitude; }

// Whether four corners turn at each of them from a parallel to a meridian or back.
bool IsRectangle(const std::vector<GeoPoint>& corners) noexcept {
  if (corners.size() != kCorners) {
    return false;
  }
  const GeoPoint& a = corners[0];
  const GeoPoint& b = corners[1];
  const GeoPoint& c = corners[2];
  const GeoPoint& d = corners[3];
  return (IsLevel(a, b) && IsUpright(b, c) && IsLevel(c, d) && IsUpright(d, a)) ||
         (IsUpright(a, b) && IsLevel(b, c) && IsUpright(c, d) && IsLevel(d, a));
}

// Returns the corners at which the line turns.
std::vector<GeoPoint> TurnsOf(std::vector<GeoPoint> corners) {
  corners.erase(std::unique(corners.begin(), corners.end()), corners.end());
  std::vector<GeoPoint> turns;
  for (std::size_t i = 0; i < corners.size(); ++i) {
    const GeoPoint& before = corners[(i + corners.size() - 1) % corners.size()];
    const GeoPoint& after = corners[(i + 1) % corners.size()];
    const bool goes_straight = (IsLevel(before, corners[i]) && IsLevel(corners[i], after)) ||
                               (IsUpright(before, corners[i]) && IsUpright(corners[i], after));
    if (!goes_straight) {
      turns.push_back(corners[i]);
    }
  }
  return turns;
}

// Whether a map that knows no longitudes beyond 180 degrees wrote its view over the date line: the
// north-eastern corner first, then the north-western one.
bool IsOverDateLine(const std::vector<GeoPoint>& corners) noexcept {
  const GeoPoint& east = corners[0];
  const GeoPoint& west = corners[1];
  const bool is_panned = std::fabs(east.longitude) > 180 || std::fabs(west.longitude) > 180;
  const double apart = west.longitude - east.longitude;
  return IsLevel(east, west) && east.latitude >= corners[2].latitude && !is_panned && apart > 180 &&
         apart < 360;
}

}  // namespace

std::optional<GeoRectangle> GeoRectangle::Of(const std::vector<GeoPoint>& corners) {
  std::vector<GeoPoint> ring = corners;
  if (ring.size() > kCorners && ring.front() == ring.back()) {
    ring.pop_back();
  }
  const bool has_turns_only = IsRectangle(ring);
  if (!has_turns_only) {
    ring = TurnsOf(std::move(ring));
    if (!IsRectangle(ring)) {
      return std::nullopt;
    }
  }
  const auto [south, north] = std::ranges::minmax(ring, {}, &GeoPoint::latitude);
  const auto [west, east] = std::ranges::minmax(ring, {}, &GeoPoint::longitude);
  GeoRectangle rectangle;
  rectangle.south_ = ToMicrodegrees(south.latitude);
  rectangle.north_ = ToMicrodegrees(north.latitude);
  rectangle.west_ = ToMicrodegrees(west.longitude);
  rectangle.width_ = ToMicrodegrees(east.longitude) - rectangle.west_;
  if (has_turns_only && IsOverDateLine(ring)) {
    rectangle.west_ += rectangle.width_;
    rectangle.width_ = kWorld - rectangle.width_;
  }
  return rectangle;
}

bool GeoRectangle::Contains(const GeoPoint& point) const noexcept {
  const std::int64_t latitude = ToMicrodegrees(point.latitude);
  if (latitude < south_ || latitude > north_) {
    return false;
  }
  const std::int64_t east_of_west = (ToMicrodegrees(point.longitude) - west_) % kWorld;
  // All meridians meet at the poles.
  return latitude == kPole || latitude == -kPole ||
         (east_of_west < 0 ? east_of_west + kWorld : east_of_west) <= width_;
}

}  // namespace cacheindex::index
