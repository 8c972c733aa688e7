#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "node/core/result.h"

namespace cacheindex::index {

/// Words of one query, at most; Han characters count as one each. What comes after them is ignored,
/// as a shopper who pastes a whole description wants it found, not refused.
inline constexpr std::size_t kQueryWordsMax = 64;

/// Bytes of one query that are looked at.
inline constexpr std::size_t kQueryBytesMax = 8'192;

/// What must be found together: one word, or several that stand next to each other in this order
/// (a quoted phrase, the characters of a Han word).
struct QueryUnit {
  /// Normalised (tokenizer.h); at least one.
  std::vector<std::string> words;
  /// A longer word that starts with the only one will do, in fields that allow it.
  bool is_prefix = false;

  bool operator==(const QueryUnit&) const = default;
};

/// What a shopper typed, understood:
///
///   red shoes        two units; the last word may be the start of a longer one
///   "red shoes"      one unit: adjacent, in this order, whole words
///   -red -"on sale"  no document with these; a hyphen counts only at the start of a piece
///   无线耳机          dictionary words, each one unit of adjacent characters
///   *  or nothing    everything
///
/// A query of punctuation alone has no units, is not match-all, and finds nothing.
struct TextQuery {
  bool is_match_all = false;
  /// In the order of the query.
  std::vector<QueryUnit> units;
  std::vector<QueryUnit> excluded;
};

/// Errors: none at present; every text is a query.
Result<TextQuery> ParseTextQuery(std::string_view text);

}  // namespace cacheindex::index
