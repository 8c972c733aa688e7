#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace cacheindex::replication {

// Private to the parser of expressions: what their text is made of.

struct Token {
  enum class Kind : std::uint8_t { kEnd, kName, kQuotedName, kNumber, kText, kSign };
  Kind kind = Kind::kEnd;
  /// Without its quotes.
  std::string text;
  /// The byte of the expression at which it begins.
  std::size_t at = 0;
};

/// Reads one token after the other. A quote without its end is a sign, which nothing expects.
class TokenReader {
 public:
  explicit TokenReader(std::string_view text) : text_(text) {}

  Token Next();
  /// Whether a digit comes next, without a space before it.
  bool IsAtDigit() const;

 private:
  Token Quoted(char quote);

  std::string_view text_;
  std::size_t at_ = 0;
};

}  // namespace cacheindex::replication
