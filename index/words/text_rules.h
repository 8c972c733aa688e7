#pragma once

#include <array>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "index/words/code_points.h"
#include "node/core/json.h"
#include "node/core/result.h"

namespace cacheindex::index {

/// What an ASCII character is to a word.
enum class CharacterKind : unsigned char { kOther, kLetter, kDigit, kSymbol };

/// What a collection or one of its fields says about how its text is split into words. Immutable.
///
/// Symbols are words of their own instead of separating (`+` tells C++ from C). Separators always
/// separate: a hyphen, apostrophe or decimal point among them joins nothing. Both are compared with
/// folded characters, and none of them is a letter or digit.
class TextRules {
 public:
  /// Of either kind, at most.
  static constexpr std::size_t kCharactersMax = 64;

  TextRules();

  /// The rules of who says nothing.
  static const TextRules& Default();

  /// Reads `symbols_to_index` and `token_separators` from `field`, and those that it does not have
  /// from `collection`. Returns null when neither says anything.
  /// Errors: kInvalidArgument naming the property.
  static Result<std::shared_ptr<const TextRules>> Read(const Json& field, const Json& collection);

  /// Returns these rules with `symbols` besides their own; what is not one character is passed
  /// over.
  TextRules With(std::span<const std::string> symbols) const;

  CharacterKind KindOf(unsigned char ascii) const { return kinds_[ascii & 0x7FU]; }
  bool IsSymbol(CodePoint code_point) const {
    return code_point < 0x80
               ? KindOf(static_cast<unsigned char>(code_point)) == CharacterKind::kSymbol
               : symbols_.find(static_cast<char32_t>(code_point)) != std::u32string::npos;
  }
  /// Whether hyphens and dashes join, apostrophes vanish, points and commas stay in numbers.
  bool JoinsWith(char ascii) const { return joins_[static_cast<unsigned char>(ascii) & 0x7FU]; }

 private:
  void AddSymbol(char32_t character);

  std::array<CharacterKind, 128> kinds_{};
  std::array<bool, 128> joins_{};
  /// Those beyond ASCII.
  std::u32string symbols_;
};

}  // namespace cacheindex::index
