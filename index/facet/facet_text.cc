#include "index/facet/facet_text.h"

#include <array>
#include <charconv>
#include <cmath>

#include "index/encoding/column_value.h"

namespace cacheindex::index {
namespace {

std::string FloatText(double number) {
  // Fixed notation where people use it; the shortest of both would make 100000 "1e+05".
  constexpr double kFixedMin = 1e-6;
  constexpr double kFixedMax = 1e15;
  const double magnitude = std::fabs(number);
  const bool is_fixed = magnitude == 0 || (magnitude >= kFixedMin && magnitude < kFixedMax);
  std::array<char, 64> buffer{};
  const auto [end, status] =
      std::to_chars(buffer.data(), buffer.data() + buffer.size(), number,
                    is_fixed ? std::chars_format::fixed : std::chars_format::scientific);
  return {buffer.data(), end};
}

}  // namespace

std::string FacetText(FieldType type, std::int64_t column_value) {
  if (type == FieldType::kBool) {
    return column_value != 0 ? "true" : "false";
  }
  if (type == FieldType::kFloat) {
    return FloatText(DecodeFloat(column_value));
  }
  return std::to_string(column_value);
}

}  // namespace cacheindex::index
