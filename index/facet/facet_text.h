#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "index/schema/schema.h"
#include "index/text/text_rules.h"
#include "index/text/tokenizer.h"
#include "index/text/typo_pattern.h"

namespace cacheindex::index {

/// Returns a number or boolean of a column as facets show it: floats as the shortest text that
/// means the same number.
std::string FacetText(FieldType type, std::int64_t column_value);

/// Returns the words of a `facet_query`, split as the values of its field are: as it is written,
/// and with its hyphens joining (t-shirt: tshirt) when it has any. Nothing when it has no words.
std::vector<std::vector<std::string>> ReadFacetQuery(std::string_view text, const TextRules& rules);

/// Which values a `facet_query` means: those with all words of one of its readings, the last of
/// which may go on, every word with so many typos at most (fewer in short ones, as in queries).
/// Values with hyphens are read both ways as well.
///
/// Threads: immutable. Lifetime: within that of the rules.
class FacetMatcher {
 public:
  /// Of no query: marks nothing up.
  FacetMatcher() = default;
  FacetMatcher(std::span<const std::vector<std::string>> readings, std::uint32_t typos_max,
               const TextRules& rules);

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
  using Reading = std::vector<Word>;
  enum class Match { kNone, kStart, kWhole };

  static Word MakeWord(const std::string& text, bool may_go_on, std::uint32_t typos_max);
  static Match Compare(const Word& word, const Token& token);
  static bool HasAll(const Reading& reading, const std::vector<Token>& tokens);
  /// Returns the reading that `tokens` match, nullptr when there is none.
  const Reading* FindReading(const std::vector<Token>& tokens) const;

  std::vector<Reading> readings_;
  const TextRules* rules_ = &TextRules::Default();
};

}  // namespace cacheindex::index
