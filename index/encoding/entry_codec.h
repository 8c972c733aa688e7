#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace cacheindex::index {

// Numbers inside entry keys and values: big-endian, so that byte order is numeric order.

inline std::string EncodeBigEndian32(std::uint32_t number) {
  return {static_cast<char>(number >> 24), static_cast<char>(number >> 16),
          static_cast<char>(number >> 8), static_cast<char>(number)};
}

inline std::uint32_t DecodeBigEndian32(std::string_view bytes) {
  std::uint32_t number = 0;
  for (const char byte : bytes.substr(0, 4)) {
    number = number << 8 | static_cast<unsigned char>(byte);
  }
  return number;
}

}  // namespace cacheindex::index
