#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "index/filter/geo_point.h"

namespace cacheindex::index {

/// What lies between two parallels and two meridians, edges included: what a flat map shows.
/// Threads: immutable.
class GeoRectangle {
 public:
  /// Returns the rectangle whose edges `corners` follow, nullopt when they follow no parallels and
  /// meridians. It may begin at any corner, go around either way, repeat the first corner at its
  /// end, and have further corners on its edges.
  ///
  /// It reaches from the lowest to the highest of the written longitudes, as far as the whole
  /// world: 190 is ten degrees east of the date line, -170 of the same place 350 degrees west of
  /// 180. Only where two corners within 180 degrees are more than half the world apart, the way
  /// around decides: with the inside to the left, as maps and GeoJSON write it, they are the ends
  /// of a wide rectangle; with the inside to the right, of the narrow one over the date line, whose
  /// eastern end has the lower number.
  static std::optional<GeoRectangle> Of(const std::vector<GeoPoint>& corners);

  bool Contains(const GeoPoint& point) const noexcept;
  double latitude_min() const noexcept { return static_cast<double>(south_) / kMicrodegrees; }
  double latitude_max() const noexcept { return static_cast<double>(north_) / kMicrodegrees; }

 private:
  GeoRectangle() = default;

  // In millionths of a degree, rounded as columns are, so that a place on an edge is inside.
  std::int64_t south_ = 0;
  std::int64_t north_ = 0;
  std::int64_t west_ = 0;
  /// To the east.
  std::int64_t width_ = 0;
};

}  // namespace cacheindex::index
