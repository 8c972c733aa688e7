#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "cache/numbers.h"
#include "cache/view.h"
#include "node/core/result.h"

namespace cacheindex::index {

/// A word of the collection that is near to an asked one.
struct SimilarWord {
  std::string word;
  std::uint32_t edits = 0;
  /// Only its start is near.
  bool is_longer = false;

  bool operator==(const SimilarWord&) const = default;
};

/// All words of one collection's dictionary up to one of its states, packed for a look at each of
/// them: most are told apart by their length and the set of their letters alone.
///
/// Memory: about 20 bytes for each word. Threads: immutable.
class WordList {
 public:
  /// Words that are listed, at most; later ones are found as they are written only.
  static constexpr std::uint32_t kWordsMax = 4'000'000;

  /// Returns the words of `view`: `before` (null: none yet) and those that came after it.
  static Result<std::shared_ptr<const WordList>> Read(const cache::View& view,
                                                      cache::ColumnNumber words_column,
                                                      std::shared_ptr<const WordList> before);

  /// Words of the dictionary when this was read.
  std::uint32_t size() const noexcept { return size_; }

  /// Returns the words from 1 to `edits_max` edits away from `word` (typo_pattern.h), nearest
  /// first, whole words before longer ones, then the shorter first, then by bytes: never in the
  /// order of their arrival, which differs between nodes. When `is_prefix`, also those of which
  /// only a start is near. At most `words_max`. Han words are near to none.
  std::vector<SimilarWord> FindSimilar(std::string_view word, std::uint32_t edits_max,
                                       bool is_prefix, std::size_t words_max) const;

  /// How far inside a word something may stand.
  struct InfixLimits {
    /// Characters before it and after it, at most.
    std::uint32_t before = std::numeric_limits<std::uint32_t>::max();
    std::uint32_t after = std::numeric_limits<std::uint32_t>::max();
  };
  /// Returns the infix words (readings.h) that have `part` inside, the shorter first, then by
  /// bytes; at most `words_max`.
  std::vector<std::string> FindContaining(std::string_view part, const InfixLimits& limits,
                                          std::size_t words_max) const;

 private:
  /// Consecutive words.
  struct Chunk {
    /// Which letters each word has, by the low bits of their code points.
    std::vector<std::uint32_t> letters;
    /// Characters of each word; 0 where it has Han characters or too many, and of infix words.
    std::vector<std::uint8_t> sizes;
    /// Where each word begins in `text`, and the end of the last one.
    std::vector<std::uint32_t> begins{0};
    std::string text;

    void Add(std::string_view word);
    std::size_t size() const { return letters.size(); }
    std::string_view Word(std::size_t i) const {
      return std::string_view(text).substr(begins[i], begins[i + 1] - begins[i]);
    }
  };
  static constexpr std::size_t kChunkWords = 1U << 16U;

  void Add(std::string_view word);

  std::uint32_t size_ = 0;
  /// All but the last one are full and shared between lists.
  std::vector<std::shared_ptr<const Chunk>> full_;
  Chunk last_;
};

}  // namespace cacheindex::index
