#include "index/geo/geo_area.h"

#include <algorithm>
#include <cmath>
#include <cstddef>

#include "index/encoding/column_value.h"
#include "index/geo/geo_region.h"
#include "node/core/long_number.h"

namespace cacheindex::index {
namespace {

// Follows the corners of each area, because an array of objects may hold several. No corner is
// there.
constexpr std::int64_t kEndOfArea = EncodeGeopoint(91, 0);

bool IsFlatList(const Json& value) {
  return value.is_array() && value.size() % 2 == 0 &&
         std::ranges::all_of(
             value, [](const Json& number) { return IsNumber(number) && NearestDouble(number); });
}

bool IsCorner(const GeoPoint& corner) {
  return std::fabs(corner.latitude) <= 90 && std::fabs(corner.longitude) <= kAreaLongitudeMax;
}

GeoPoint CornerAt(const Json& value, std::size_t i) {
  return {.latitude = *NearestDouble(value[i]), .longitude = *NearestDouble(value[i + 1])};
}

}  // namespace

std::optional<std::string> WhyNoArea(const Json& value) {
  if (!IsFlatList(value)) {
    return "a flat list of numbers, latitude and longitude of each corner";
  }
  // As they are kept: rounded.
  std::vector<GeoPoint> corners;
  for (std::size_t i = 0; i < value.size(); i += 2) {
    const GeoPoint corner = CornerAt(value, i);
    if (!IsCorner(corner)) {
      return "latitudes within 90 and longitudes within 360 degrees";
    }
    corners.push_back(DecodeGeopoint(EncodeGeopoint(corner.latitude, corner.longitude)));
  }
  const auto region = RegionWithin(corners);
  if (!region) {
    return std::string(region.error().message());
  }
  const auto* polygon = std::get_if<GeoPolygon>(&*region);
  if (polygon != nullptr && polygon->CrossesItself()) {
    return "corners in the order of their ring, whose edges do not cross";
  }
  return std::nullopt;
}

void EncodeArea(const Json& value, std::vector<std::int64_t>& encoded) {
  if (!IsFlatList(value)) {
    return;
  }
  for (std::size_t i = 0; i < value.size(); i += 2) {
    const GeoPoint corner = CornerAt(value, i);
    if (IsCorner(corner)) {
      encoded.push_back(EncodeGeopoint(corner.latitude, corner.longitude));
    }
  }
  encoded.push_back(kEndOfArea);
}

bool AnyAreaContains(std::span<const std::int64_t> encoded, std::span<const GeoPoint> points) {
  std::vector<GeoPoint> corners;
  for (const std::int64_t value : encoded) {
    if (value != kEndOfArea) {
      corners.push_back(DecodeGeopoint(value));
      continue;
    }
    const auto region = RegionWithin(corners);
    const bool contains = region && std::ranges::any_of(points, [&](const GeoPoint& point) {
                            return Contains(*region, point);
                          });
    if (contains) {
      return true;
    }
    corners.clear();
  }
  return false;
}

}  // namespace cacheindex::index
