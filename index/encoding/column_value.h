#pragma once

#include <bit>
#include <cstdint>
#include <string_view>

namespace cacheindex::index {

// How values become the 64-bit integers of a column. Every encoding keeps the order, so that
// filters and sorting compare the integers.

/// Numbers of type float are kept as doubles: sign-magnitude bits made two's complement. -0 becomes
/// 0.
constexpr std::int64_t EncodeFloat(double value) noexcept {
  const auto bits = std::bit_cast<std::int64_t>(value == 0 ? 0.0 : value);
  return bits >= 0 ? bits
                   : static_cast<std::int64_t>(~static_cast<std::uint64_t>(bits) |
                                               (std::uint64_t{1} << 63));
}
constexpr double DecodeFloat(std::int64_t column_value) noexcept {
  return std::bit_cast<double>(
      column_value >= 0 ? column_value
                        : static_cast<std::int64_t>(~static_cast<std::uint64_t>(column_value) |
                                                    (std::uint64_t{1} << 63)));
}

/// A geopoint in millionths of a degree (0.11 m): latitude in the upper, longitude in the lower
/// half.
constexpr std::int64_t EncodeGeopoint(double latitude, double longitude) noexcept {
  const auto microdegrees = [](double degrees) {
    return static_cast<std::int32_t>(degrees * 1e6 + (degrees < 0 ? -0.5 : 0.5));
  };
  return static_cast<std::int64_t>(
      static_cast<std::uint64_t>(static_cast<std::uint32_t>(microdegrees(latitude))) << 32 |
      static_cast<std::uint32_t>(microdegrees(longitude)));
}

/// The first eight bytes of a string's normal form; equal keys need a look at the strings.
constexpr std::int64_t EncodeSortKey(std::string_view normal_form) noexcept {
  std::uint64_t key = 0;
  for (std::size_t i = 0; i < 8; ++i) {
    key = key << 8 | (i < normal_form.size() ? static_cast<unsigned char>(normal_form[i]) : 0U);
  }
  return static_cast<std::int64_t>(key ^ (std::uint64_t{1} << 63));
}

}  // namespace cacheindex::index
