#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>

#include "node/core/json.h"

namespace cacheindex::replication {

/// A value while an expression is evaluated. Cheap to copy; text and JSON are borrowed from a row,
/// a declaration or a Scratch.
struct Term {
  enum class Kind : std::uint8_t { kNull, kBoolean, kInteger, kDecimal, kReal, kText, kJson };
  Kind kind = Kind::kNull;
  /// Of kDecimal: digits after the point.
  std::uint8_t scale = 0;
  /// kBoolean: 0 or 1; kInteger; kDecimal: all digits.
  std::int64_t number = 0;
  double real = 0;
  std::string_view text;
  const Json* json = nullptr;

  static Term Boolean(bool value) noexcept;
  static Term Integer(std::int64_t value) noexcept;
  static Term Decimal(std::int64_t digits, std::uint8_t scale) noexcept;
  static Term Real(double value) noexcept;
  static Term Text(std::string_view value) noexcept;
  static Term OfJson(const Json& value) noexcept;

  bool is_null() const noexcept { return kind == Kind::kNull; }
  bool is_number() const noexcept {
    return kind == Kind::kInteger || kind == Kind::kDecimal || kind == Kind::kReal;
  }
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

/// Returns seconds since 1970-01-01 UTC of a date or timestamp as the source prints it; nullopt for
/// infinity and what is no date.
std::optional<std::int64_t> ParseTimestamp(std::string_view text);

/// Returns < 0, 0 or > 0; nullopt where one is null or they cannot be compared.
std::optional<int> Compare(const Term& left, const Term& right) noexcept;

enum class Arithmetic : std::uint8_t { kAdd, kSubtract, kMultiply, kDivide };
/// Exact for integers and decimals as long as 18 digits hold the result, and for the division of
/// these by a power of ten; otherwise in double precision. Null where one is no number or is
/// divided by zero.
Term Calculate(Arithmetic operation, const Term& left, const Term& right) noexcept;

/// Returns `number` with at most `digits` digits after the point, halves away from zero.
Term Round(const Term& number, std::int64_t digits) noexcept;

/// Returns the value as text: decimals with all their digits, booleans as true and false.
std::string TextOf(const Term& term);

/// Returns what stands in the document. A decimal becomes a JSON number when a double holds it
/// exactly enough to print the same digits, otherwise a string of its digits. What cannot become
/// what is wanted stays what it is: the columns' view drops it.
Json ToJson(const Term& term, WantedType wanted);

}  // namespace cacheindex::replication
