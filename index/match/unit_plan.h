#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "index/schema/schema.h"
#include "index/text/text_index.h"
#include "node/core/search.h"

namespace cacheindex::index {

/// A string field in which a query's words are looked for.
struct TextField {
  const Field* field = nullptr;
  /// Any scale; see FieldWeight.
  std::uint32_t weight = 1;
  /// The query's last word may be the start of a longer one.
  bool is_prefix = true;
  /// Edits between a word of the query and one of the field, at most.
  std::uint32_t edits_max = 2;
  /// When the query's first word may stand inside a longer one.
  SearchRequest::Infix infix = SearchRequest::Infix::kOff;
};

/// A seek in a posting list costs about as much as reading this many postings.
inline constexpr std::uint64_t kPostingsPerSeek = 32;

/// The number of a word that no document ever had.
inline constexpr std::int64_t kUnknownWord = -1;

/// Words that stand next to each other, as the numbers that words columns have for them.
struct WordSequence {
  std::vector<std::int64_t> words;
  /// When the last word is a prefix: the words that start with it, sorted; none otherwise.
  std::vector<std::int64_t> longer_words;

  std::span<const std::int64_t> words_before() const {
    return std::span(words).first(words.size() - 1);
  }
};

/// One way to write a unit of a query.
struct UnitAlternative {
  std::vector<std::string> words;
  WordSequence numbers;
  /// See text_score.h. One more when the last word is longer.
  std::uint32_t penalty = 0;
  /// Another form of the unit's last word (word_forms.h), which counts a little less.
  bool is_form = false;
};

/// Where one alternative can be found.
struct UnitSource {
  std::size_t alternative = 0;
  const Field* field = nullptr;
  /// See FieldWeight.
  std::uint32_t weight = 0;
  /// One for each word, and their frequencies.
  std::vector<std::string> terms;
  std::vector<std::uint32_t> frequencies;
  /// What a prefix, the last word, stands for besides itself.
  std::vector<TextReader::Expansion> longer;
};

/// Where one unit of a query can be found, and how much that is worth.
struct UnitPlan {
  /// As it was asked first.
  std::vector<UnitAlternative> alternatives;
  std::vector<UnitSource> sources;
  /// Of the rarest word, or of the most frequent one that the unit stands for (text_score.h).
  std::uint32_t frequency = 0;
  std::int64_t rarity = 0;
  /// Postings that have to be looked at, at most.
  std::uint64_t cost = 0;
};

}  // namespace cacheindex::index
