#include "node/core/long_number.h"

#include <array>
#include <charconv>
#include <cmath>

#include "node/core/number_text.h"

namespace cacheindex {
namespace {

bool IsDigit(char byte) { return byte >= '0' && byte <= '9'; }

std::size_t EndOfDigits(std::string_view text, std::size_t at) {
  while (at < text.size() && IsDigit(text[at])) {
    ++at;
  }
  return at;
}

bool IsSpelledAsInteger(std::string_view text) {
  return text.find_first_of(".eE") == std::string_view::npos;
}

// What a number is, however it is spelled: 0.DIGITS times ten to the power of EXPONENT. The digits
// neither begin nor end with 0, so zero has none.
struct Decimal {
  bool is_negative = false;
  std::string digits;
  std::int64_t exponent = 0;

  bool operator==(const Decimal&) const = default;
};

// Returns nullopt where the exponent itself is beyond measure. Requires a JSON number.
std::optional<Decimal> ReadDecimal(std::string_view text) {
  Decimal decimal;
  decimal.is_negative = text.starts_with('-');
  const std::size_t mark = text.find_first_of("eE");
  std::string_view mantissa = text.substr(0, mark);
  mantissa.remove_prefix(decimal.is_negative ? 1 : 0);
  const std::string_view whole = mantissa.substr(0, mantissa.find('.'));
  decimal.digits = whole;
  if (whole.size() < mantissa.size()) {
    decimal.digits += mantissa.substr(whole.size() + 1);
  }
  const std::size_t first = decimal.digits.find_first_not_of('0');
  if (first == std::string::npos) {
    decimal.digits.clear();
    return decimal;
  }
  decimal.digits.erase(decimal.digits.find_last_not_of('0') + 1);
  decimal.digits.erase(0, first);
  decimal.exponent = static_cast<std::int64_t>(whole.size()) - static_cast<std::int64_t>(first);
  if (mark != std::string_view::npos) {
    std::string_view power = text.substr(mark + 1);
    power.remove_prefix(power.starts_with('+') ? 1 : 0);
    const auto exponent = ToNumber<std::int32_t>(power);
    if (!exponent) {
      return std::nullopt;
    }
    decimal.exponent += *exponent;
  }
  return decimal;
}

std::string TextOf(const Json& number) {
  return IsLongNumber(number) ? std::string(TextOfLongNumber(number)) : number.dump();
}

}  // namespace

bool SpellsNumber(std::string_view text) {
  std::size_t at = text.starts_with('-') ? 1 : 0;
  const std::size_t whole_end = EndOfDigits(text, at);
  if (whole_end == at || (text[at] == '0' && whole_end > at + 1)) {
    return false;
  }
  at = whole_end;
  if (at < text.size() && text[at] == '.') {
    const std::size_t end = EndOfDigits(text, at + 1);
    if (end == at + 1) {
      return false;
    }
    at = end;
  }
  if (at < text.size() && (text[at] == 'e' || text[at] == 'E')) {
    at += at + 1 < text.size() && (text[at + 1] == '+' || text[at + 1] == '-') ? 2U : 1U;
    const std::size_t end = EndOfDigits(text, at);
    if (end == at) {
      return false;
    }
    at = end;
  }
  return at == text.size();
}

bool SpellsLongNumber(std::string_view text) {
  if (IsSpelledAsInteger(text)) {
    return !ToNumber<std::int64_t>(text) && !ToNumber<std::uint64_t>(text);
  }
  const auto decimal = ReadDecimal(text);
  if (decimal && decimal->digits.empty()) {
    return false;
  }
  const auto number = ToNumber<double>(text);
  return !decimal || !number || !std::isfinite(*number) ||
         ReadDecimal(Json(*number).dump()) != decimal;
}

Json LongNumber(std::string_view text) {
  return Json::binary(Json::binary_t::container_type(text.begin(), text.end()));
}

std::string_view TextOfLongNumber(const Json& value) {
  const Json::binary_t& bytes = value.get_binary();
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

std::optional<double> NearestDouble(const Json& number) {
  return IsLongNumber(number) ? ToNumber<double>(TextOfLongNumber(number))
                              : std::optional(number.get<double>());
}

std::optional<std::int64_t> WholeNumber(const Json& number) {
  if (number.is_number_integer()) {
    const bool is_too_large = number.is_number_unsigned() && number.get<std::int64_t>() < 0;
    return is_too_large ? std::nullopt : std::optional(number.get<std::int64_t>());
  }
  constexpr std::int64_t kDigitsMax = 19;
  const auto decimal = ReadDecimal(TextOf(number));
  if (!decimal || decimal->exponent > kDigitsMax ||
      decimal->exponent < static_cast<std::int64_t>(decimal->digits.size())) {
    return std::nullopt;
  }
  std::string digits = decimal->is_negative ? "-" : "";
  digits += decimal->digits;
  digits.append(static_cast<std::size_t>(decimal->exponent) - decimal->digits.size(), '0');
  return decimal->digits.empty() ? 0 : ToNumber<std::int64_t>(digits);
}

bool IsHeldByDouble(const Json& number) {
  // Up to here every integer is a double.
  constexpr std::int64_t kEveryInteger = std::int64_t{1} << 53;
  if (number.is_number_integer()) {
    const auto whole = WholeNumber(number);
    if (whole && *whole <= kEveryInteger && *whole >= -kEveryInteger) {
      return true;
    }
  }
  const auto nearest = NearestDouble(number);
  if (!nearest || number.is_number_float()) {
    return nearest.has_value();
  }
  const std::string text = TextOf(number);
  if (!IsSpelledAsInteger(text)) {
    return true;
  }
  // All digits of a whole double: 1.8e308 has 309.
  std::array<char, 320> digits{};
  const auto [end, failure] = std::to_chars(digits.data(), digits.data() + digits.size(), *nearest,
                                            std::chars_format::fixed, 0);
  return failure == std::errc() && std::string_view(digits.data(), end) == text;
}

}  // namespace cacheindex
