#pragma once

#include <array>
#include <cassert>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace cacheindex::cache {

/// The bytes of a key, built on the stack. Numbers are big-endian, so that LMDB's byte order is
/// their order.
class Key {
 public:
  /// LMDB 0.9.24 takes 511; page splits are only well tested below this.
  static constexpr std::size_t kBytesMax = 200;

  // Not initialized on purpose: only the first size_ bytes are ever read.
  Key() noexcept {}  // NOLINT(modernize-use-equals-default, cppcoreguidelines-pro-type-member-init)

  Key& Add(std::string_view bytes) noexcept {
    assert(size_ + bytes.size() <= kBytesMax);
    bytes.copy(bytes_.data() + size_, bytes.size());
    size_ += bytes.size();
    return *this;
  }
  Key& Add(char byte) noexcept { return Add(std::string_view(&byte, 1)); }
  Key& Add(std::uint32_t number) noexcept { return AddBigEndian(number, 4); }
  Key& Add(std::uint64_t number) noexcept { return AddBigEndian(number, 8); }

  std::string_view view() const noexcept { return {bytes_.data(), size_}; }

 private:
  Key& AddBigEndian(std::uint64_t number, std::size_t bytes) noexcept {
    assert(size_ + bytes <= kBytesMax);
    for (std::size_t i = 0; i < bytes; ++i) {
      bytes_[size_ + i] = static_cast<char>(number >> (8 * (bytes - 1 - i)));
    }
    size_ += bytes;
    return *this;
  }

  std::array<char, kBytesMax> bytes_;
  std::size_t size_ = 0;
};

/// Reads a big-endian number at the start of `bytes`. Requires that they are long enough.
template <class Number>
Number DecodeBigEndian(std::string_view bytes) noexcept {
  assert(bytes.size() >= sizeof(Number));
  Number number = 0;
  for (std::size_t i = 0; i < sizeof(Number); ++i) {
    number = static_cast<Number>(number << 8 | static_cast<unsigned char>(bytes[i]));
  }
  return number;
}

}  // namespace cacheindex::cache
