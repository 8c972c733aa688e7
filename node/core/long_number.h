#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "node/core/json.h"

namespace cacheindex {

// A long number is one that neither 64-bit integers nor doubles hold: 12345678901234567890123,
// 0.1234567890123456789, 1e400. ParseJson keeps it as it was written and DumpJson prints it so. In
// a tree it is what no JSON text makes otherwise, a binary value of its bytes; so Json::is_number
// does not know it, and whoever asks for numbers of documents asks IsNumber.

/// Bytes of a long number, at most.
inline constexpr std::size_t kLongNumberBytesMax = 1'000;

/// Returns whether `text` is spelled as JSON spells numbers.
bool SpellsNumber(std::string_view text);
/// Returns whether `text`, a JSON number, is a long number: an integer beyond 64 bits, or a decimal
/// that differs from what its nearest double prints.
bool SpellsLongNumber(std::string_view text);

/// Returns the long number that `text` spells. Requires SpellsLongNumber.
Json LongNumber(std::string_view text);
inline bool IsLongNumber(const Json& value) { return value.is_binary(); }
/// Returns how a long number was written, valid as long as `value`.
std::string_view TextOfLongNumber(const Json& value);

/// Returns whether `value` is a number, of whatever length.
inline bool IsNumber(const Json& value) { return value.is_number() || IsLongNumber(value); }
/// Returns the double next to a number; nullopt when it lies beyond all doubles. Requires IsNumber.
std::optional<double> NearestDouble(const Json& number);
/// Returns the integer that a number is as it was written (12, 12.0, 1.2e1); nullopt when it is
/// none, or none of 64 bits with a sign. Requires IsNumber.
std::optional<std::int64_t> WholeNumber(const Json& number);
/// Returns whether a double holds the number: every decimal is as near to one as a double can be,
/// an integer is the same or is not held. Requires IsNumber.
bool IsHeldByDouble(const Json& number);

}  // namespace cacheindex
