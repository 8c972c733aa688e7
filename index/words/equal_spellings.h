#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "index/words/text_rules.h"
#include "index/words/tokenizer.h"

namespace cacheindex::index {

/// Spells numbers, units and their signs as one, whoever wrote them:
///
///   1,000  1,000.50  1.000,50   1000  1000.50  1000.50: groups of three digits; a lone comma
///   1,5  0,125                  1.5  0.125              before three digits parts a group unless
///   .5                          0.5                     a 0 is before it, a lone point never does
///   24"  24″  24''  24 in       24 inch, and so on for every unit of unit_spellings.h:
///   6'  90°  50%  10Ω  10µF     6 feet, 90 degree, 50 percent, 10 ohm, 10 uf
///   10×15  10*15  10 by 15      10x15
///   サーバー                      サーバ: a long mark at the end of three kana or more
///   हिन्दी                         हिंदी: a nasal before a consonant of its class
///   U.S.A.  rock'n'roll         u s a  rock n roll, which JoinHyphens reads as usa and rocknroll
///
/// A unit is one behind a number that begins what was written as one (2500l is a volume, KC2500L a
/// model), "in" also not before a number (2 in 1). A quote that closes a quotation is no inch.
///
/// What was written together is one group: 3/8, 24", 10×15; so is 1½ or 1 1/2.
///
/// Threads: one instance per thread, whose memory is reused.
class EqualSpellings {
 public:
  /// Rewrites the `tokens` of `text`, in time linear in both. A text without any stays without.
  void Apply(std::string_view text, const TextRules& rules, std::vector<Token>& tokens);

 private:
  class Pass;

  /// A token to insert before another one.
  struct Sign {
    std::size_t before = 0;
    std::uint32_t begin = 0;
    std::uint32_t end = 0;
    std::string_view word;
  };
  /// What becomes of a token.
  struct Fate {
    /// It belongs to the group of what stands before it.
    bool joins = false;
    bool is_removed = false;
  };

  void Rewrite(std::vector<Token>& tokens);

  std::vector<Sign> signs_;
  std::vector<Fate> fates_;
  std::vector<Token> rewritten_;
};

}  // namespace cacheindex::index
