#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace cacheindex::replication {

// Numbers in keys of the store: big-endian, so that keys are in the order of their numbers.

/// Appends all bytes of an unsigned number.
template <class Number>
void AppendBigEndian(std::string& bytes, Number number) {
  for (int shift = static_cast<int>(sizeof(Number)) * 8 - 8; shift >= 0; shift -= 8) {
    bytes += static_cast<char>(number >> static_cast<unsigned>(shift));
  }
}

/// Takes a number off the front of `bytes`, which must be long enough.
template <class Number>
Number TakeBigEndian(std::string_view& bytes) {
  Number number = 0;
  for (std::size_t i = 0; i < sizeof(Number); ++i) {
    number = static_cast<Number>(number << 8U | static_cast<unsigned char>(bytes[i]));
  }
  bytes.remove_prefix(sizeof(Number));
  return number;
}

}  // namespace cacheindex::replication
