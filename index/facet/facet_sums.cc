#include "index/facet/facet_sums.h"

#include <bit>
#include <cmath>

#include "index/encoding/column_value.h"

namespace cacheindex::index {
namespace {

constexpr std::uint64_t kLimbMask = 0xFFFFFFFFU;
constexpr int kFractionBits = 52;
constexpr std::uint64_t kExponentMask = 0x7FF;
// Of the lowest bit of the smallest double.
constexpr int kLowestExponent = -1074;

}  // namespace

void FacetSums::AddFloat(std::int64_t column_value) {
  constexpr std::uint64_t kAdditionsBetweenCarries = std::uint64_t{1} << 29;
  const auto bits = std::bit_cast<std::uint64_t>(DecodeFloat(column_value));
  const std::uint64_t exponent = bits >> kFractionBits & kExponentMask;
  const std::uint64_t fraction = bits & ((std::uint64_t{1} << kFractionBits) - 1);
  const std::uint64_t digits =
      exponent == 0 ? fraction : fraction | std::uint64_t{1} << kFractionBits;
  const std::uint64_t place = exponent == 0 ? 0 : exponent - 1;
  const std::uint64_t shift = place % kLimbBits;
  const std::uint64_t lower = (digits & kLimbMask) << shift;
  const std::uint64_t upper = (digits >> kLimbBits) << shift;
  const std::int64_t sign = std::bit_cast<std::int64_t>(bits) < 0 ? -1 : 1;
  std::int64_t* limb = limbs_.data() + place / kLimbBits;
  limb[0] += sign * static_cast<std::int64_t>(lower & kLimbMask);
  limb[1] += sign * static_cast<std::int64_t>((lower >> kLimbBits) + (upper & kLimbMask));
  limb[2] += sign * static_cast<std::int64_t>(upper >> kLimbBits);
  if (count_ % kAdditionsBetweenCarries == 0) {
    Carry(limbs_);
  }
}

// Leaves every limb but the highest below 2^32 and not negative.
void FacetSums::Carry(Limbs& limbs) {
  for (std::size_t i = 0; i + 1 < kLimbs; ++i) {
    limbs[i + 1] += limbs[i] >> kLimbBits;
    limbs[i] &= static_cast<std::int64_t>(kLimbMask);
  }
}

double FacetSums::FloatSum() const {
  Limbs limbs = limbs_;
  Carry(limbs);
  const bool is_negative = limbs.back() < 0;
  if (is_negative) {
    for (std::int64_t& limb : limbs) {
      limb = -limb;
    }
    Carry(limbs);
  }
  double sum = 0;
  for (std::size_t i = kLimbs; i-- > 0;) {
    sum += std::ldexp(static_cast<double>(limbs[i]),
                      kLimbBits * static_cast<int>(i) + kLowestExponent);
  }
  return is_negative ? -sum : sum;
}

std::optional<FacetStatistics> FacetSums::Finish() const {
  if (count_ == 0) {
    return std::nullopt;
  }
  const auto number = [this](std::int64_t value) {
    return is_float_ ? DecodeFloat(value) : static_cast<double>(value);
  };
  FacetStatistics statistics;
  statistics.minimum = number(low_);
  statistics.maximum = number(high_);
  statistics.sum =
      is_float_ ? FloatSum()
                : std::ldexp(static_cast<double>(upper_), kLimbBits) + static_cast<double>(lower_);
  statistics.average = statistics.sum / static_cast<double>(count_);
  return statistics;
}

}  // namespace cacheindex::index
