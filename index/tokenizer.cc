#include "index/tokenizer.h"

#include <array>

#include "index/text_folder.h"
#include "index/token_sink.h"
#include "index/word_segmenter.h"

namespace cacheindex::index {
namespace {

// What an ASCII byte is to a word; everything beyond letters and digits is decided by neighbours.
enum class Kind : unsigned char { kOther, kLetter, kDigit };

constexpr std::array<Kind, 256> kKinds = [] {
  std::array<Kind, 256> kinds{};
  for (std::size_t byte = 0; byte < kinds.size(); ++byte) {
    if ((byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z')) {
      kinds[byte] = Kind::kLetter;
    } else if (byte >= '0' && byte <= '9') {
      kinds[byte] = Kind::kDigit;
    }
  }
  return kinds;
}();

// Requires an ASCII unit.
template <class Unit>
Kind KindOf(Unit unit) {
  return kKinds[static_cast<unsigned char>(unit)];
}

template <class Unit>
char LowerCase(Unit unit) {
  const char byte = static_cast<char>(unit);
  return byte >= 'A' && byte <= 'Z' ? static_cast<char>(byte + ('a' - 'A')) : byte;
}

// Finds the words of `size` ASCII units exactly as WordSegmenter would. `place(first, last)` tells
// where the units from first to last, both included, came from.
template <class Unit, class Place>
void SegmentAscii(const Unit* units, std::size_t size, Place&& place, TokenSink& sink) {
  std::size_t i = 0;
  while (i < size) {
    if (KindOf(units[i]) == Kind::kOther) {
      ++i;
      continue;
    }
    const std::size_t first = i;
    Token& token = sink.Add(0, 0);
    while (i < size) {
      const Kind kind = KindOf(units[i]);
      if (kind != Kind::kOther) {
        if (token.word.size() <= kWordBytesMax) {
          token.word.push_back(LowerCase(units[i]));
        }
        ++i;
        continue;
      }
      if (i + 1 == size) {
        break;
      }
      // The unit before is part of the word, so neither joiner can follow another.
      const Kind before = KindOf(units[i - 1]);
      const Kind after = KindOf(units[i + 1]);
      const bool is_decimal =
          (units[i] == '.' || units[i] == ',') && before == Kind::kDigit && after == Kind::kDigit;
      const bool is_apostrophe =
          units[i] == '\'' && before == Kind::kLetter && after == Kind::kLetter;
      if (!is_decimal && !is_apostrophe) {
        break;
      }
      if (is_decimal && token.word.size() <= kWordBytesMax) {
        token.word.push_back(static_cast<char>(units[i]));
      }
      ++i;
    }
    LimitWord(token.word);
    const Origin origin = place(first, i - 1);
    token.begin = origin.begin;
    token.end = origin.end;
  }
}

void SegmentAsciiBytes(std::string_view text, std::size_t begin, std::size_t end, TokenSink& sink) {
  const auto place = [begin](std::size_t first, std::size_t last) {
    return Origin{static_cast<std::uint32_t>(begin + first),
                  static_cast<std::uint32_t>(begin + last + 1)};
  };
  SegmentAscii(text.data() + begin, end - begin, place, sink);
}

bool IsAscii(char byte) { return (static_cast<unsigned char>(byte) & 0x80U) == 0; }

// Spaces and controls of ASCII end words and dictionary words in every script.
bool IsBoundary(char byte) { return static_cast<unsigned char>(byte) <= ' '; }

}  // namespace

struct Tokenizer::Machinery {
  TextFolder folder;
  WordSegmenter segmenter;
  FoldedText folded;
};

Tokenizer::Tokenizer() : machinery_(std::make_unique<Machinery>()) {}
Tokenizer::~Tokenizer() = default;

void Tokenizer::Tokenize(std::string_view text, std::vector<Token>& tokens) {
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
    SegmentAsciiBytes(text, i, piece, sink);
    if (piece < piece_end) {
      machinery_->folder.Fold(text.substr(piece, piece_end - piece),
                              static_cast<std::uint32_t>(piece), folded);
      if (folded.is_ascii) {
        const auto place = [&folded](std::size_t first, std::size_t last) {
          return Origin{folded.origins[first].begin, folded.origins[last].end};
        };
        SegmentAscii(folded.text.data(), folded.text.size(), place, sink);
      } else {
        machinery_->segmenter.Segment(folded, sink);
      }
    }
    i = piece_end;
  }
  sink.Finish();
}

void Tokenizer::TokenizeByReference(std::string_view text, std::vector<Token>& tokens) {
  TokenSink sink(tokens);
  machinery_->folder.Fold(text, 0, machinery_->folded);
  machinery_->segmenter.Segment(machinery_->folded, sink);
  sink.Finish();
}

Tokenizer& Tokenizer::OfThread() {
  thread_local Tokenizer tokenizer;
  return tokenizer;
}

std::string NormalForm(std::string_view text) {
  thread_local std::vector<Token> tokens;
  Tokenizer::OfThread().Tokenize(text, tokens);
  std::string form;
  for (const Token& token : tokens) {
    if (!form.empty()) {
      form.push_back(' ');
    }
    form += token.word;
  }
  return form;
}

}  // namespace cacheindex::index
