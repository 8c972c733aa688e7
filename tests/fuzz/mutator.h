#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <random>
#include <string>
#include <utility>
#include <vector>

namespace cacheindex::test {

/// Makes inputs out of valid ones: cuts, copies, repeats, splices, and bytes of all kinds. What was
/// made is cut and spliced again, so that inputs drift away from where they began.
///
/// Threads: one. The same seed makes the same inputs.
class Mutator {
 public:
  static constexpr std::size_t kInputBytesMax = 4'096;

  /// `valid` are inputs to begin with, `pieces` what the language is made of; neither is empty.
  Mutator(std::uint64_t seed, std::vector<std::string> valid, std::vector<std::string> pieces)
      : random_(seed), valid_(std::move(valid)), corpus_(valid_), pieces_(std::move(pieces)) {}

  std::size_t Below(std::size_t bound) {
    return std::uniform_int_distribution<std::size_t>(0, bound - 1)(random_);
  }

  std::string Next() {
    std::string input = Pick(Below(4) == 0 ? valid_ : corpus_);
    for (std::size_t changes = Below(6); changes > 0; --changes) {
      Change(input);
    }
    input.resize(std::min(input.size(), kInputBytesMax));
    if (corpus_.size() < kCorpusMax) {
      corpus_.push_back(input);
    } else if (Below(8) == 0) {
      corpus_[Below(corpus_.size())] = input;
    }
    return input;
  }

 private:
  static constexpr std::size_t kCorpusMax = 500;

  const std::string& Pick(const std::vector<std::string>& strings) {
    return strings[Below(strings.size())];
  }

  void Change(std::string& input) {
    const std::size_t place = Below(input.size() + 1);
    const std::size_t size = std::min(Below(16), input.size() - place);
    switch (Below(8)) {
      case 0:
        input.erase(place, size);
        break;
      case 1:
        input.insert(place, input.substr(place, size));
        break;
      case 2:
        input.insert(place, 1, static_cast<char>(Below(256)));
        break;
      case 3:
        if (place < input.size()) {
          input[place] = static_cast<char>(input[place] ^ (1 << Below(8)));
        }
        break;
      case 4:
        input = input.substr(0, place) + Pick(corpus_);
        break;
      case 5:
        Repeat(input, place);
        break;
      default:
        input.insert(place, Pick(pieces_));
        break;
    }
  }

  // Depth and length find other mistakes than variety does.
  void Repeat(std::string& input, std::size_t place) {
    const std::string& piece = Pick(pieces_);
    std::string repeated;
    for (std::size_t times = 1 + Below(100); times > 0; --times) {
      repeated += piece;
    }
    input.insert(place, repeated);
  }

  std::mt19937_64 random_;
  std::vector<std::string> valid_;
  std::vector<std::string> corpus_;
  std::vector<std::string> pieces_;
};

}  // namespace cacheindex::test
