#pragma once

#include <string_view>

#include "index/words/code_points.h"

namespace cacheindex::index {

/// Returns what a character is for shoppers where normalization leaves it alone or gets it wrong:
/// other apostrophes and hyphens, letters with strokes, letters that one language writes in two
/// ways (Arabic and Persian kaf and yeh, Ukrainian ґ and г). Empty: what normalization says.
std::u16string_view ShopForm(CodePoint code_point);

/// Returns whether the mark spells no word of its own: accents, points of Arabic and Hebrew, the
/// nukta of Hindi and Punjabi. Vowel signs and the marks of kana are kept.
bool IsOptionalMark(CodePoint code_point);

/// How a sign for a number stands beside plain digits: 1½ is not 11/2, and 10⁶ is not 106.
enum class NumeralSign : unsigned char {
  kNone,
  /// Fractions, digits in circles, with points, of other compatibility forms.
  kNumber,
  /// Superscripts and subscripts: one number with others of their kind.
  kScript,
  /// Roman numerals: letters of one word with others of their kind.
  kRoman,
};

NumeralSign NumeralSignOf(CodePoint code_point);

}  // namespace cacheindex::index
