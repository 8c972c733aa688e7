#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "index/words/text_rules.h"
#include "node/core/result.h"
#include "node/core/search.h"

namespace cacheindex::index {

/// Words of one query, at most; Han characters count as one each. What comes after them is ignored,
/// as a shopper who pastes a whole description wants it found, not refused.
inline constexpr std::size_t kQueryWordsMax = 64;

/// Bytes of one query that are looked at.
inline constexpr std::size_t kQueryBytesMax = 8'192;

/// What must be found together: one word, or several that stand next to each other in this order
/// (a quoted phrase, the characters of a Han word, the parts of a model number).
struct QueryUnit {
  /// Normalised (tokenizer.h); at least one.
  std::vector<std::string> words;
  /// Another reading, which will do as well: with hyphens that join instead of separating (t-shirt:
  /// tshirt), or with the last word as it was written where it may still go on (24 in: 24 inch, but
  /// also 24 inkjet); empty when there is none.
  std::vector<std::string> joined;
  /// A longer word that starts with the last one will do, in fields that allow it.
  bool is_prefix = false;
  /// Quoted: nothing but these words will do.
  bool is_phrase = false;
  /// As somebody wrote it, with what stands between it and the next unit; empty when it is a phrase
  /// or was not written. Says nothing of what the unit means.
  std::string written{};

  bool operator==(const QueryUnit& other) const {
    return words == other.words && joined == other.joined && is_prefix == other.is_prefix &&
           is_phrase == other.is_phrase;
  }
};

/// What a shopper typed, understood:
///
///   red shoes        two units; the last word may be the start of a longer one
///   "red shoes"      one unit: adjacent, in this order, whole words
///   -red -"on sale"  no document with these; a hyphen counts only at the start of a piece
///   kc-2500          one unit: the parts of a model number, adjacent
///   无线耳机          dictionary words, each one unit of adjacent characters
///   24" 1 1/2        units of a number and its sign, and of a number and its fraction
///   ★★★★★            without any word: its signs as they stand together (readings.h)
///   *  or nothing    everything
///
/// A query of nothing but stopwords has no units, is not match-all, and finds nothing.
struct TextQuery {
  bool is_match_all = false;
  /// As somebody wrote it, what stands before the first unit and apart from it.
  std::string before{};
  /// In the order of the query.
  std::vector<QueryUnit> units;
  std::vector<QueryUnit> excluded;
};

struct TextQueryOptions {
  /// Of the field that is searched first.
  const TextRules* rules = &TextRules::Default();
  /// Normal forms (tokenizer.h) of words that are left out; null: none. Quoted words never are.
  const Stopwords* stopwords = nullptr;
};

/// Errors: none at present; every text is a query.
Result<TextQuery> ParseTextQuery(std::string_view text, const TextQueryOptions& options = {});

}  // namespace cacheindex::index
