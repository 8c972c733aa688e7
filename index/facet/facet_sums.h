#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>

#include "index/schema/schema.h"
#include "node/core/search.h"

namespace cacheindex::index {

/// Statistics of a numeric field, the same whatever the order in which its values are added: sums
/// are exact until they are asked for, since rounding after each addition would make them depend on
/// the order of the documents, which is each node's own.
///
/// Memory: 1 KB. Threads: one at a time.
class FacetSums {
 public:
  /// `type` is that of a numeric field.
  explicit FacetSums(FieldType type) : is_float_(type == FieldType::kFloat) {}

  /// Adds a value as its column has it.
  void Add(std::int64_t column_value) {
    low_ = std::min(low_, column_value);
    high_ = std::max(high_, column_value);
    ++count_;
    if (is_float_) {
      AddFloat(column_value);
    } else {
      AddInteger(column_value);
    }
  }

  /// Returns nullopt when nothing was added.
  std::optional<FacetStatistics> Finish() const;

 private:
  // A double is a multiple of 2^-1074 and less than 2^1024. Each limb counts multiples of a power
  // of 2^32 and has room for 2^30 additions more than it needs.
  static constexpr int kLimbBits = 32;
  static constexpr std::size_t kLimbs = 68;
  using Limbs = std::array<std::int64_t, kLimbs>;

  void AddInteger(std::int64_t value) {
    constexpr std::uint64_t kLowHalf = 0xFFFFFFFFU;
    upper_ += value >> kLimbBits;
    lower_ += static_cast<std::uint64_t>(value) & kLowHalf;
    upper_ += static_cast<std::int64_t>(lower_ >> kLimbBits);
    lower_ &= kLowHalf;
  }
  void AddFloat(std::int64_t column_value);
  static void Carry(Limbs& limbs);
  double FloatSum() const;

  bool is_float_;
  std::uint64_t count_ = 0;
  std::int64_t low_ = std::numeric_limits<std::int64_t>::max();
  std::int64_t high_ = std::numeric_limits<std::int64_t>::min();
  // Of integers: the sum is upper_ * 2^32 + lower_.
  std::int64_t upper_ = 0;
  std::uint64_t lower_ = 0;
  Limbs limbs_{};
};

}  // namespace cacheindex::index
