#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "index/match/typo_pattern.h"
#include "index/words/text_rules.h"
#include "index/words/tokenizer.h"

namespace cacheindex::index {

/// What a `facet_query` asks for.
struct FacetQuery {
  /// Words that stand next to each other in this order: the parts of a model number, characters
  /// that were written together.
  using Unit = std::vector<std::string>;
  /// As it is written, and with its hyphens joining (t-shirt: tshirt) when it has any.
  std::vector<std::vector<Unit>> readings;
  /// What has no words is looked for as it is: its form (whole_form.h).
  std::string piece;

  bool IsEmpty() const noexcept { return readings.empty() && piece.empty(); }
};

/// Reads the text of a `facet_query`, split as the values of its field are.
FacetQuery ReadFacetQuery(std::string_view text, const TextRules& rules);

/// Which values a `facet_query` means: those with all units of one of its readings, the last word
/// of which may go on, every word with so many typos at most (fewer in short ones, as in queries).
/// Values with hyphens are read both ways as well. What has no words may stand anywhere in a value.
///
/// Threads: immutable. Lifetime: within that of the rules.
class FacetMatcher {
 public:
  /// Of no query: marks nothing up.
  FacetMatcher() = default;
  FacetMatcher(const FacetQuery& query, std::uint32_t typos_max, const TextRules& rules);

  bool Matches(std::string_view value) const;

  /// Returns `value` with the words that match, and of a word that goes on the part that was asked
  /// for, between the tags.
  std::string Highlight(std::string_view value, std::string_view start_tag,
                        std::string_view end_tag) const;

 private:
  struct Word {
    std::string text;
    bool may_go_on = false;
    std::uint32_t typos_max = 0;
    /// Only when there may be typos.
    std::optional<TypoPattern> pattern;
  };
  using Unit = std::vector<Word>;
  using Reading = std::vector<Unit>;
  enum class Match { kNone, kStart, kWhole };
  /// A marked part of a value: bytes [begin, end).
  struct Mark {
    std::size_t begin = 0;
    std::size_t end = 0;
  };

  static Word MakeWord(const std::string& text, bool may_go_on, std::uint32_t typos_max);
  static Match Compare(const Word& word, const Token& token);
  /// Returns how each token matches where the units stand; empty when one stands nowhere.
  static std::vector<Match> MatchAll(const Reading& reading, const std::vector<Token>& tokens);
  std::vector<Mark> WordMarks(std::string_view value) const;
  std::vector<Mark> PieceMarks(std::string_view value) const;

  std::vector<Reading> readings_;
  std::string piece_;
  const TextRules* rules_ = &TextRules::Default();
};

}  // namespace cacheindex::index
