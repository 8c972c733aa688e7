#include "index/encoding/id_order.h"

#include <algorithm>
#include <cstddef>
#include <optional>

#include "node/core/number_text.h"

// What EncodeIdOrder returns, by the first part of the id:
//   -2^62                   whole numbers up to it
//   -2^62 + 1 to 2^62 - 1   whole numbers as they are
//   2^62                    whole numbers from it on
//   above                   other parts: 2^62 + 1 and the first 61 bits of their bytes

namespace cacheindex::index {
namespace {

constexpr std::int64_t kNumberBound = std::int64_t{1} << 62;

struct WholeNumber {
  bool is_negative = false;
  std::string_view digits;
};

std::optional<WholeNumber> AsWholeNumber(std::string_view part) noexcept {
  WholeNumber number{.is_negative = part.starts_with('-'), .digits = part};
  number.digits.remove_prefix(number.is_negative ? 1 : 0);
  const bool is_zero = part == "0";
  const bool has_digits = !number.digits.empty() &&
                          number.digits.find_first_not_of("0123456789") == std::string_view::npos;
  return is_zero || (has_digits && number.digits.front() != '0') ? std::optional(number)
                                                                 : std::nullopt;
}

std::strong_ordering CompareNumbers(const WholeNumber& left, const WholeNumber& right) noexcept {
  if (left.is_negative != right.is_negative) {
    return left.is_negative ? std::strong_ordering::less : std::strong_ordering::greater;
  }
  const WholeNumber& nearer = left.is_negative ? right : left;
  const WholeNumber& farther = left.is_negative ? left : right;
  const auto by_length = nearer.digits.size() <=> farther.digits.size();
  return by_length != 0 ? by_length : nearer.digits <=> farther.digits;
}

std::strong_ordering CompareParts(std::string_view left, std::string_view right) noexcept {
  const auto left_number = AsWholeNumber(left);
  const auto right_number = AsWholeNumber(right);
  if (left_number && right_number) {
    return CompareNumbers(*left_number, *right_number);
  }
  if (left_number || right_number) {
    return left_number ? std::strong_ordering::less : std::strong_ordering::greater;
  }
  return left <=> right;
}

}  // namespace

std::strong_ordering CompareIds(std::string_view left, std::string_view right) noexcept {
  while (true) {
    const std::size_t left_end = left.find(':');
    const std::size_t right_end = right.find(':');
    const auto by_part = CompareParts(left.substr(0, left_end), right.substr(0, right_end));
    if (by_part != 0) {
      return by_part;
    }
    if (left_end == std::string_view::npos || right_end == std::string_view::npos) {
      return (left_end != std::string_view::npos) <=> (right_end != std::string_view::npos);
    }
    left.remove_prefix(left_end + 1);
    right.remove_prefix(right_end + 1);
  }
}

std::int64_t EncodeIdOrder(std::string_view id) noexcept {
  const std::string_view part = id.substr(0, id.find(':'));
  if (const auto number = AsWholeNumber(part)) {
    const auto value = ToNumber<std::int64_t>(part);
    return value ? std::clamp(*value, -kNumberBound, kNumberBound)
                 : (number->is_negative ? -kNumberBound : kNumberBound);
  }
  std::uint64_t bytes = 0;
  for (std::size_t i = 0; i < sizeof(bytes); ++i) {
    bytes = bytes << 8 | (i < part.size() ? static_cast<unsigned char>(part[i]) : 0U);
  }
  return kNumberBound + 1 + static_cast<std::int64_t>(bytes >> 3);
}

}  // namespace cacheindex::index
