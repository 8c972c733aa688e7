#include "index/schema/coercion.h"

#include <cmath>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>

#include "index/filter/geo_area.h"
#include "node/core/number_text.h"

namespace cacheindex::index {
namespace {

bool IsInRange(FieldType type, std::int64_t number) {
  return type != FieldType::kInt32 || (number >= std::numeric_limits<std::int32_t>::min() &&
                                       number <= std::numeric_limits<std::int32_t>::max());
}

// 2^63 as a double; the largest double below it still fits an int64. Its negative is refused, since
// numbers below the smallest int64 are parsed as that; -2^63 itself is parsed as an integer.
constexpr double kInt64Bound = 9223372036854775808.0;

std::optional<std::int64_t> ToInteger(const Json& value) {
  if (value.is_boolean()) {
    return value.get<bool>() ? 1 : 0;
  }
  if (value.is_number_float()) {
    const double number = value.get<double>();
    if (!std::isfinite(number) || number <= -kInt64Bound || number >= kInt64Bound) {
      return std::nullopt;
    }
    return static_cast<std::int64_t>(number);
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

Fit FitFloat(bool may_coerce, Json& value) {
  if (value.is_number()) {
    return Fit::kFits;
  }
  if (may_coerce && value.is_boolean()) {
    value = value.get<bool>() ? 1.0 : 0.0;
    return Fit::kCoerced;
  }
  if (may_coerce && value.is_string()) {
    const auto number = ToNumber<double>(value.get_ref<const std::string&>());
    if (number && std::isfinite(*number)) {
      value = *number;
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
  if (may_coerce && (value.is_number() || value.is_boolean())) {
    value = DumpJson(value);
    return Fit::kCoerced;
  }
  return Fit::kMisfit;
}

Fit FitGeopoint(const Json& value) {
  if (!value.is_array() || value.size() != 2 || !value[0].is_number() || !value[1].is_number()) {
    return Fit::kMisfit;
  }
  const double latitude = value[0].get<double>();
  const double longitude = value[1].get<double>();
  return std::abs(latitude) <= 90 && std::abs(longitude) <= 180 ? Fit::kFits : Fit::kMisfit;
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
