#pragma once

#include <functional>
#include <span>

#include "index/schema.h"
#include "node/core/json.h"

namespace cacheindex::index {

/// Calls visit(field, values) for every concrete, indexed field of `schema` that `document` has a
/// value for. Arrays, and objects inside arrays, are flattened: `values` holds the scalars (or the
/// [latitude, longitude] pairs of geopoints) in document order, at least one, none of them null.
/// `id` is no field here.
///
/// Cost: walks the document, not the schema.
void ForEachField(
    const Schema& schema, const Json& document,
    const std::function<void(const Field& field, std::span<const Json* const> values)>& visit);

}  // namespace cacheindex::index
