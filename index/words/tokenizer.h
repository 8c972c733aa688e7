#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "index/words/text_rules.h"

namespace cacheindex::index {

/// Bytes of a normalised word, at most; the rest of a longer one is cut off, for indexing and
/// queries alike.
inline constexpr std::size_t kWordBytesMax = 120;

/// One word of a text.
struct Token {
  /// Normalised: lower case, without accents, width and compatibility forms folded.
  std::string word;
  /// The word's place in the text it came from: bytes [begin, end), always at character boundaries.
  std::uint32_t begin = 0;
  std::uint32_t end = 0;
  /// Tokens that were written as one share its number: the characters of a dictionary word, the
  /// parts of a model number (kc2500, KC-2500) and of a hyphenated word (t-shirt), unless the words
  /// beside the hyphen are both long (noise-cancelling). Ascending.
  std::uint32_t group = 0;
  /// One character: Han, hiragana, katakana, hangul.
  bool is_character = false;
  /// A hyphen between two letters or two digits joins it to the token before (wi-fi), or the points
  /// of an abbreviation (U.S.A.), or an apostrophe around a lone n (rock'n'roll).
  bool is_hyphenated = false;
  /// Made from a sign, not from letters or digits (24": 24 inch).
  bool is_sign = false;
  /// The word as it was written, normalised, where an equal spelling stands for it
  /// (equal_spellings.h: 24 in); empty elsewhere.
  std::string written{};
};

/// Splits a text into words, the same way for indexing, queries and highlighting: Unicode word
/// boundaries (UAX #29) for any script, Han, kana and hangul as single characters grouped into
/// words; punctuation and space are no tokens.
///
/// What shoppers and catalogues spell differently is made equal: traditional Han characters become
/// simplified, katakana becomes hiragana, and every script's digits and numerals of one digit
/// become 0 to 9 (四件套, 4件套); apostrophes inside words vanish (men's, mens), but for those
/// around a lone n (rock'n'roll, rock n roll). A word ends where letters meet digits, so that
/// kc2500, KC-2500 and KC 2500 are the same two words, and at an underscore, colon, hyphen or a
/// full stop between letters; at a decimal point or comma between digits it does not (1.5).
/// JoinHyphens gives the other reading of hyphenated words. Numbers, units and their signs are
/// spelled as equal_spellings.h says.
///
/// Any bytes may come in; ill-formed UTF-8 separates words.
/// Threads: one instance per thread (it owns ICU's iterators); creation is expensive, reuse it.
class Tokenizer {
 public:
  Tokenizer();
  ~Tokenizer();
  Tokenizer(const Tokenizer&) = delete;
  Tokenizer& operator=(const Tokenizer&) = delete;

  /// Replaces the content of `tokens`, whose memory is reused.
  ///
  /// Text without characters beyond ASCII, and words that fold to ASCII, never reach ICU.
  void Tokenize(std::string_view text, std::vector<Token>& tokens,
                const TextRules& rules = TextRules::Default());

  /// As Tokenize, but everything goes through ICU: the reference that tests hold the shortcuts to.
  void TokenizeByReference(std::string_view text, std::vector<Token>& tokens,
                           const TextRules& rules = TextRules::Default());

  /// Returns the tokenizer of the calling thread.
  static Tokenizer& OfThread();

 private:
  struct Machinery;

  std::unique_ptr<Machinery> machinery_;
};

/// Reads hyphenated words as one (wi-fi: wifi; also U.S.A.: usa): replaces `joined` and returns
/// true, or returns false when no token is_hyphenated. Both readings of a document can be found, by
/// both of a query.
bool JoinHyphens(std::span<const Token> tokens, std::vector<Token>& joined);

/// Returns the words of `text` with one space between: how texts are sorted, and how the words of
/// synonyms and rules are compared. Whole values have a form of their own (whole_form.h).
std::string NormalForm(std::string_view text);

/// Returns the normal forms of both readings of `text`, NormalForm first; only that one when
/// hyphens make no difference.
std::vector<std::string> NormalForms(std::string_view text,
                                     const TextRules& rules = TextRules::Default());

}  // namespace cacheindex::index
