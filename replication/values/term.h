#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>

#include "node/core/json.h"
#include "replication/values/decimal.h"

namespace cacheindex::replication {

/// A value while an expression is evaluated. Cheap to copy; text and JSON are borrowed from a row,
/// a declaration or a Scratch.
struct Term {
  enum class Kind : std::uint8_t {
    kNull,
    kBoolean,
    kInteger,
    kDecimal,
    kReal,
    kText,
    kJson,
    kMoment,
  };
  Kind kind = Kind::kNull;
  /// Of kDecimal: digits after the point.
  std::uint8_t scale = 0;
  /// Of kText: blanks behind `text` that mean nothing (char(n)); only a whole value shows them.
  std::uint32_t padding = 0;
  /// Of kText: the source prints a date or a timestamp so, which compares as a moment.
  bool is_time = false;
  /// Of kMoment: it is as far from the clock at any time.
  bool is_moving = false;
  /// kBoolean: 0 or 1; kInteger; kDecimal: all digits; kMoment: microseconds since 1970 UTC.
  Int128 number = 0;
  double real = 0;
  /// Of kReal: how a numeric was written whose digits are too many to compute with; empty for
  /// others.
  std::string_view text;
  const Json* json = nullptr;

  static Term Boolean(bool value) noexcept;
  static Term Integer(Int128 value) noexcept;
  static Term OfDecimal(Decimal value) noexcept;
  static Term Real(double value) noexcept;
  static Term Text(std::string_view value) noexcept;
  static Term Moment(std::int64_t microseconds) noexcept;
  static Term OfJson(const Json& value) noexcept;

  bool is_null() const noexcept { return kind == Kind::kNull; }
  bool is_number() const noexcept {
    return kind == Kind::kInteger || kind == Kind::kDecimal || kind == Kind::kReal;
  }
  /// Of an integer or a decimal.
  Decimal decimal() const noexcept { return {.digits = number, .scale = scale}; }
  /// Returns whether it is the boolean true: what a filter asks for.
  bool is_true() const noexcept { return kind == Kind::kBoolean && number != 0; }
};

/// Keeps what is computed until a document is finished.
class Scratch {
 public:
  std::string_view Keep(std::string text) { return texts_.emplace_back(std::move(text)); }
  const Json& Keep(Json value) { return values_.emplace_back(std::move(value)); }
  void Clear() {
    texts_.clear();
    values_.clear();
  }

 private:
  std::deque<std::string> texts_;
  std::deque<Json> values_;
};

/// What a field's declared type asks of a value ("string[]" asks kText of each of its values).
enum class WantedType : std::uint8_t { kAsItIs, kBoolean, kInteger, kReal, kText };

/// Returns what `text` of a column of `base_type` says. Numbers that are no number (NaN, Infinity)
/// are null, JSON has none. A json value that cannot be read is its text. All text is UTF-8.
Term ParseValue(std::uint32_t base_type, std::string_view text, Scratch& scratch);

/// Returns what a JSON value says: a scalar as a value of its own type, null as null. `value` must
/// live as long as the result.
Term TermOfJson(const Json& value);

/// Returns seconds since 1970-01-01 UTC of a date or timestamp as the source prints it; nullopt for
/// infinity and what is no date.
std::optional<std::int64_t> ParseTimestamp(std::string_view text);

/// Microseconds of infinity and of -infinity: later and earlier than every moment.
inline constexpr std::int64_t kInfinity = INT64_MAX;
inline constexpr std::int64_t kMinusInfinity = INT64_MIN;
/// Returns microseconds since 1970-01-01 UTC of a date or timestamp as the source prints it; one
/// without a zone is in UTC. What 64 bits do not hold is infinite. Nullopt of what is none.
std::optional<std::int64_t> ParseMoment(std::string_view text);

/// Returns < 0, 0 or > 0; nullopt where one is null or they cannot be compared. A date or timestamp
/// is compared with another one, and with a text that spells one, as a moment.
std::optional<int> Compare(const Term& left, const Term& right) noexcept;

enum class Arithmetic : std::uint8_t { kAdd, kSubtract, kMultiply, kDivide, kModulo };
/// Exact for integers and decimals as long as kDecimalDigitsMax digits hold the result, a quotient
/// as decimal.h says; otherwise in double precision. Null where one is no number or is divided by
/// zero.
Term Calculate(Arithmetic operation, const Term& left, const Term& right) noexcept;

/// Returns `number` with at most `digits` digits after the point, of negative ones before it. What
/// is no number comes back as it is.
Term Round(const Term& number, std::int64_t digits, Rounding rounding) noexcept;

/// Returns the distance to 0.
Term Absolute(const Term& number) noexcept;

/// Returns the value as text: decimals with all their digits, booleans as true and false.
std::string TextOf(const Term& term);

/// Returns what stands in the document. A decimal becomes a JSON number with all its digits, an
/// integer of more than 64 bits a string of them. What cannot become what is wanted stays what it
/// is: the columns' view drops it.
Json ToJson(const Term& term, WantedType wanted);

}  // namespace cacheindex::replication
