#include "benchmarks/shop/vocabulary.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <unordered_set>
#include <utility>

#include "benchmarks/shop/word_lists.h"

namespace cacheindex::shop {
namespace {

constexpr std::string_view kBlanks = " \n";

// The order of made-up words must look arbitrary and must be the same for every shop.
constexpr std::uint64_t kShuffleSeed = 2;

std::string_view Trim(std::string_view text) {
  const auto first = text.find_first_not_of(kBlanks);
  if (first == std::string_view::npos) {
    return {};
  }
  return text.substr(first, text.find_last_not_of(kBlanks) - first + 1);
}

// Collects distinct words in the order in which they come.
class WordCollector {
 public:
  void Add(std::string word) {
    if (known_.insert(word).second) {
      words_.push_back(std::move(word));
    }
  }
  void AddAll(std::string_view list) {
    for (const std::string_view word : SplitWords(list)) {
      Add(std::string(word));
    }
  }
  void ShuffleFrom(std::size_t first) {
    Random random(kShuffleSeed, Stream::kCatalogue, 0);
    for (std::size_t i = words_.size(); i > first + 1; --i) {
      const auto other = first + random.Below(static_cast<std::uint32_t>(i - first));
      std::swap(words_[i - 1], words_[other]);
    }
  }
  std::size_t size() const noexcept { return words_.size(); }
  std::vector<std::string> Take() && { return std::move(words_); }

 private:
  std::unordered_set<std::string> known_;
  std::vector<std::string> words_;
};

std::vector<std::string> MakeEnglish() {
  WordCollector collector;
  collector.AddAll(kFrequentWords);
  collector.AddAll(kRetailWords);
  const std::size_t real_words = collector.size();
  const auto middles = SplitWords(kMiddles);
  const auto endings = SplitWords(kEndings);
  for (const std::string_view stem : SplitWords(kStems)) {
    for (const std::string_view middle : middles) {
      for (const std::string_view ending : endings) {
        collector.Add(std::string(stem).append(middle).append(ending));
      }
    }
  }
  collector.ShuffleFrom(real_words);
  return std::move(collector).Take();
}

std::vector<std::string> MakeChinese() {
  WordCollector collector;
  collector.AddAll(kChineseWords);
  const std::size_t real_words = collector.size();
  const auto seconds = SplitWords(kChineseSecond);
  for (const std::string_view first : SplitWords(kChineseFirst)) {
    for (const std::string_view second : seconds) {
      collector.Add(std::string(first).append(second));
    }
  }
  collector.ShuffleFrom(real_words);
  return std::move(collector).Take();
}

ZipfSampler::Options ZipfOf(const std::vector<std::string>& words) {
  return {.size = static_cast<std::uint32_t>(words.size()), .exponent = 1.0};
}

}  // namespace

Bilingual ParseBilingual(std::string_view text) {
  const auto chinese =
      std::find_if(text.begin(), text.end(), [](char byte) { return (byte & 0x80) != 0; });
  const auto length = static_cast<std::size_t>(chinese - text.begin());
  return {std::string(Trim(text.substr(0, length))), std::string(Trim(text.substr(length)))};
}

std::vector<std::string_view> SplitList(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  while (!text.empty()) {
    const auto end = std::min(text.find(separator), text.size());
    if (const std::string_view part = Trim(text.substr(0, end)); !part.empty()) {
      parts.push_back(part);
    }
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return parts;
}

std::vector<std::string_view> SplitWords(std::string_view text) {
  std::vector<std::string_view> words;
  for (const std::string_view line : SplitList(text, '\n')) {
    for (const std::string_view word : SplitList(line, ' ')) {
      words.push_back(word);
    }
  }
  return words;
}

std::vector<std::string> LogicalLines(std::string_view text) {
  std::vector<std::string> lines;
  while (!text.empty()) {
    const auto end = std::min(text.find('\n'), text.size());
    const std::string_view line = text.substr(0, end);
    if (line.starts_with("  ") && !lines.empty()) {
      lines.back().append(line.substr(1));
    } else if (!line.empty()) {
      lines.emplace_back(line);
    }
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines;
}

Vocabulary::Vocabulary()
    : english_(MakeEnglish()),
      chinese_(MakeChinese()),
      by_english_(ZipfOf(english_)),
      by_chinese_(ZipfOf(chinese_)) {}

}  // namespace cacheindex::shop
