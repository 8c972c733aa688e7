#pragma once

#include <charconv>
#include <optional>
#include <string_view>
#include <system_error>

namespace cacheindex {

/// Returns the number that the whole of `text` spells; nullopt when it spells none, or none that
/// the type holds. No sign `+`, no blanks, no locale; "inf" and "nan" are floating numbers.
template <class Number>
std::optional<Number> ToNumber(std::string_view text) {
  Number number{};
  const char* const end = text.data() + text.size();
  const auto [stop, failure] = std::from_chars(text.data(), end, number);
  return failure == std::errc() && stop == end ? std::optional(number) : std::nullopt;
}

}  // namespace cacheindex
