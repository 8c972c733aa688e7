#include "index/match/word_list.h"

#include <algorithm>
#include <cstddef>
#include <limits>
#include <utility>

#include "index/columns/word_dictionary.h"
#include "index/match/typo_pattern.h"
#include "index/words/code_points.h"
#include "index/words/readings.h"

namespace cacheindex::index {
namespace {

// Edits that are looked for, at most.
constexpr std::uint32_t kEditsMax = 2;

// Classes of FindSimilar's result: by edits, whole words before longer ones.
constexpr std::size_t kClasses = std::size_t{2} * kEditsMax;

std::uint32_t BitOf(CodePoint character) {
  return std::uint32_t{1} << (static_cast<std::uint32_t>(character) & 31U);
}

// Han characters and kana: each is a word of its own, and another one is another word.
bool IsHan(CodePoint character) {
  return (character >= 0x2E80 && character <= 0x9FFF) ||
         (character >= 0xF900 && character <= 0xFAFF) || character >= 0x20000;
}

std::size_t CharacterCount(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char byte) {
    return (static_cast<unsigned char>(byte) & 0xC0U) != 0x80U;
  }));
}

void Decode(std::string_view word, std::vector<CodePoint>& characters) {
  characters.clear();
  for (std::size_t i = 0; i < word.size();) {
    characters.push_back(NextOfUtf8(word, i));
  }
}

// The first of the words that are offered, by size and then by bytes. Holds twice as many as are
// wanted, at most.
template <class Found, class WordOf>
class FirstWords {
 public:
  FirstWords(std::size_t words_max, WordOf word_of) : words_max_(words_max), word_of_(word_of) {}

  void Offer(Found found) {
    if (words_max_ == 0) {
      return;
    }
    words_.push_back(std::move(found));
    if (words_.size() == 2 * words_max_) {
      std::ranges::nth_element(words_, words_.begin() + Wanted(), Before());
      words_.resize(words_max_);
    }
  }

  // Returns them in order, and has none then.
  std::vector<Found> Take() {
    std::ranges::sort(words_, Before());
    words_.resize(std::min(words_.size(), words_max_));
    return std::exchange(words_, {});
  }

 private:
  std::ptrdiff_t Wanted() const { return static_cast<std::ptrdiff_t>(words_max_); }
  auto Before() const {
    return [this](const Found& left, const Found& right) {
      const std::string& a = word_of_(left);
      const std::string& b = word_of_(right);
      return a.size() != b.size() ? a.size() < b.size() : a < b;
    };
  }

  std::size_t words_max_;
  WordOf word_of_;
  std::vector<Found> words_;
};

// Whether `letters` has at most `count_max` bits.
bool HasAtMost(std::uint32_t letters, std::uint32_t count_max) {
  for (; count_max > 0; --count_max) {
    letters &= letters - 1;
  }
  return letters == 0;
}

}  // namespace

void WordList::Chunk::Add(std::string_view word) {
  std::uint32_t bits = 0;
  std::size_t characters = 0;
  bool has_han = false;
  for (std::size_t i = 0; i < word.size(); ++characters) {
    const CodePoint character = NextOfUtf8(word, i);
    bits |= BitOf(character);
    has_han = has_han || IsHan(character);
  }
  const bool is_comparable = !has_han && !word.starts_with(kInfixMark) &&
                             characters <= std::numeric_limits<std::uint8_t>::max();
  letters.push_back(bits);
  sizes.push_back(is_comparable ? static_cast<std::uint8_t>(characters) : 0);
  text += word;
  begins.push_back(static_cast<std::uint32_t>(text.size()));
}

void WordList::Add(std::string_view word) {
  if (last_.size() == kChunkWords) {
    full_.push_back(std::make_shared<const Chunk>(std::move(last_)));
    last_ = Chunk();
  }
  last_.Add(word);
  ++size_;
}

Result<std::shared_ptr<const WordList>> WordList::Read(const cache::View& view,
                                                       cache::ColumnNumber words_column,
                                                       std::shared_ptr<const WordList> before) {
  const WordDictionary dictionary(view, words_column);
  const auto count = dictionary.Count();
  if (!count) {
    return count.error();
  }
  const std::uint32_t size = std::min(*count, kWordsMax);
  if (before != nullptr && before->size() >= size) {
    return before;
  }
  auto list =
      before == nullptr ? std::make_shared<WordList>() : std::make_shared<WordList>(*before);
  auto read = dictionary.ForEachWord(list->size_ + 1, size,
                                     [&list](std::string_view word) { list->Add(word); });
  if (!read) {
    return std::move(read).error();
  }
  return std::shared_ptr<const WordList>(std::move(list));
}

std::vector<SimilarWord> WordList::FindSimilar(std::string_view word, std::uint32_t edits_max,
                                               bool is_prefix, std::size_t words_max) const {
  std::vector<CodePoint> characters;
  Decode(word, characters);
  const auto size = static_cast<std::uint32_t>(characters.size());
  if (size == 0 || size > kTypoCharactersMax ||
      std::any_of(characters.begin(), characters.end(), IsHan)) {
    return {};
  }
  // A word of which nothing is left is no word.
  edits_max = std::min({edits_max, kEditsMax, size - 1});
  std::uint32_t letters = 0;
  for (const CodePoint character : characters) {
    letters |= BitOf(character);
  }
  const TypoPattern pattern(characters);
  const auto word_of = [](const SimilarWord& similar) -> const std::string& {
    return similar.word;
  };
  std::vector classes(kClasses, FirstWords<SimilarWord, decltype(word_of)>(words_max, word_of));
  const auto compare = [&](const Chunk& chunk, std::size_t i) {
    const std::string_view candidate = chunk.Word(i);
    Decode(candidate, characters);
    // No start that is near can be longer.
    characters.resize(std::min<std::size_t>(characters.size(), size + edits_max + 1));
    const TypoDistance distance = pattern.Compare(characters);
    const bool is_whole = distance.whole <= edits_max;
    const std::uint32_t edits = is_whole ? distance.whole : distance.start;
    if (edits == 0 || (!is_whole && (!is_prefix || edits > edits_max))) {
      return;
    }
    classes[2 * (edits - 1) + (is_whole ? 0 : 1)].Offer({std::string(candidate), edits, !is_whole});
  };
  const auto look = [&](const Chunk& chunk) {
    for (std::size_t i = 0; i < chunk.size(); ++i) {
      const std::uint32_t other = chunk.sizes[i];
      // Each edit takes one letter away at most, and brings one.
      if (other + edits_max >= size && HasAtMost(letters & ~chunk.letters[i], edits_max) &&
          (is_prefix ||
           (other <= size + edits_max && HasAtMost(chunk.letters[i] & ~letters, edits_max)))) {
        compare(chunk, i);
      }
    }
  };
  for (const auto& chunk : full_) {
    look(*chunk);
  }
  look(last_);
  std::vector<SimilarWord> nearest;
  for (auto& similar : classes) {
    for (SimilarWord& found : similar.Take()) {
      if (nearest.size() < words_max) {
        nearest.push_back(std::move(found));
      }
    }
  }
  return nearest;
}

std::vector<std::string> WordList::FindContaining(std::string_view part, const InfixLimits& limits,
                                                  std::size_t words_max) const {
  const auto word_of = [](const std::string& word) -> const std::string& { return word; };
  FirstWords<std::string, decltype(word_of)> words(words_max, word_of);
  const auto look = [&](const Chunk& chunk) {
    // Words stand in one text without anything between, so a place may belong to two of them.
    for (std::size_t at = chunk.text.find(part); at != std::string::npos;
         at = chunk.text.find(part, at + 1)) {
      const auto next = std::upper_bound(chunk.begins.begin(), chunk.begins.end(), at);
      const std::size_t end = *next;
      const std::string_view word =
          chunk.Word(static_cast<std::size_t>(next - chunk.begins.begin()) - 1);
      const std::size_t begin = end - word.size();
      const std::size_t behind = at + part.size();
      if (at > begin && behind <= end && word.front() == kInfixMark &&
          CharacterCount(word.substr(1, at - begin - 1)) <= limits.before &&
          CharacterCount(word.substr(behind - begin)) <= limits.after) {
        words.Offer(std::string(word));
        at = end - 1;
      }
    }
  };
  if (part.empty()) {
    return {};
  }
  for (const auto& chunk : full_) {
    look(*chunk);
  }
  look(last_);
  return words.Take();
}

}  // namespace cacheindex::index
