#include "replication/values/decimal.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

namespace cacheindex::replication {
namespace {

constexpr std::array<Int128, kDecimalDigitsMax + 1> kPowersOfTen = [] {
  std::array<Int128, kDecimalDigitsMax + 1> powers{};
  powers[0] = 1;
  for (std::size_t i = 1; i < powers.size(); ++i) {
    powers[i] = powers[i - 1] * 10;
  }
  return powers;
}();

Int128 PowerOfTen(int exponent) noexcept {
  return kPowersOfTen[static_cast<std::size_t>(exponent)];
}

Int128 Magnitude(Int128 number) noexcept { return number < 0 ? -number : number; }

bool Fits(Int128 digits) noexcept { return Magnitude(digits) < PowerOfTen(kDecimalDigitsMax); }

// Decimal digits of a number that is not 0.
int DigitCount(Int128 number) noexcept {
  const auto above = std::upper_bound(kPowersOfTen.begin(), kPowersOfTen.end(), Magnitude(number));
  return static_cast<int>(above - kPowersOfTen.begin());
}

// Multiplies by a power of ten, nullopt when the digits are too many.
std::optional<Int128> Shifted(Int128 number, int places) noexcept {
  Int128 result = 0;
  if (places > kDecimalDigitsMax || __builtin_mul_overflow(number, PowerOfTen(places), &result) ||
      !Fits(result)) {
    return number == 0 ? std::optional<Int128>(0) : std::nullopt;
  }
  return result;
}

// Both as digits at one scale.
struct Aligned {
  Int128 left = 0;
  Int128 right = 0;
  std::uint8_t scale = 0;
};
std::optional<Aligned> Align(Decimal left, Decimal right) noexcept {
  const std::uint8_t scale = std::max(left.scale, right.scale);
  const auto left_digits = Shifted(left.digits, scale - left.scale);
  const auto right_digits = Shifted(right.digits, scale - right.scale);
  if (!left_digits || !right_digits) {
    return std::nullopt;
  }
  return Aligned{.left = *left_digits, .right = *right_digits, .scale = scale};
}

std::optional<Decimal> IfFits(Int128 digits, int scale) noexcept {
  if (!Fits(digits) || scale > kDecimalDigitsMax) {
    return std::nullopt;
  }
  return Decimal{.digits = digits, .scale = static_cast<std::uint8_t>(scale)};
}

// The source keeps numbers in groups of four decimal digits, and a quotient's scale follows from
// the groups that its sides begin with.
struct FirstGroup {
  int weight = 0;
  Int128 value = 0;
};
FirstGroup FirstGroupOf(Decimal number) noexcept {
  constexpr int kGroupDigits = 4;
  if (number.digits == 0) {
    return {};
  }
  const int exponent = DigitCount(number.digits) - 1 - number.scale;
  const int weight =
      exponent >= 0 ? exponent / kGroupDigits : -((kGroupDigits - 1 - exponent) / kGroupDigits);
  const int group_digits = exponent - weight * kGroupDigits + 1;
  const int rest = DigitCount(number.digits) - group_digits;
  const Int128 magnitude = Magnitude(number.digits);
  return {.weight = weight,
          .value = rest >= 0 ? magnitude / PowerOfTen(rest) : magnitude * PowerOfTen(-rest)};
}

int QuotientScale(Decimal left, Decimal right) noexcept {
  constexpr int kGroupDigits = 4;
  constexpr int kDigitsMin = 16;
  const FirstGroup first = FirstGroupOf(left);
  const FirstGroup second = FirstGroupOf(right);
  int weight = first.weight - second.weight;
  if (first.value <= second.value) {
    --weight;
  }
  return std::max({kDigitsMin - weight * kGroupDigits, int{left.scale}, int{right.scale}, 0});
}

}  // namespace

std::optional<Decimal> ParseDecimal(std::string_view text) {
  const bool is_negative = text.starts_with('-');
  text.remove_prefix(is_negative ? 1 : 0);
  Decimal decimal;
  int digits = 0;
  bool has_point = false;
  bool has_digit = false;
  for (const char character : text) {
    if (character == '.' && !has_point) {
      has_point = true;
      continue;
    }
    if (character < '0' || character > '9' || decimal.scale == kDecimalDigitsMax ||
        digits == kDecimalDigitsMax) {
      return std::nullopt;
    }
    has_digit = true;
    decimal.digits = decimal.digits * 10 + (character - '0');
    // Zeros in front are none.
    digits += digits > 0 || decimal.digits != 0 ? 1 : 0;
    decimal.scale = static_cast<std::uint8_t>(decimal.scale + (has_point ? 1 : 0));
  }
  if (!has_digit) {
    return std::nullopt;
  }
  decimal.digits = is_negative ? -decimal.digits : decimal.digits;
  return decimal;
}

std::string TextOf(Decimal decimal) {
  std::string text;
  Int128 rest = Magnitude(decimal.digits);
  for (int place = 0; rest != 0 || place <= decimal.scale; ++place) {
    if (place == decimal.scale && place > 0) {
      text += '.';
    }
    text += static_cast<char>('0' + static_cast<int>(rest % 10));
    rest /= 10;
  }
  text += decimal.digits < 0 ? "-" : "";
  std::reverse(text.begin(), text.end());
  return text;
}

double ToDouble(Decimal decimal) {
  // Both are exact as doubles, and so their quotient is the nearest one.
  constexpr Int128 kExactInteger = Int128{1} << 53U;
  constexpr int kExactPower = 22;
  if (Magnitude(decimal.digits) <= kExactInteger && decimal.scale <= kExactPower) {
    return static_cast<double>(decimal.digits) / static_cast<double>(PowerOfTen(decimal.scale));
  }
  const std::string text = TextOf(decimal);
  double nearest = 0;
  std::from_chars(text.data(), text.data() + text.size(), nearest);
  return nearest;
}

std::optional<Decimal> Add(Decimal left, Decimal right) noexcept {
  const auto aligned = Align(left, right);
  Int128 sum = 0;
  if (!aligned || __builtin_add_overflow(aligned->left, aligned->right, &sum)) {
    return std::nullopt;
  }
  return IfFits(sum, aligned->scale);
}

std::optional<Decimal> Subtract(Decimal left, Decimal right) noexcept {
  return Add(left, {.digits = -right.digits, .scale = right.scale});
}

std::optional<Decimal> Multiply(Decimal left, Decimal right) noexcept {
  Int128 product = 0;
  if (__builtin_mul_overflow(left.digits, right.digits, &product)) {
    return std::nullopt;
  }
  return IfFits(product, left.scale + right.scale);
}

std::optional<Decimal> Divide(Decimal left, Decimal right) noexcept {
  // By far the most: cents into euros.
  for (const int power : {2, 1, 3}) {
    if (right.scale == 0 && right.digits == PowerOfTen(power) &&
        left.scale + power <= kDecimalDigitsMax) {
      return WithoutZeros(
          {.digits = left.digits, .scale = static_cast<std::uint8_t>(left.scale + power)});
    }
  }
  const int scale = QuotientScale(left, right);
  const Int128 divisor = Magnitude(right.digits);
  // One more digit of the rest must fit.
  if (scale > kDecimalDigitsMax || divisor >= PowerOfTen(kDecimalDigitsMax - 1)) {
    return std::nullopt;
  }
  Int128 quotient = Magnitude(left.digits) / divisor;
  Int128 rest = Magnitude(left.digits) % divisor;
  for (int place = left.scale - right.scale; place < scale; ++place) {
    rest *= 10;
    quotient = quotient * 10 + rest / divisor;
    rest %= divisor;
    if (!Fits(quotient)) {
      return std::nullopt;
    }
  }
  quotient += rest * 2 >= divisor ? 1 : 0;
  const bool is_negative = (left.digits < 0) != (right.digits < 0);
  const auto rounded = IfFits(is_negative ? -quotient : quotient, scale);
  return rounded ? std::optional(WithoutZeros(*rounded)) : std::nullopt;
}

std::optional<Decimal> Modulo(Decimal left, Decimal right) noexcept {
  const auto aligned = Align(left, right);
  return aligned ? IfFits(aligned->left % aligned->right, aligned->scale) : std::nullopt;
}

std::optional<std::strong_ordering> Compare(Decimal left, Decimal right) noexcept {
  const auto aligned = Align(left, right);
  if (!aligned) {
    return std::nullopt;
  }
  return aligned->left < aligned->right   ? std::strong_ordering::less
         : aligned->left > aligned->right ? std::strong_ordering::greater
                                          : std::strong_ordering::equal;
}

Decimal Round(Decimal decimal, std::int64_t places, Rounding rounding) noexcept {
  if (places >= decimal.scale) {
    return decimal;
  }
  const std::int64_t dropped = decimal.scale - places;
  if (dropped > kDecimalDigitsMax) {
    return {};
  }
  const Int128 unit = PowerOfTen(static_cast<int>(dropped));
  const Int128 rest = decimal.digits % unit;
  Int128 kept = decimal.digits / unit;
  switch (rounding) {
    case Rounding::kHalfAwayFromZero:
      kept += rest >= unit / 2 ? 1 : (rest <= -(unit / 2) ? -1 : 0);
      break;
    case Rounding::kDown:
      kept -= rest < 0 ? 1 : 0;
      break;
    case Rounding::kUp:
      kept += rest > 0 ? 1 : 0;
      break;
  }
  if (places >= 0) {
    return {.digits = kept, .scale = static_cast<std::uint8_t>(places)};
  }
  const auto whole = Shifted(kept, static_cast<int>(-places));
  return whole ? Decimal{.digits = *whole, .scale = 0} : decimal;
}

Decimal WithoutZeros(Decimal decimal) noexcept {
  if (decimal.digits >= INT64_MIN && decimal.digits <= INT64_MAX) {
    auto digits = static_cast<std::int64_t>(decimal.digits);
    for (; decimal.scale > 0 && digits % 10 == 0; --decimal.scale) {
      digits /= 10;
    }
    decimal.digits = digits;
    return decimal;
  }
  while (decimal.scale > 0 && decimal.digits % 10 == 0) {
    decimal.digits /= 10;
    --decimal.scale;
  }
  return decimal;
}

}  // namespace cacheindex::replication
