#include "index/schema/coercion.h"

#include <cmath>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>

#include "index/geo/geo_area.h"
#include "node/core/long_number.h"
#include "node/core/number_text.h"

namespace cacheindex::index {
namespace {

bool IsInRange(FieldType type, std::int64_t number) {
  return type != FieldType::kInt32 || (number >= std::numeric_limits<std::int32_t>::min() &&
                                       number <= std::numeric_limits<std::int32_t>::max());
}

std::optional<std::int64_t> ToInteger(const Json& value) {
  if (value.is_boolean()) {
    return value.get<bool>() ? 1 : 0;
  }
  if (IsNumber(value)) {
    return WholeNumber(value);
  }
  return value.is_string() ? ToNumber<std::int64_t>(value.get_ref<const std::string&>())
                           : std::nullopt;
}

Fit FitInteger(FieldType type, bool may_coerce, Json& value) {
  if (value.is_number_integer()) {
    const bool is_too_large = value.is_number_unsigned() &&
                              value.get<std::uint64_t>() > std::numeric_limits<std::int64_t>::max();
    return !is_too_large && IsInRange(type, value.get<std::int64_t>()) ? Fit::kFits : Fit::kMisfit;
  }
  const auto number = may_coerce ? ToInteger(value) : std::nullopt;
  if (!number || !IsInRange(type, *number)) {
    return Fit::kMisfit;
  }
  value = *number;
  return Fit::kCoerced;
}

// Returns the number that `text` spells, nullopt when it spells none that a double holds.
std::optional<Json> ToFloating(const std::string& text) {
  const auto number = ToNumber<double>(text);
  if (!number || !std::isfinite(*number)) {
    return std::nullopt;
  }
  if (!SpellsNumber(text)) {
    return *number;
  }
  auto written = ParseJson(text);
  if (!written || !IsHeldByDouble(*written)) {
    return std::nullopt;
  }
  return IsLongNumber(*written) ? *std::move(written) : Json(*number);
}

Fit FitFloat(bool may_coerce, Json& value) {
  if (IsNumber(value)) {
    return IsHeldByDouble(value) ? Fit::kFits : Fit::kMisfit;
  }
  if (may_coerce && value.is_boolean()) {
    value = value.get<bool>() ? 1.0 : 0.0;
    return Fit::kCoerced;
  }
  if (may_coerce && value.is_string()) {
    if (auto number = ToFloating(value.get_ref<const std::string&>())) {
      value = *std::move(number);
      return Fit::kCoerced;
    }
  }
  return Fit::kMisfit;
}

Fit FitBool(bool may_coerce, Json& value) {
  if (value.is_boolean()) {
    return Fit::kFits;
  }
  if (may_coerce) {
    const bool is_true = value == "true" || value == "1" || value == 1;
    if (is_true || value == "false" || value == "0" || value == 0) {
      value = is_true;
      return Fit::kCoerced;
    }
  }
  return Fit::kMisfit;
}

Fit FitString(bool may_coerce, Json& value) {
  if (value.is_string()) {
    return Fit::kFits;
  }
  if (may_coerce && (IsNumber(value) || value.is_boolean())) {
    value = DumpJson(value);
    return Fit::kCoerced;
  }
  return Fit::kMisfit;
}

Fit FitGeopoint(const Json& value) {
  if (!value.is_array() || value.size() != 2 || !IsNumber(value[0]) || !IsNumber(value[1])) {
    return Fit::kMisfit;
  }
  const auto latitude = NearestDouble(value[0]);
  const auto longitude = NearestDouble(value[1]);
  return latitude && longitude && std::abs(*latitude) <= 90 && std::abs(*longitude) <= 180
             ? Fit::kFits
             : Fit::kMisfit;
}

}  // namespace

Fit FitScalar(FieldType type, bool may_coerce, Json& value) {
  switch (type) {
    case FieldType::kString:
    case FieldType::kStringAuto:
      return FitString(may_coerce || type == FieldType::kStringAuto, value);
    case FieldType::kInt32:
    case FieldType::kInt64:
      return FitInteger(type, may_coerce, value);
    case FieldType::kFloat:
      return FitFloat(may_coerce, value);
    case FieldType::kBool:
      return FitBool(may_coerce, value);
    case FieldType::kGeopoint:
      return FitGeopoint(value);
    case FieldType::kGeopolygon:
      return WhyNoArea(value) ? Fit::kMisfit : Fit::kFits;
    case FieldType::kObject:
      return value.is_object() ? Fit::kFits : Fit::kMisfit;
    case FieldType::kAuto:
      return Fit::kFits;
  }
  return Fit::kMisfit;
}

}  // namespace cacheindex::index
