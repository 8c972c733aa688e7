#include "index/filter/filter_geo.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "index/columns/filter_ranges.h"
#include "index/expressions/filter_text.h"
#include "index/geo/geo_area.h"
#include "node/core/number_text.h"

namespace cacheindex::index {
namespace {

// Half of the equator: whatever is further away does not exist.
constexpr double kDistanceMetersMax = 20'100'000;

Error Wrong(std::string message) { return {ErrorCode::kInvalidArgument, std::move(message)}; }

std::optional<double> ParseNumber(std::string_view text) {
  const auto number = ToNumber<double>(text);
  return number && std::isfinite(*number) ? number : std::nullopt;
}

Result<GeoPoint> ParsePoint(std::string_view latitude, std::string_view longitude) {
  const auto north = ParseNumber(latitude);
  const auto east = ParseNumber(longitude);
  if (!north || !east) {
    return Wrong("needs numbers for latitude and longitude");
  }
  const GeoPoint point{.latitude = *north, .longitude = *east};
  if (!IsOnMap(point)) {
    return Wrong("has a latitude beyond 90 degrees or a longitude beyond a thousand worlds");
  }
  return point;
}

Result<GeoRegion> ParsePolygon(const std::vector<std::string_view>& parts) {
  if (parts.size() % 2 != 0) {
    return Wrong("needs a distance in `km` or `mi`, or pairs of latitude and longitude");
  }
  std::vector<GeoPoint> corners;
  for (std::size_t i = 0; i < parts.size(); i += 2) {
    const auto corner = ParsePoint(parts[i], parts[i + 1]);
    if (!corner) {
      return corner.error();
    }
    corners.push_back(*corner);
  }
  auto region = RegionWithin(corners);
  if (!region) {
    return Wrong("is no polygon: " + region.error().message());
  }
  return region;
}

// The lowest and highest value that a place in one of `regions` can have: latitudes decide.
ValueRange Span(std::span<const GeoRegion> regions) {
  double south = 90;
  double north = -90;
  for (const GeoRegion& region : regions) {
    std::visit(
        [&](const auto& area) {
          south = std::min(south, area.latitude_min());
          north = std::max(north, area.latitude_max());
        },
        region);
  }
  const auto low = static_cast<std::int64_t>(std::floor(std::max(south, -90.0) * kMicrodegrees));
  const auto high = static_cast<std::int64_t>(std::ceil(std::min(north, 90.0) * kMicrodegrees));
  constexpr std::int64_t kLongitudes = std::int64_t{1} << 32;
  return {low * kLongitudes, high * kLongitudes + kLongitudes - 1};
}

// Calls select(page, selection, first) for the pages of `column` that documents of `within` may lie
// on: `selection` has a bit for each document of the page, `first` is the number of the first one.
template <class Select>
Result<void> ForEachPage(SearchContext& context, cache::ColumnNumber column,
                         const DocumentSet& within, const Select& select) {
  if (column == cache::ColumnNumber{}) {
    return {};
  }
  const auto pages = context.Pages(column);
  if (!pages) {
    return pages.error();
  }
  const cache::PageShape shape = cache::ShapeOf(column);
  const std::uint32_t count = std::min((*pages)->page_count(), within.PageCount(shape));
  for (std::uint32_t number = 0; number < count; ++number) {
    // Places cost some hundred times what numbers do, so the clock is looked at for every page.
    if (context.IsExpired()) {
      return DeadlinePassed();
    }
    const cache::ColumnPage* page = (*pages)->Find(number);
    if (page != nullptr && page->values() > 0) {
      select(*page, within.WordsOfPage(shape, number), number * cache::DocumentsPerPage(shape));
    }
  }
  return {};
}

}  // namespace

Result<double> ParseDistance(std::string_view text) {
  text = Trim(text);
  const bool is_miles = text.ends_with("mi");
  if (!is_miles && !text.ends_with("km")) {
    return Wrong("needs a distance in `km` or `mi`");
  }
  constexpr double kMetersPerKilometer = 1'000;
  const auto number = ParseNumber(Trim(text.substr(0, text.size() - 2)));
  if (!number || *number < 0) {
    return Wrong("needs a distance that is a number, not below 0");
  }
  return std::min(*number * (is_miles ? kMetersPerMile : kMetersPerKilometer), kDistanceMetersMax);
}

Result<GeoRegion> ParseRegion(std::string_view text) {
  text = Trim(text);
  if (text.size() < 2 || !text.starts_with('(') || !text.ends_with(')')) {
    return Wrong(
        "needs the form `(latitude, longitude, distance)` or `(latitude, longitude, ...)`");
  }
  auto parts = SplitList(text.substr(1, text.size() - 2));
  // How exact to be: always as exact as can be.
  std::erase_if(parts,
                [](std::string_view part) { return part.starts_with("exact_filter_radius"); });
  if (parts.size() != 3) {
    return ParsePolygon(parts);
  }
  const auto centre = ParsePoint(parts[0], parts[1]);
  if (!centre) {
    return centre.error();
  }
  const auto radius_meters = ParseDistance(parts[2]);
  if (!radius_meters) {
    return radius_meters.error();
  }
  return GeoRegion(GeoCircle(*centre, *radius_meters));
}

bool Contains(std::span<const GeoRegion> regions, const GeoPoint& point) {
  return std::any_of(regions.begin(), regions.end(),
                     [&](const GeoRegion& region) { return Contains(region, point); });
}

Result<GeoPoint> ParsePlace(std::string_view text) {
  text = Trim(text);
  const bool is_enclosed = text.size() >= 2 && text.starts_with('(') && text.ends_with(')');
  const auto parts =
      is_enclosed ? SplitList(text.substr(1, text.size() - 2)) : std::vector<std::string_view>();
  if (parts.size() != 2) {
    return Wrong("needs the form `(latitude, longitude)`");
  }
  return ParsePoint(parts[0], parts[1]);
}

Result<DocumentSet> SelectByPlaces(SearchContext& context, cache::ColumnNumber column,
                                   std::span<const GeoRegion> regions, const DocumentSet& within) {
  DocumentSet matches = context.EmptySet();
  const ValueRange span = Span(regions);
  auto walked = ForEachPage(
      context, column, within,
      [&](const cache::ColumnPage& page, const std::uint64_t* selection, DocumentNumber first) {
        if (page.maximum() < span.low || page.minimum() > span.high) {
          return;
        }
        page.ForEachValue(selection, [&](std::uint32_t offset, std::int64_t value) {
          if (value >= span.low && value <= span.high && Contains(regions, DecodeGeopoint(value))) {
            matches.Add(first + offset);
          }
        });
      });
  return walked ? Result<DocumentSet>(std::move(matches)) : std::move(walked).error();
}

Result<DocumentSet> SelectByAreas(SearchContext& context, cache::ColumnNumber column,
                                  std::span<const GeoPoint> points, const DocumentSet& within) {
  DocumentSet matches = context.EmptySet();
  std::vector<std::int64_t> encoded;
  auto walked = ForEachPage(
      context, column, within,
      [&](const cache::ColumnPage& page, const std::uint64_t* selection, DocumentNumber first) {
        page.ForEachDocument(selection,
                             [&](std::uint32_t offset, const cache::ColumnValues& values) {
                               encoded.clear();
                               for (std::uint32_t i = 0; i < values.size(); ++i) {
                                 encoded.push_back(values[i]);
                               }
                               if (AnyAreaContains(encoded, points)) {
                                 matches.Add(first + offset);
                               }
                             });
      });
  return walked ? Result<DocumentSet>(std::move(matches)) : std::move(walked).error();
}

}  // namespace cacheindex::index
