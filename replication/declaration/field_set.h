#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>

namespace cacheindex::replication {

/// Some fields of a collection: each of the first 63, and of the others all or none. Cheap to copy.
class FieldSet {
 public:
  static constexpr FieldSet All() noexcept { return FieldSet(UINT64_MAX); }
  static constexpr FieldSet Of(std::size_t field) noexcept {
    return FieldSet(std::uint64_t{1} << std::min<std::size_t>(field, kLast));
  }
  /// Of bits(); the same set for the same declaration of the fields.
  static constexpr FieldSet OfBits(std::uint64_t bits) noexcept { return FieldSet(bits); }
  constexpr FieldSet() noexcept = default;

  constexpr FieldSet& operator|=(FieldSet other) noexcept {
    bits_ |= other.bits_;
    return *this;
  }
  constexpr bool operator==(const FieldSet&) const noexcept = default;

  constexpr bool Contains(std::size_t field) const noexcept {
    return (bits_ & Of(field).bits_) != 0;
  }
  constexpr bool Contains(FieldSet other) const noexcept { return (other.bits_ & ~bits_) == 0; }
  constexpr std::uint64_t bits() const noexcept { return bits_; }
  constexpr bool is_empty() const noexcept { return bits_ == 0; }
  /// Whether it is All: more than each of the fields, the document as such.
  constexpr bool is_all() const noexcept { return bits_ == UINT64_MAX; }

 private:
  static constexpr std::size_t kLast = 63;
  explicit constexpr FieldSet(std::uint64_t bits) noexcept : bits_(bits) {}

  std::uint64_t bits_ = 0;
};

}  // namespace cacheindex::replication
