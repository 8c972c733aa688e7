#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

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
  /// Han characters are tokens of one character each; those that form one dictionary word share its
  /// number. Every other token has a group of its own. Ascending.
  std::uint32_t group = 0;
  bool is_han = false;
};

/// Splits a text into words, the same way for indexing, queries and highlighting: Unicode word
/// boundaries (UAX #29) for any script, Han text as single characters grouped into dictionary
/// words; punctuation and space are no tokens.
///
/// What shoppers and catalogues spell differently is made equal: apostrophes inside words vanish
/// (men's, mens), an underscore, colon, hyphen or a full stop between letters separates (KC-2500),
/// a decimal point or comma between digits does not (1.5), and every script's digits become 0 to 9.
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
  void Tokenize(std::string_view text, std::vector<Token>& tokens);

  /// As Tokenize, but everything goes through ICU: the reference that tests hold the shortcuts to.
  void TokenizeByReference(std::string_view text, std::vector<Token>& tokens);

  /// Returns the tokenizer of the calling thread.
  static Tokenizer& OfThread();

 private:
  struct Machinery;

  std::unique_ptr<Machinery> machinery_;
};

/// Returns the form in which whole values are compared: the words of `text` with one space between.
std::string NormalForm(std::string_view text);

}  // namespace cacheindex::index
