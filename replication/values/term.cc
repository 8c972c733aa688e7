#include "replication/values/term.h"

#include <cmath>
#include <utility>

#include "node/core/long_number.h"
#include "node/core/number_text.h"
#include "replication/rows/postgres_types.h"

// Arithmetic, order and print; what the source's texts mean is in value_conversion.cc.

namespace cacheindex::replication {
namespace {

/// Any decimal of so many digits comes back from a double.
constexpr Int128 kExactDecimal = 1'000'000'000'000'000;
/// Digits after the point to which a double is rounded, at most.
constexpr std::int64_t kRealDigitsMax = 15;

double ToReal(const Term& term) noexcept {
  return term.kind == Term::Kind::kReal ? term.real : ToDouble(term.decimal());
}

bool IsExact(const Term& term) noexcept {
  return term.kind == Term::Kind::kInteger || term.kind == Term::Kind::kDecimal;
}

bool HasInteger64(Int128 number) noexcept { return number >= INT64_MIN && number <= INT64_MAX; }

Term RealOrNull(double value) noexcept { return std::isfinite(value) ? Term::Real(value) : Term(); }

std::optional<Decimal> CalculateExactly(Arithmetic operation, Decimal left,
                                        Decimal right) noexcept {
  switch (operation) {
    case Arithmetic::kAdd:
      return Add(left, right);
    case Arithmetic::kSubtract:
      return Subtract(left, right);
    case Arithmetic::kMultiply:
      return Multiply(left, right);
    case Arithmetic::kDivide:
      return Divide(left, right);
    case Arithmetic::kModulo:
      return Modulo(left, right);
  }
  return std::nullopt;
}

double CalculateReal(Arithmetic operation, double left, double right) noexcept {
  switch (operation) {
    case Arithmetic::kAdd:
      return left + right;
    case Arithmetic::kSubtract:
      return left - right;
    case Arithmetic::kMultiply:
      return left * right;
    case Arithmetic::kDivide:
      return left / right;
    case Arithmetic::kModulo:
      return std::fmod(left, right);
  }
  return 0;
}

std::string RealText(double value) {
  char text[32];
  return {text, std::to_chars(text, text + sizeof(text), value).ptr};
}

// The shortest digits that give the double, without an exponent; nullopt where they are too many.
std::optional<Decimal> ShortestDecimal(double value) {
  char text[64];
  const auto printed = std::to_chars(text, text + sizeof(text), value, std::chars_format::fixed);
  return printed.ec == std::errc()
             ? ParseDecimal({text, static_cast<std::size_t>(printed.ptr - text)})
             : std::nullopt;
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

Json DecimalToJson(Decimal decimal) {
  if (decimal.digits < kExactDecimal && decimal.digits > -kExactDecimal) {
    return ToDouble(decimal);
  }
  return TextToReal(TextOf(WithoutZeros(decimal))).value_or(ToDouble(decimal));
}

Json NumberToJson(const Term& term) {
  if (term.kind == Term::Kind::kReal) {
    return term.real;
  }
  if (term.kind == Term::Kind::kDecimal) {
    return DecimalToJson(term.decimal());
  }
  if (HasInteger64(term.number)) {
    return static_cast<std::int64_t>(term.number);
  }
  const std::string text = TextOf(term.decimal());
  if (const auto positive = ToNumber<std::uint64_t>(text)) {
    return *positive;
  }
  return LongNumber(text);
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

Term Term::Integer(Int128 value) noexcept {
  Term term;
  term.kind = Kind::kInteger;
  term.number = value;
  return term;
}

Term Term::OfDecimal(Decimal value) noexcept {
  Term term;
  term.kind = Kind::kDecimal;
  term.number = value.digits;
  term.scale = value.scale;
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

Term Term::Moment(std::int64_t microseconds) noexcept {
  Term term;
  term.kind = Kind::kMoment;
  term.number = microseconds;
  return term;
}

Term Term::OfJson(const Json& value) noexcept {
  Term term;
  term.kind = Kind::kJson;
  term.json = &value;
  return term;
}

Term TermOfJson(const Json& value) {
  if (value.is_null()) {
    return {};
  }
  if (value.is_string()) {
    return Term::Text(value.get_ref<const std::string&>());
  }
  if (value.is_boolean()) {
    return Term::Boolean(value.get<bool>());
  }
  if (value.is_number_unsigned()) {
    return Term::Integer(value.get<std::uint64_t>());
  }
  if (value.is_number_integer()) {
    return Term::Integer(value.get<std::int64_t>());
  }
  if (value.is_number_float()) {
    const double real = value.get<double>();
    const auto exact = ShortestDecimal(real);
    return exact ? Term::OfDecimal(*exact) : Term::Real(real);
  }
  if (IsLongNumber(value)) {
    const auto exact = ParseDecimal(TextOfLongNumber(value));
    if (exact) {
      return exact->scale == 0 ? Term::Integer(exact->digits) : Term::OfDecimal(*exact);
    }
  }
  return Term::OfJson(value);
}

std::optional<int> Compare(const Term& left, const Term& right) noexcept {
  const auto order = [](const auto& a, const auto& b) { return a < b ? -1 : (b < a ? 1 : 0); };
  if (left.is_number() && right.is_number()) {
    if (IsExact(left) && IsExact(right)) {
      if (const auto exact = Compare(left.decimal(), right.decimal())) {
        return *exact < 0 ? -1 : (*exact > 0 ? 1 : 0);
      }
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
    if (left.is_time || right.is_time) {
      const auto left_moment = ParseMoment(left.text);
      const auto right_moment = left_moment ? ParseMoment(right.text) : std::nullopt;
      if (right_moment) {
        return order(*left_moment, *right_moment);
      }
    }
    return order(left.text, right.text);
  }
  return std::nullopt;
}

Term Calculate(Arithmetic operation, const Term& left, const Term& right) noexcept {
  if (!left.is_number() || !right.is_number()) {
    return {};
  }
  const bool divides = operation == Arithmetic::kDivide || operation == Arithmetic::kModulo;
  if (divides && ToReal(right) == 0) {
    return {};
  }
  if (IsExact(left) && IsExact(right)) {
    if (const auto exact = CalculateExactly(operation, left.decimal(), right.decimal())) {
      const bool is_integer = left.kind == Term::Kind::kInteger &&
                              right.kind == Term::Kind::kInteger &&
                              operation != Arithmetic::kDivide;
      return is_integer ? Term::Integer(exact->digits) : Term::OfDecimal(*exact);
    }
  }
  return RealOrNull(CalculateReal(operation, ToReal(left), ToReal(right)));
}

Term Round(const Term& number, std::int64_t digits, Rounding rounding) noexcept {
  if (IsExact(number)) {
    const Decimal rounded = Round(number.decimal(), digits, rounding);
    return rounded.scale == 0 ? Term::Integer(rounded.digits) : Term::OfDecimal(rounded);
  }
  if (number.kind == Term::Kind::kReal && digits >= 0 && digits <= kRealDigitsMax) {
    const double power = std::pow(10.0, static_cast<double>(digits));
    const double scaled = number.real * power;
    const double whole = rounding == Rounding::kDown ? std::floor(scaled)
                         : rounding == Rounding::kUp ? std::ceil(scaled)
                         // As the source's round(float8): 2.5 becomes 2, 3.5 becomes 4.
                         : digits == 0 ? std::nearbyint(scaled)
                                       : std::round(scaled);
    if (std::abs(whole) < static_cast<double>(kExactDecimal)) {
      const Int128 rounded = static_cast<std::int64_t>(whole);
      return digits == 0
                 ? Term::Integer(rounded)
                 : Term::OfDecimal({.digits = rounded, .scale = static_cast<std::uint8_t>(digits)});
    }
    return Term::Real(number.real);
  }
  return number;
}

Term Absolute(const Term& number) noexcept {
  Term absolute = number;
  absolute.text = {};
  absolute.number = number.is_number() && number.number < 0 ? -number.number : number.number;
  absolute.real = std::abs(number.real);
  return absolute;
}

std::string TextOf(const Term& term) {
  switch (term.kind) {
    case Term::Kind::kNull:
      return {};
    case Term::Kind::kBoolean:
      return term.number != 0 ? "true" : "false";
    case Term::Kind::kInteger:
    case Term::Kind::kDecimal:
      return TextOf(term.decimal());
    case Term::Kind::kReal:
      return term.text.empty() ? RealText(term.real) : std::string(term.text);
    case Term::Kind::kText:
      return std::string(term.text);
    case Term::Kind::kMoment:
      break;
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
  if (term.kind == Term::Kind::kReal && !term.text.empty()) {
    const bool is_fraction = term.text.find('.') != std::string_view::npos;
    return TextToJson(term.text,
                      wanted == WantedType::kAsItIs && is_fraction ? WantedType::kReal : wanted);
  }
  if (term.kind == Term::Kind::kText) {
    const Json value = TextToJson(term.text, wanted);
    return value.is_string() && term.padding > 0
               ? Json(std::string(term.text) + std::string(term.padding, ' '))
               : value;
  }
  if (wanted == WantedType::kText) {
    return TextOf(term);
  }
  if (term.kind == Term::Kind::kBoolean) {
    return wanted == WantedType::kInteger ? Json(term.is_true() ? 1 : 0) : Json(term.is_true());
  }
  if (wanted == WantedType::kReal) {
    return term.kind == Term::Kind::kDecimal ? DecimalToJson(term.decimal()) : Json(ToReal(term));
  }
  if (wanted == WantedType::kInteger) {
    const Term whole = Round(term, 0, Rounding::kHalfAwayFromZero);
    return whole.kind == Term::Kind::kInteger ? NumberToJson(whole) : NumberToJson(term);
  }
  return NumberToJson(term);
}

}  // namespace cacheindex::replication
