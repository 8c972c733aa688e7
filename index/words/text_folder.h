#pragma once

#include <unicode/normalizer2.h>

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace cacheindex::index {

/// A stretch of the bytes that were folded.
struct Origin {
  std::uint32_t begin = 0;
  std::uint32_t end = 0;
};

/// Folded text and, for each of its UTF-16 units, the characters that it came from.
struct FoldedText {
  std::u16string text;
  std::vector<Origin> origins;
  /// No unit is beyond ASCII.
  bool is_ascii = true;
};

/// Makes equal what shoppers take for equal: case, width and compatibility forms (NFKC_Casefold),
/// accents and vowel points, digits of all scripts, and what shop_forms.h says. Vowel signs that
/// spell a word (Indic, Thai) and the marks of kana stay. Signs for numbers (fractions,
/// superscripts, digits in circles, Roman numerals) are parted from what stands beside them by a
/// space.
///
/// Threads: one instance per thread.
class TextFolder {
 public:
  TextFolder();

  /// Replaces `folded`. `begin` is where `text` starts in the whole. Ill-formed bytes become
  /// spaces.
  void Fold(std::string_view text, std::uint32_t begin, FoldedText& folded);

 private:
  // The folded forms of single characters, by the low bits of their code points: most text repeats
  // few characters, and normalizing one costs about 300 ns.
  static constexpr std::size_t kCacheSlots = 1024;
  static constexpr std::size_t kCachedUnitsMax = 6;
  struct CacheSlot {
    std::int32_t code_point = -1;
    std::uint8_t units = 0;
    std::array<char16_t, kCachedUnitsMax> text{};
  };

  void FoldCharacter(std::int32_t code_point, Origin origin, FoldedText& folded);
  /// A base character with what may combine with it.
  icu::UnicodeString FoldCluster(const icu::UnicodeString& cluster) const;

  const icu::Normalizer2* fold_ = nullptr;
  const icu::Normalizer2* decompose_ = nullptr;
  const icu::Normalizer2* compose_ = nullptr;
  std::vector<CacheSlot> cache_;
};

}  // namespace cacheindex::index
