#pragma once

#include <span>
#include <string_view>

#include "cache/numbers.h"
#include "index/columns/document_set.h"
#include "index/columns/search_context.h"
#include "index/geo/geo_region.h"
#include "node/core/result.h"

namespace cacheindex::index {

/// Reads a distance such as `5.1 km` or `3 mi`, in meters.
/// Errors: kInvalidArgument; the message completes "`...`".
Result<double> ParseDistance(std::string_view text);

/// Reads what a geo filter compares with: `(latitude, longitude, distance)` or
/// `(latitude, longitude, latitude, longitude, ...)`.
/// Errors: kInvalidArgument; the message completes "`...`".
Result<GeoRegion> ParseRegion(std::string_view text);

/// Reads what a filter on areas compares with: `(latitude, longitude)`.
/// Errors: kInvalidArgument; the message completes "`...`".
Result<GeoPoint> ParsePlace(std::string_view text);

bool Contains(std::span<const GeoRegion> regions, const GeoPoint& point);

/// Returns the documents of `within` that have a place of `column` in one of `regions`. Column 0
/// has no places.
/// Errors: kTimeout, and those of the view.
Result<DocumentSet> SelectByPlaces(SearchContext& context, cache::ColumnNumber column,
                                   std::span<const GeoRegion> regions, const DocumentSet& within);

/// Returns the documents of `within` that have an area (geo_area.h) in `column` which contains one
/// of `points`. Column 0 has no areas.
///
/// Cost: that of building each area, some 50 ns a corner.
/// Errors: kTimeout, and those of the view.
Result<DocumentSet> SelectByAreas(SearchContext& context, cache::ColumnNumber column,
                                  std::span<const GeoPoint> points, const DocumentSet& within);

}  // namespace cacheindex::index
