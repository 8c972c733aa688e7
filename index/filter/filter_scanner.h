#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "node/core/result.h"

namespace cacheindex::index {

/// One value as it stands in a filter.
struct FilterLiteral {
  std::string text;
  /// It stood between back-quotes, so nothing in it has a meaning.
  bool is_quoted = false;
  /// A `*` follows the back-quotes.
  bool is_prefix = false;
  /// Byte in the filter, from 0.
  std::size_t position = 0;
};

enum class FilterOperator {
  kMatches,         // :
  kEquals,          // :=
  kNotMatches,      // :!
  kNotEquals,       // :!=
  kLess,            // :<
  kLessOrEqual,     // :<=
  kGreater,         // :>
  kGreaterOrEqual,  // :>=
};

/// Reads the small pieces of a filter one after the other; knows nothing of fields and types.
///
/// Lifetime: within that of the text.
class FilterScanner {
 public:
  explicit FilterScanner(std::string_view text) : text_(text) {}

  std::size_t position() const noexcept { return position_; }
  void SkipSpace();
  bool IsAtEnd() const noexcept { return position_ == text_.size(); }
  /// Whether the text goes on with `piece`.
  bool IsAt(std::string_view piece) const noexcept {
    return text_.substr(position_).starts_with(piece);
  }
  /// Skips `piece` when the text goes on with it.
  bool Take(std::string_view piece);

  /// Reads up to the `:` or `.{` after a field name, which stays unread.
  Result<std::string_view> ReadFieldName();
  /// Reads the `:` and what belongs to it.
  Result<FilterOperator> ReadOperator();
  struct ReadOptions {
    /// A `}` ends a value.
    bool in_braces = false;
    /// Values stand in parentheses, which may hold commas.
    bool are_places = false;
    /// What is left of kFilterValuesMax.
    std::size_t values_max = 0;
  };
  /// Reads one value, or all values of a list.
  struct Values {
    std::vector<FilterLiteral> literals;
    bool is_list = false;
  };
  Result<Values> ReadValues(const ReadOptions& options);

  /// Returns the error that says what is wrong at `position`.
  Error Malformed(std::size_t position, std::string_view what) const;

 private:
  Result<FilterLiteral> ReadLiteral(const ReadOptions& options, bool in_list);
  Result<FilterLiteral> ReadQuoted();

  std::string_view text_;
  std::size_t position_ = 0;
};

}  // namespace cacheindex::index
