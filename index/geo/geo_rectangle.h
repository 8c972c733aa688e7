#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "index/geo/geo_point.h"

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
  /// world: from 170 to 190 it lies over the date line. Some maps know no 190 and write -170 for
  /// it. Widgets put the north-eastern corner first and the north-western one second, so where the
  /// first has the lower longitude, and the two are more than half the world apart, what lies over
  /// the date line between them is meant. In every other order -170 and 170 are the ends of 340
  /// degrees.
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
