#pragma once

#include "index/words/code_points.h"

namespace cacheindex::index {

/// Returns whether the letter is one of those that are looked for one by one: of a script that
/// writes no spaces (Han, hiragana, katakana), or a syllable of hangul, whose words are written
/// together with their particles and with each other.
bool StandsAlone(CodePoint code_point);

/// Returns the form that is common to a character's variants: simplified for Han, a digit for
/// the numerals of zero to nine, hiragana for katakana; the character itself when it has no other.
/// Requires StandsAlone.
///
/// Cost: one look into a table, which the first call for a Han character makes from ICU's data, in
/// a few milliseconds.
CodePoint CommonForm(CodePoint code_point);

/// Returns whether the character belongs to the one before it in what readers take for one
/// character (UAX #29: marks, joiners, variation selectors, vowel signs, later jamo).
bool Extends(CodePoint code_point);

}  // namespace cacheindex::index
