#pragma once

#include <string>
#include <vector>

#include "tests/node/oracle/random.h"

namespace cacheindex::test {

/// Few words, so that random texts and random queries meet: with accents, upper case, Chinese and
/// Japanese, numbers, apostrophes, hyphens, wide letters, punctuation, and words that only signs
/// tell apart.
const std::vector<std::string>& Words();

/// Returns some words with separators between them, sometimes none at all.
std::string RandomText(Random& random, std::size_t words_max);

/// A small pool of texts that occur again and again, as brands and colours do.
class Phrases {
 public:
  Phrases(Random& random, std::size_t count);
  const std::string& Pick(Random& random) const { return random.Pick(phrases_); }

 private:
  std::vector<std::string> phrases_;
};

}  // namespace cacheindex::test
