#include "replication/rows/value_reading.h"

#include <unicode/locid.h>
#include <unicode/uchar.h>
#include <unicode/unistr.h>

#include <algorithm>
#include <bit>
#include <charconv>
#include <cmath>
#include <limits>
#include <optional>

#include "node/core/number_text.h"
#include "node/core/utf8.h"
#include "replication/rows/postgres_types.h"
#include "replication/rows/row_key.h"

// Floating point becomes 'r' and 8 bytes, big-endian; all else has the bytes of row_key.cc.

namespace cacheindex::replication {
namespace {

/// Digits that the exponent of a decimal may add, at most: what is longer refers to nothing.
constexpr int kExponentMax = 10'000;

constexpr std::uint32_t kTypeText = 25;
constexpr std::uint32_t kTypePaddedText = 1042;
constexpr std::uint32_t kTypeUuid = 2950;
constexpr std::uint32_t kTypeFloat4 = 700;

bool IsDigit(char character) { return character >= '0' && character <= '9'; }

// What the source's isspace takes off both ends of a number.
std::string_view Trim(std::string_view text) {
  constexpr std::string_view kBlanks = " \t\n\v\f\r";
  const std::size_t first = text.find_first_not_of(kBlanks);
  if (first == std::string_view::npos) {
    return {};
  }
  return text.substr(first, text.find_last_not_of(kBlanks) + 1 - first);
}

bool EqualsIgnoringCase(std::string_view text, std::string_view lower) {
  return std::equal(text.begin(), text.end(), lower.begin(), lower.end(), [](char one, char two) {
    return (one >= 'A' && one <= 'Z' ? static_cast<char>(one - 'A' + 'a') : one) == two;
  });
}

// Takes the sign off the front; nullopt when what follows is none of a number's.
std::optional<bool> TakeSign(std::string_view& text) {
  const bool is_negative = text.starts_with('-');
  text.remove_prefix(is_negative || text.starts_with('+') ? 1 : 0);
  return text.starts_with('-') || text.starts_with('+') ? std::nullopt : std::optional(is_negative);
}

std::optional<std::int64_t> ReadInteger(TypeKind kind, std::string_view text) {
  if (kind == TypeKind::kReal) {
    const auto real = ToNumber<double>(text);
    constexpr double kEnd = 9223372036854775808.0;
    const bool is_whole = real && std::trunc(*real) == *real && *real >= -kEnd && *real < kEnd;
    return is_whole ? std::optional(static_cast<std::int64_t>(*real)) : std::nullopt;
  }
  if (kind == TypeKind::kNumeric) {
    if (const std::size_t point = text.find('.'); point != std::string_view::npos) {
      if (text.find_first_not_of('0', point + 1) != std::string_view::npos) {
        return std::nullopt;
      }
      text = text.substr(0, point);
    }
    return ToNumber<std::int64_t>(text);
  }
  text = Trim(text);
  if (text.starts_with('+') && text.size() > 1 && IsDigit(text[1])) {
    text.remove_prefix(1);
  }
  return ToNumber<std::int64_t>(text);
}

// "1250" with the exponent -2 as "12.5".
std::string SpellDecimal(bool is_negative, std::string digits, int exponent) {
  if (exponent >= 0) {
    digits.append(static_cast<std::size_t>(exponent), '0');
  } else {
    const auto after_point = static_cast<std::size_t>(-exponent);
    if (digits.size() <= after_point) {
      digits.insert(0, after_point + 1 - digits.size(), '0');
    }
    digits.insert(digits.size() - after_point, 1, '.');
    digits.erase(digits.find_last_not_of('0') + 1);
    digits.erase(digits.ends_with('.') ? digits.size() - 1 : digits.size());
  }
  digits.erase(0, std::min(digits.find_first_not_of('0'), digits.size() - 1));
  if (digits.starts_with('.')) {
    digits.insert(0, 1, '0');
  }
  return is_negative && digits != "0" ? "-" + digits : digits;
}

// Returns the decimal as the source prints it, without zeros at the end.
std::optional<std::string> ReadNumeric(std::string_view text) {
  text = Trim(text);
  if (EqualsIgnoringCase(text, "nan")) {
    return "NaN";
  }
  const auto sign = TakeSign(text);
  if (!sign) {
    return std::nullopt;
  }
  if (EqualsIgnoringCase(text, "infinity") || EqualsIgnoringCase(text, "inf")) {
    return *sign ? "-Infinity" : "Infinity";
  }
  int exponent = 0;
  if (const std::size_t at = text.find_first_of("eE"); at != std::string_view::npos) {
    std::string_view written = text.substr(at + 1);
    written.remove_prefix(written.starts_with('+') ? 1 : 0);
    const auto number = ToNumber<int>(written);
    if (!number || *number > kExponentMax || *number < -kExponentMax) {
      return std::nullopt;
    }
    exponent = *number;
    text = text.substr(0, at);
  }
  std::string digits(text);
  if (const std::size_t point = digits.find('.'); point != std::string::npos) {
    exponent -= static_cast<int>(digits.size() - point - 1);
    digits.erase(point, 1);
  }
  if (digits.empty() || !std::all_of(digits.begin(), digits.end(), IsDigit)) {
    return std::nullopt;
  }
  return SpellDecimal(*sign, std::move(digits), exponent);
}

std::optional<double> ReadReal(bool is_float, std::uint32_t base_type, std::string_view text) {
  text = Trim(text);
  if (text.starts_with('+') && text.size() > 1 && text[1] != '-') {
    text.remove_prefix(1);
  }
  // A float is widened as it is, whatever the other side is; all else is read as the other side.
  const bool is_real = KindOfType(base_type) == TypeKind::kReal;
  if (is_real ? base_type == kTypeFloat4 : is_float) {
    const auto number = ToNumber<float>(text);
    return number ? std::optional(static_cast<double>(*number)) : std::nullopt;
  }
  return ToNumber<double>(text);
}

void AppendReal(std::string& key, double real) {
  // Zeros are equal, and NaN equals itself.
  real = real == 0 ? 0 : real;
  const auto bits = std::bit_cast<std::uint64_t>(
      std::isnan(real) ? std::numeric_limits<double>::quiet_NaN() : real);
  key += 'r';
  for (int shift = 56; shift >= 0; shift -= 8) {
    key += static_cast<char>(bits >> static_cast<unsigned>(shift));
  }
}

// Braces around, and a hyphen after any four digits, as uuid_in takes them.
std::optional<std::string> ReadUuid(std::string_view text) {
  constexpr std::size_t kDigits = 32;
  if (text.starts_with('{')) {
    if (!text.ends_with('}')) {
      return std::nullopt;
    }
    text = text.substr(1, text.size() - 2);
  }
  std::string digits;
  bool was_hyphen = false;
  for (const char character : text) {
    const bool may_be_hyphen =
        !was_hyphen && !digits.empty() && digits.size() % 4 == 0 && digits.size() < kDigits;
    was_hyphen = character == '-';
    const bool is_hexadecimal = IsDigit(character) || (character >= 'a' && character <= 'f') ||
                                (character >= 'A' && character <= 'F');
    if (is_hexadecimal) {
      digits += IsDigit(character) ? character : static_cast<char>(character | 0x20);
    } else if (character != '-' || !may_be_hyphen) {
      return std::nullopt;
    }
  }
  return digits.size() == kDigits ? std::optional(digits) : std::nullopt;
}

}  // namespace

std::string_view WithoutPadding(std::string_view text) {
  return text.substr(0, text.find_last_not_of(' ') + 1);
}

std::optional<std::string> SpellUuid(std::string_view text) {
  auto digits = ReadUuid(text);
  if (digits) {
    for (const std::size_t hyphen : {8U, 13U, 18U, 23U}) {
      digits->insert(hyphen, 1, '-');
    }
  }
  return digits;
}

std::string Fold(CaseFolding folding, std::string_view text) {
  std::string folded;
  // What is no UTF-8 is of a database whose letters are ASCII's.
  if (folding == CaseFolding::kAscii || !IsUtf8(text)) {
    folded = text;
    std::transform(folded.begin(), folded.end(), folded.begin(), [](char byte) {
      return byte >= 'A' && byte <= 'Z' ? static_cast<char>(byte - 'A' + 'a') : byte;
    });
    return folded;
  }
  icu::UnicodeString whole = icu::UnicodeString::fromUTF8(
      icu::StringPiece(text.data(), static_cast<std::int32_t>(text.size())));
  if (folding == CaseFolding::kFull) {
    whole.toLower(icu::Locale::getRoot());
    whole.toUTF8String(folded);
    return folded;
  }
  icu::UnicodeString lower;
  for (std::int32_t i = 0; i < whole.length(); i = whole.moveIndex32(i, 1)) {
    lower.append(u_tolower(whole.char32At(i)));
  }
  lower.toUTF8String(folded);
  return folded;
}

bool AppendValueAs(std::string& key, const KeyForm& form, std::uint32_t base_type,
                   std::string_view text) {
  const TypeKind kind = KindOfType(base_type);
  if (kind == TypeKind::kPaddedText && form.reading != KeyForm::Reading::kOwn) {
    text = WithoutPadding(text);
  }
  switch (form.reading) {
    case KeyForm::Reading::kOwn:
      AppendKeyValue(key, base_type, text);
      return true;
    case KeyForm::Reading::kInteger: {
      const auto number = ReadInteger(kind, text);
      if (number) {
        AppendKeyValue(key, kTypeInt8, std::to_string(*number));
      }
      return number.has_value();
    }
    case KeyForm::Reading::kNumeric: {
      const auto number = ReadNumeric(text);
      if (number) {
        AppendKeyValue(key, kTypeNumeric, *number);
      }
      return number.has_value();
    }
    case KeyForm::Reading::kFloat:
    case KeyForm::Reading::kDouble: {
      const auto real = ReadReal(form.reading == KeyForm::Reading::kFloat, base_type, text);
      if (real) {
        AppendReal(key, *real);
      }
      return real.has_value();
    }
    case KeyForm::Reading::kUuid: {
      const auto digits = ReadUuid(text);
      if (digits) {
        AppendKeyValue(key, kTypeUuid, *digits);
      }
      return digits.has_value();
    }
    case KeyForm::Reading::kText:
      AppendKeyValue(key, kTypeText, text);
      return true;
    case KeyForm::Reading::kPaddedText:
      AppendKeyValue(key, kTypePaddedText, text);
      return true;
    case KeyForm::Reading::kFolded:
      AppendKeyValue(key, kTypeText, Fold(form.folding, text));
      return true;
  }
  return false;
}

}  // namespace cacheindex::replication
