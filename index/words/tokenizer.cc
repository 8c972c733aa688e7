#include "index/words/tokenizer.h"

#include <algorithm>
#include <array>
#include <span>

#include "index/words/equal_spellings.h"
#include "index/words/text_folder.h"
#include "index/words/token_sink.h"
#include "index/words/word_joiner.h"
#include "index/words/word_segmenter.h"

namespace cacheindex::index {
namespace {

template <class Unit>
char LowerCase(Unit unit) {
  const char byte = static_cast<char>(unit);
  return byte >= 'A' && byte <= 'Z' ? static_cast<char>(byte + ('a' - 'A')) : byte;
}

// Finds the words of ASCII units exactly as WordSegmenter would. `Place(first, last)` tells where
// the units from first to last, both included, came from.
template <class Unit, class Place>
class AsciiSegmenter {
 public:
  AsciiSegmenter(const Unit* units, std::size_t size, const Place& place, const TextRules& rules,
                 TokenSink& sink)
      : units_(units), size_(size), place_(&place), rules_(&rules), words_(sink) {}

  void Segment() {
    for (std::size_t i = 0; i < size_;) {
      if (KindOf(i) == CharacterKind::kOther) {
        ++i;
      } else {
        i = AddWord(i);
      }
    }
  }

 private:
  // Returns the unit behind the word that starts at `first`.
  std::size_t AddWord(std::size_t first) {
    const CharacterKind kind = KindOf(first);
    const bool follows_hyphen = first > 0 && units_[first - 1] == '-' && rules_->JoinsWith('-');
    Token& token = words_.Begin(first - (follows_hyphen ? 1 : 0), follows_hyphen, WordKindOf(kind));
    std::size_t i = first;
    while (i < size_) {
      if (KindOf(i) == kind) {
        Append(LowerCase(units_[i]), token.word);
        ++i;
        if (kind == CharacterKind::kSymbol) {
          break;
        }
        continue;
      }
      // What is before is part of the word, so no joiner can follow another.
      if (i + 1 == size_ || KindOf(i + 1) != kind ||
          !rules_->JoinsWith(static_cast<char>(units_[i]))) {
        break;
      }
      const bool is_decimal =
          kind == CharacterKind::kDigit && (units_[i] == '.' || units_[i] == ',');
      const bool is_apostrophe = kind == CharacterKind::kLetter && units_[i] == '\'';
      if ((!is_decimal && !is_apostrophe) || (is_apostrophe && IsBesideLoneN(i))) {
        break;
      }
      if (is_decimal) {
        Append(static_cast<char>(units_[i]), token.word);
      }
      ++i;
    }
    LimitWord(token.word);
    const Origin origin = (*place_)(first, i - 1);
    token.begin = origin.begin;
    token.end = origin.end;
    words_.End(i);
    return i;
  }

  // Whether the apostrophe at `i`, between letters, is one of those of rock'n'roll.
  bool IsBesideLoneN(std::size_t i) const {
    const auto is_n = [this](std::size_t at) { return LowerCase(units_[at]) == 'n'; };
    const bool is_before =
        is_n(i + 1) && (i + 2 == size_ || KindOf(i + 2) != CharacterKind::kLetter);
    return is_before || (i > 1 && is_n(i - 1) && units_[i - 2] == '\'');
  }

  CharacterKind KindOf(std::size_t i) const {
    return rules_->KindOf(static_cast<unsigned char>(units_[i]));
  }
  static WordKind WordKindOf(CharacterKind kind) {
    return kind == CharacterKind::kDigit    ? WordKind::kNumber
           : kind == CharacterKind::kSymbol ? WordKind::kSymbol
                                            : WordKind::kLetters;
  }
  static void Append(char byte, std::string& word) {
    if (word.size() <= kWordBytesMax) {
      word.push_back(byte);
    }
  }

  const Unit* units_;
  std::size_t size_;
  const Place* place_;
  const TextRules* rules_;
  WordJoiner words_;
};

template <class Unit, class Place>
void SegmentAscii(const Unit* units, std::size_t size, const Place& place, const TextRules& rules,
                  TokenSink& sink) {
  AsciiSegmenter<Unit, Place>(units, size, place, rules, sink).Segment();
}

void SegmentAsciiBytes(std::string_view text, std::size_t begin, std::size_t end,
                       const TextRules& rules, TokenSink& sink) {
  const auto place = [begin](std::size_t first, std::size_t last) {
    return Origin{static_cast<std::uint32_t>(begin + first),
                  static_cast<std::uint32_t>(begin + last + 1)};
  };
  SegmentAscii(text.data() + begin, end - begin, place, rules, sink);
}

std::string WithSpaces(const std::vector<Token>& tokens) {
  std::string form;
  for (const Token& token : tokens) {
    if (!form.empty()) {
      form.push_back(' ');
    }
    form += token.word;
  }
  return form;
}

bool IsAscii(char byte) { return (static_cast<unsigned char>(byte) & 0x80U) == 0; }

// Spaces and controls of ASCII end words and dictionary words in every script.
bool IsBoundary(char byte) { return static_cast<unsigned char>(byte) <= ' '; }

}  // namespace

struct Tokenizer::Machinery {
  TextFolder folder;
  WordSegmenter segmenter;
  FoldedText folded;
  EqualSpellings spellings;
};

Tokenizer::Tokenizer() : machinery_(std::make_unique<Machinery>()) {}
Tokenizer::~Tokenizer() = default;

void Tokenizer::Tokenize(std::string_view text, std::vector<Token>& tokens,
                         const TextRules& rules) {
  TokenSink sink(tokens);
  FoldedText& folded = machinery_->folded;
  std::size_t i = 0;
  while (i < text.size()) {
    // Up to the next piece between spaces that is not plain ASCII.
    std::size_t piece = i;
    while (piece < text.size() && IsAscii(text[piece])) {
      ++piece;
    }
    std::size_t piece_end = piece;
    if (piece < text.size()) {
      while (piece > i && !IsBoundary(text[piece - 1])) {
        --piece;
      }
      while (piece_end < text.size() && !IsBoundary(text[piece_end])) {
        ++piece_end;
      }
    }
    SegmentAsciiBytes(text, i, piece, rules, sink);
    if (piece < piece_end) {
      machinery_->folder.Fold(text.substr(piece, piece_end - piece),
                              static_cast<std::uint32_t>(piece), folded);
      if (folded.is_ascii) {
        const auto place = [&folded](std::size_t first, std::size_t last) {
          return Origin{folded.origins[first].begin, folded.origins[last].end};
        };
        SegmentAscii(folded.text.data(), folded.text.size(), place, rules, sink);
      } else {
        machinery_->segmenter.Segment(folded, rules, sink);
      }
    }
    i = piece_end;
  }
  sink.Finish();
  machinery_->spellings.Apply(text, rules, tokens);
}

void Tokenizer::TokenizeByReference(std::string_view text, std::vector<Token>& tokens,
                                    const TextRules& rules) {
  TokenSink sink(tokens);
  machinery_->folder.Fold(text, 0, machinery_->folded);
  machinery_->segmenter.Segment(machinery_->folded, rules, sink);
  sink.Finish();
  machinery_->spellings.Apply(text, rules, tokens);
}

Tokenizer& Tokenizer::OfThread() {
  thread_local Tokenizer tokenizer;
  return tokenizer;
}

bool JoinHyphens(std::span<const Token> tokens, std::vector<Token>& joined) {
  // What the first one was joined to is not here.
  const auto is_joined = [](const Token& token) { return token.is_hyphenated; };
  if (tokens.empty() || std::none_of(tokens.begin() + 1, tokens.end(), is_joined)) {
    return false;
  }
  TokenSink sink(joined);
  Token* last = nullptr;
  for (const Token& token : tokens) {
    if (token.is_hyphenated && last != nullptr) {
      last->word += token.word;
      LimitWord(last->word);
      last->end = token.end;
      continue;
    }
    last = &sink.Add(token.begin, token.end);
    last->word = token.word;
    last->group = token.group;
    last->is_character = token.is_character;
  }
  sink.Finish();
  return true;
}

std::string NormalForm(std::string_view text) {
  thread_local std::vector<Token> tokens;
  Tokenizer::OfThread().Tokenize(text, tokens);
  return WithSpaces(tokens);
}

std::vector<std::string> NormalForms(std::string_view text, const TextRules& rules) {
  std::vector<Token> tokens;
  std::vector<Token> joined;
  Tokenizer::OfThread().Tokenize(text, tokens, rules);
  std::vector<std::string> forms{WithSpaces(tokens)};
  if (JoinHyphens(tokens, joined)) {
    forms.push_back(WithSpaces(joined));
  }
  return forms;
}

}  // namespace cacheindex::index
