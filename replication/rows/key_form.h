#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "replication/rows/table.h"

namespace cacheindex::replication {

/// How the values of one column become the keys by which rows find each other. Both sides of a
/// reference have a form each; a row refers to another where they have a key in common.
struct KeyForm {
  /// What a value is read as: what the other side is. Numbers are stored: none may be reused.
  enum class Reading : std::uint8_t {
    kOwn = 0,  ///< As it stands in a row's key.
    kInteger = 1,
    kNumeric = 2,
    kFloat = 3,   ///< Of four bytes.
    kDouble = 4,  ///< Of eight.
    kUuid = 5,
    kText = 6,
    kPaddedText = 7,  ///< Blanks at the end mean nothing.
    kFolded = 8,      ///< In lower case, as `folding` says.
  };
  /// How many keys a value gives. Numbers are stored: none may be reused.
  enum class Spread : std::uint8_t {
    kOne = 0,
    kElements = 1,    ///< One for each element of an array that is not null.
    kPieces = 2,      ///< One for each piece of a text between separators that is not empty.
    kBeginnings = 3,  ///< One for each beginning of a path, itself included.
    kSpan = 4,        ///< Of the lower and, in the next column, the upper bound of integers.
    kSpanEnd = 5,     ///< The upper bound.
  };
  Reading reading = Reading::kOwn;
  Spread spread = Spread::kOne;
  CaseFolding folding = CaseFolding::kNone;
  /// Of a beginning without a separator: its characters are a multiple of this.
  std::uint32_t step = 0;
  /// Of pieces and beginnings.
  std::string separator;

  bool operator==(const KeyForm&) const = default;
};

/// One for each column, or none where all are as they stand in a row's key.
using KeyForms = std::vector<KeyForm>;

/// Returns whether one row may have several keys.
inline bool IsSpread(const KeyForms& forms) {
  for (const KeyForm& form : forms) {
    if (form.spread != KeyForm::Spread::kOne) {
      return true;
    }
  }
  return false;
}

}  // namespace cacheindex::replication
