#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "index/geo/geo_point.h"
#include "node/core/json.h"

namespace cacheindex::index {

// Values of type geopolygon: one ring, as a flat list of its corners' latitudes and longitudes, in
// either direction, its first corner repeated at the end or not. Columns hold the corners in order.

/// Degrees east or west of a stored corner, at most: as far as an area over the date line needs.
inline constexpr double kAreaLongitudeMax = 360;

/// Returns why `value` is no geopolygon, completing "... must be a geopolygon: ..."; nullopt when
/// it is one.
std::optional<std::string> WhyNoArea(const Json& value);

/// Appends what a column holds for a geopolygon; nothing for another value.
void EncodeArea(const Json& value, std::vector<std::int64_t>& encoded);

/// Whether one of the encoded areas contains one of `points`.
bool AnyAreaContains(std::span<const std::int64_t> encoded, std::span<const GeoPoint> points);

}  // namespace cacheindex::index
