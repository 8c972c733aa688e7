#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace cacheindex::replication {

__extension__ using Int128 = __int128;

/// Digits of a decimal, at most; what needs more is computed in double precision.
inline constexpr int kDecimalDigitsMax = 38;

/// A decimal number as the source's numeric has it: `digits` / 10^`scale`, exact.
struct Decimal {
  Int128 digits = 0;
  /// Digits after the point: 0 to kDecimalDigitsMax.
  std::uint8_t scale = 0;
};

/// Returns the number that `text` spells (12, -0.50), nullopt when it is none, has an exponent, or
/// more than kDecimalDigitsMax digits.
std::optional<Decimal> ParseDecimal(std::string_view text);
/// Returns the number with all its digits: 0.50.
std::string TextOf(Decimal decimal);
/// Returns the double next to it.
double ToDouble(Decimal decimal);

/// Exact; nullopt when the digits are too many.
std::optional<Decimal> Add(Decimal left, Decimal right) noexcept;
std::optional<Decimal> Subtract(Decimal left, Decimal right) noexcept;
std::optional<Decimal> Multiply(Decimal left, Decimal right) noexcept;
/// Has the digits of the source's quotient of two numerics (numeric.c, select_div_scale: 16 that
/// count, or as many after the point as the sides have; the last one rounded), but no zeros at its
/// end. Nullopt when the digits are too many. Requires right != 0.
std::optional<Decimal> Divide(Decimal left, Decimal right) noexcept;
/// The rest of a division, with the sign of `left`. Nullopt as Add. Requires right != 0.
std::optional<Decimal> Modulo(Decimal left, Decimal right) noexcept;
/// Nullopt when both do not fit at one scale.
std::optional<std::strong_ordering> Compare(Decimal left, Decimal right) noexcept;

enum class Rounding : std::uint8_t { kHalfAwayFromZero, kDown, kUp };
/// Returns the number with at most `places` digits after the point; negative ones round digits
/// before it (1250 to -2: 1300). kDown and kUp go to the next lower and the next higher.
Decimal Round(Decimal decimal, std::int64_t places, Rounding rounding) noexcept;

/// Returns the same number without zeros at the end of its fraction.
Decimal WithoutZeros(Decimal decimal) noexcept;

}  // namespace cacheindex::replication
