#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "benchmarks/shop/random.h"
#include "benchmarks/shop/zipf.h"

namespace cacheindex::shop {

/// English and Chinese, as one thing is called in a shop of two languages.
struct Bilingual {
  std::string english;
  std::string chinese;
};

/// Splits "soap dish 肥皂盒" before its first byte that is not ASCII.
Bilingual ParseBilingual(std::string_view text);

/// Splits at `separator`, drops blanks and newlines around the parts, and drops empty parts.
std::vector<std::string_view> SplitList(std::string_view text, char separator);

/// Splits at blanks and newlines.
std::vector<std::string_view> SplitWords(std::string_view text);

/// Lines that are not empty; a line that starts with two blanks continues the one before it.
std::vector<std::string> LogicalLines(std::string_view text);

/// The words that descriptions are made of, most frequent first. English: function words, then
/// words of retail, then tens of thousands of words that could be English. Drawn by Zipf's law,
/// which is how real words are spread.
///
/// Threads: immutable.
class Vocabulary {
 public:
  Vocabulary();

  const std::vector<std::string>& english() const noexcept { return english_; }
  const std::vector<std::string>& chinese() const noexcept { return chinese_; }

  const std::string& DrawEnglish(Random& random) const {
    return english_[by_english_.Draw(random)];
  }
  const std::string& DrawChinese(Random& random) const {
    return chinese_[by_chinese_.Draw(random)];
  }

 private:
  std::vector<std::string> english_;
  std::vector<std::string> chinese_;
  ZipfSampler by_english_;
  ZipfSampler by_chinese_;
};

}  // namespace cacheindex::shop
