#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "index/schema/schema.h"
#include "node/core/json.h"

namespace cacheindex::index {

/// Whether `value` is one value of a type whose values are arrays themselves, not an array of
/// values.
bool IsListOfNumbers(FieldType type, const Json& value);

/// Whether `value` is an object or an array of objects: then it is no value of a field, whatever
/// its name, but what stands in it may be.
bool HoldsObjects(const Json& value);

/// Calls visit(field, values) for every concrete, indexed field of `schema` that `document` has a
/// value for. Arrays, and objects inside arrays, are flattened: `values` holds the scalars (or the
/// lists of numbers that geopoints and geopolygons are) in document order, at least one, none of
/// them null. `id` is no field here.
///
/// Cost: walks the document, not the schema.
void ForEachField(
    const Schema& schema, const Json& document,
    const std::function<void(const Field& field, std::span<const Json* const> values)>& visit);

/// As ForEachField, for the members of `document` with these names.
void ForEachFieldOf(
    const Schema& schema, const Json& document, std::span<const std::string_view> names,
    const std::function<void(const Field& field, std::span<const Json* const> values)>& visit);

/// Returns what a values column holds for one number, boolean or geopoint (column_value.h). Nothing
/// for a value of another type: such values are refused before they are stored, so this is the last
/// line of defence, not a conversion.
std::optional<std::int64_t> EncodeNumber(FieldType type, const Json& value);

/// Appends all that a values column holds for one value that is no text: a number, or the corners
/// of an area. Nothing for a value of another type.
void AppendEncoded(FieldType type, const Json& value, std::vector<std::int64_t>& encoded);

}  // namespace cacheindex::index
