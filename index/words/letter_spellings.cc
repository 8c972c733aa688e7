#include "index/words/letter_spellings.h"

#include <cstddef>
#include <utility>

#include "index/words/code_points.h"

namespace cacheindex::index {
namespace {

// Which nasal of Hindi is written before a consonant of which class; each class has five letters,
// its own nasal last.
bool IsNasalBefore(CodePoint nasal, CodePoint consonant) {
  constexpr CodePoint kFirstConsonant = 0x915;
  constexpr CodePoint kOtherLetter = 0x929;
  constexpr CodePoint kClassLetters = 5;
  constexpr CodePoint kClasses = 5;
  const auto place_of = [](CodePoint letter) {
    return letter - kFirstConsonant - (letter > kOtherLetter ? 1 : 0);
  };
  const CodePoint place = place_of(consonant);
  return place >= 0 && place < kClasses * kClassLetters &&
         place % kClassLetters != kClassLetters - 1 &&
         place_of(nasal) == place - place % kClassLetters + kClassLetters - 1;
}

}  // namespace

void SpellGreekUnit(std::string& word) {
  constexpr std::size_t kUnitBytesMax = 8;
  constexpr CodePoint kMu = 0x3BC;
  constexpr CodePoint kOmega = 0x3C9;
  const auto is_ascii = [](char byte) { return (static_cast<unsigned char>(byte) & 0x80U) == 0; };
  if ((is_ascii(word.front()) && is_ascii(word.back())) || word.size() > kUnitBytesMax) {
    return;
  }
  std::string spelled;
  for (std::size_t i = 0; i < word.size();) {
    const CodePoint letter = NextOfUtf8(word, i);
    if (letter == kMu) {
      spelled += 'u';
    } else if (letter == kOmega) {
      spelled += "ohm";
    } else if (letter >= 'a' && letter <= 'z') {
      spelled += static_cast<char>(letter);
    } else {
      return;
    }
  }
  word = std::move(spelled);
}

std::string SpellNasals(const std::string& word) {
  constexpr CodePoint kVirama = 0x94D;
  constexpr CodePoint kAnusvara = 0x902;
  std::string spelled;
  for (std::size_t i = 0; i < word.size();) {
    CodePoint letter = NextOfUtf8(word, i);
    std::size_t behind = i;
    if (behind < word.size() && NextOfUtf8(word, behind) == kVirama && behind < word.size()) {
      std::size_t end = behind;
      if (IsNasalBefore(letter, NextOfUtf8(word, end))) {
        letter = kAnusvara;
        i = behind;
      }
    }
    AppendUtf8(letter, spelled);
  }
  return spelled;
}

}  // namespace cacheindex::index
