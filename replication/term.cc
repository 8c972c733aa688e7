#include "replication/term.h"

#include <cmath>
#include <utility>

#include "node/core/long_number.h"
#include "node/core/number_text.h"
#include "replication/postgres_types.h"

// Arithmetic, order and print; what the source's texts mean is in value_conversion.cc.

namespace cacheindex::replication {
namespace {

/// 10^18 is the greatest power of ten of 64 bits.
constexpr std::uint8_t kScaleMax = 18;
/// Any decimal of so many digits comes back from a double.
constexpr std::int64_t kExactDecimal = 1'000'000'000'000'000;

std::int64_t PowerOfTen(int exponent) noexcept {
  std::int64_t power = 1;
  for (; exponent > 0; --exponent) {
    power *= 10;
  }
  return power;
}

double ToReal(const Term& term) noexcept {
  switch (term.kind) {
    case Term::Kind::kInteger:
      return static_cast<double>(term.number);
    case Term::Kind::kDecimal:
      return static_cast<double>(term.number) / static_cast<double>(PowerOfTen(term.scale));
    case Term::Kind::kReal:
      return term.real;
    case Term::Kind::kNull:
    case Term::Kind::kBoolean:
    case Term::Kind::kText:
    case Term::Kind::kJson:
      break;
  }
  return 0;
}

// Both as digits at one scale; nullopt when 64 bits do not hold them.
struct Aligned {
  std::int64_t left = 0;
  std::int64_t right = 0;
  std::uint8_t scale = 0;
};
std::optional<Aligned> Align(const Term& left, const Term& right) noexcept {
  if (left.kind == Term::Kind::kReal || right.kind == Term::Kind::kReal) {
    return std::nullopt;
  }
  Aligned aligned{.scale = std::max(left.scale, right.scale)};
  if (__builtin_mul_overflow(left.number, PowerOfTen(aligned.scale - left.scale), &aligned.left) ||
      __builtin_mul_overflow(right.number, PowerOfTen(aligned.scale - right.scale),
                             &aligned.right)) {
    return std::nullopt;
  }
  return aligned;
}

Term RealOrNull(double value) noexcept { return std::isfinite(value) ? Term::Real(value) : Term(); }

std::optional<Term> DivideByPowerOfTen(const Term& left, const Term& right) noexcept {
  if (left.kind == Term::Kind::kReal || right.kind != Term::Kind::kInteger) {
    return std::nullopt;
  }
  int exponent = 0;
  std::int64_t power = right.number;
  for (; power >= 10 && power % 10 == 0; power /= 10) {
    ++exponent;
  }
  if (power != 1 || exponent + left.scale > kScaleMax) {
    return std::nullopt;
  }
  return Term::Decimal(left.number, static_cast<std::uint8_t>(left.scale + exponent));
}

std::string DecimalText(std::int64_t digits, std::uint8_t scale) {
  std::string text = std::to_string(digits);
  if (scale == 0) {
    return text;
  }
  const std::size_t sign = text.starts_with('-') ? 1 : 0;
  if (text.size() - sign <= scale) {
    text.insert(sign, scale + 1 - (text.size() - sign), '0');
  }
  text.insert(text.size() - scale, 1, '.');
  return text;
}

std::string RealText(double value) {
  char text[32];
  return {text, std::to_chars(text, text + sizeof(text), value).ptr};
}

Json NumberToJson(const Term& term) {
  if (term.kind == Term::Kind::kInteger) {
    return term.number;
  }
  if (term.kind == Term::Kind::kReal) {
    return term.real;
  }
  if (term.number < kExactDecimal && term.number > -kExactDecimal) {
    return ToReal(term);
  }
  return DecimalText(term.number, term.scale);
}

// Returns the number that `text` spells: a fraction that no double spells as it is written.
std::optional<Json> TextToReal(std::string_view text) {
  const auto number = ToNumber<double>(text);
  if (!number || !std::isfinite(*number)) {
    return std::nullopt;
  }
  const bool is_long = text.find('.') != std::string_view::npos && SpellsNumber(text) &&
                       SpellsLongNumber(text) && text.size() <= kLongNumberBytesMax;
  return is_long ? LongNumber(text) : Json(*number);
}

Json TextToJson(std::string_view text, WantedType wanted) {
  if (wanted == WantedType::kInteger) {
    if (const auto number = ToNumber<std::int64_t>(text)) {
      return *number;
    }
  } else if (wanted == WantedType::kReal) {
    if (auto number = TextToReal(text)) {
      return *std::move(number);
    }
  } else if (wanted == WantedType::kBoolean) {
    if (text == "true" || text == "t" || text == "false" || text == "f") {
      return text.starts_with('t');
    }
  }
  return std::string(text);
}

}  // namespace

Term Term::Boolean(bool value) noexcept {
  Term term;
  term.kind = Kind::kBoolean;
  term.number = value ? 1 : 0;
  return term;
}

Term Term::Integer(std::int64_t value) noexcept {
  Term term;
  term.kind = Kind::kInteger;
  term.number = value;
  return term;
}

Term Term::Decimal(std::int64_t digits, std::uint8_t digits_after_point) noexcept {
  Term term;
  term.kind = Kind::kDecimal;
  term.number = digits;
  term.scale = digits_after_point;
  return term;
}

Term Term::Real(double value) noexcept {
  Term term;
  term.kind = Kind::kReal;
  term.real = value;
  return term;
}

Term Term::Text(std::string_view value) noexcept {
  Term term;
  term.kind = Kind::kText;
  term.text = value;
  return term;
}

Term Term::OfJson(const Json& value) noexcept {
  Term term;
  term.kind = Kind::kJson;
  term.json = &value;
  return term;
}

std::optional<int> Compare(const Term& left, const Term& right) noexcept {
  const auto order = [](const auto& a, const auto& b) { return a < b ? -1 : (b < a ? 1 : 0); };
  if (left.is_number() && right.is_number()) {
    if (const auto aligned = Align(left, right)) {
      return order(aligned->left, aligned->right);
    }
    return order(ToReal(left), ToReal(right));
  }
  if (left.kind != right.kind) {
    return std::nullopt;
  }
  if (left.kind == Term::Kind::kBoolean) {
    return order(left.number, right.number);
  }
  if (left.kind == Term::Kind::kText) {
    return order(left.text, right.text);
  }
  return std::nullopt;
}

Term Calculate(Arithmetic operation, const Term& left, const Term& right) noexcept {
  if (!left.is_number() || !right.is_number()) {
    return {};
  }
  const auto exact = [&](std::int64_t number, int scale) {
    return scale == 0 ? Term::Integer(number)
                      : Term::Decimal(number, static_cast<std::uint8_t>(scale));
  };
  std::int64_t result = 0;
  const auto aligned = Align(left, right);
  switch (operation) {
    case Arithmetic::kAdd:
      return aligned && !__builtin_add_overflow(aligned->left, aligned->right, &result)
                 ? exact(result, aligned->scale)
                 : RealOrNull(ToReal(left) + ToReal(right));
    case Arithmetic::kSubtract:
      return aligned && !__builtin_sub_overflow(aligned->left, aligned->right, &result)
                 ? exact(result, aligned->scale)
                 : RealOrNull(ToReal(left) - ToReal(right));
    case Arithmetic::kMultiply:
      return aligned && left.scale + right.scale <= kScaleMax &&
                     !__builtin_mul_overflow(left.number, right.number, &result)
                 ? exact(result, left.scale + right.scale)
                 : RealOrNull(ToReal(left) * ToReal(right));
    case Arithmetic::kDivide:
      if (const auto quotient = DivideByPowerOfTen(left, right)) {
        return *quotient;
      }
      return ToReal(right) == 0 ? Term() : RealOrNull(ToReal(left) / ToReal(right));
  }
  return {};
}

Term Round(const Term& number, std::int64_t digits) noexcept {
  if (digits < 0 || digits > kScaleMax) {
    return number;
  }
  if (number.kind == Term::Kind::kDecimal && number.scale > digits) {
    const std::int64_t divisor = PowerOfTen(number.scale - static_cast<int>(digits));
    std::int64_t rounded = number.number / divisor;
    const std::int64_t rest = number.number % divisor;
    if (rest >= divisor / 2) {
      ++rounded;
    } else if (rest <= -(divisor / 2)) {
      --rounded;
    }
    return digits == 0 ? Term::Integer(rounded)
                       : Term::Decimal(rounded, static_cast<std::uint8_t>(digits));
  }
  if (number.kind == Term::Kind::kReal) {
    const auto power = static_cast<double>(PowerOfTen(static_cast<int>(digits)));
    const double scaled = std::round(number.real * power);
    if (std::abs(scaled) < static_cast<double>(kExactDecimal)) {
      const auto whole = static_cast<std::int64_t>(scaled);
      return digits == 0 ? Term::Integer(whole)
                         : Term::Decimal(whole, static_cast<std::uint8_t>(digits));
    }
  }
  return number;
}

std::string TextOf(const Term& term) {
  switch (term.kind) {
    case Term::Kind::kNull:
      return {};
    case Term::Kind::kBoolean:
      return term.number != 0 ? "true" : "false";
    case Term::Kind::kInteger:
      return std::to_string(term.number);
    case Term::Kind::kDecimal:
      return DecimalText(term.number, term.scale);
    case Term::Kind::kReal:
      return RealText(term.real);
    case Term::Kind::kText:
      return std::string(term.text);
    case Term::Kind::kJson:
      return term.json->is_string() ? term.json->get<std::string>() : DumpJson(*term.json);
  }
  return {};
}

Json ToJson(const Term& term, WantedType wanted) {
  if (term.is_null()) {
    return nullptr;
  }
  if (term.kind == Term::Kind::kJson) {
    return *term.json;
  }
  if (term.kind == Term::Kind::kText) {
    return TextToJson(term.text, wanted);
  }
  if (wanted == WantedType::kText) {
    return TextOf(term);
  }
  if (term.kind == Term::Kind::kBoolean) {
    return wanted == WantedType::kInteger ? Json(term.number) : Json(term.number != 0);
  }
  if (wanted == WantedType::kReal) {
    const bool is_short = term.kind != Term::Kind::kDecimal ||
                          (term.number < kExactDecimal && term.number > -kExactDecimal);
    auto spelled = is_short ? std::nullopt : TextToReal(DecimalText(term.number, term.scale));
    return spelled ? *std::move(spelled) : Json(ToReal(term));
  }
  if (wanted == WantedType::kInteger) {
    const Term whole = Round(term, 0);
    return whole.kind == Term::Kind::kInteger ? Json(whole.number) : NumberToJson(term);
  }
  return NumberToJson(term);
}

}  // namespace cacheindex::replication
