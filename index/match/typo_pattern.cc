#include "index/match/typo_pattern.h"

#include <algorithm>

namespace cacheindex::index {

TypoPattern::TypoPattern(std::span<const CodePoint> pattern)
    : size_(static_cast<std::uint32_t>(pattern.size())) {
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    const auto character = static_cast<std::uint32_t>(pattern[i]);
    const std::uint64_t place = std::uint64_t{1} << i;
    if (character < ascii_.size()) {
      ascii_[character] |= place;
    } else {
      others_[pattern[i]] |= place;
    }
  }
}

std::uint64_t TypoPattern::PlacesOf(CodePoint character) const {
  if (static_cast<std::uint32_t>(character) < ascii_.size()) {
    return ascii_[static_cast<std::uint32_t>(character)];
  }
  const auto found = others_.find(character);
  return found == others_.end() ? 0 : found->second;
}

TypoDistance TypoPattern::Compare(std::span<const CodePoint> word) const {
  const std::uint64_t last = std::uint64_t{1} << (size_ - 1);
  // Where the table's column rises or falls from one row to the next, and where its diagonal is
  // level.
  std::uint64_t rises = ~std::uint64_t{0};
  std::uint64_t falls = 0;
  std::uint64_t level = 0;
  std::uint64_t places_before = 0;
  TypoDistance distance{.whole = size_, .start = size_};
  for (const CodePoint character : word) {
    const std::uint64_t places = PlacesOf(character);
    const std::uint64_t swapped = ((~level & places) << 1U) & places_before;
    level = (((places & rises) + rises) ^ rises) | places | falls | swapped;
    std::uint64_t grows = falls | ~(level | rises);
    std::uint64_t shrinks = level & rises;
    distance.whole += (grows & last) != 0 ? 1 : 0;
    distance.whole -= (shrinks & last) != 0 ? 1 : 0;
    distance.start = std::min(distance.start, distance.whole);
    grows = grows << 1U | 1U;
    shrinks <<= 1U;
    rises = shrinks | ~(level | grows);
    falls = grows & level;
    places_before = places;
  }
  return distance;
}

}  // namespace cacheindex::index
