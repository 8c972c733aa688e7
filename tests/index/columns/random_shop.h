#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "node/core/json.h"

namespace cacheindex::index::test {

/// A filter, and what it means, said in plain code over the JSON document.
struct RandomFilter {
  std::string text;
  std::function<bool(const Json& document)> holds;
};

/// Makes documents, filters and values from a small vocabulary, so that they often meet.
class RandomShop {
 public:
  explicit RandomShop(std::uint64_t seed) : random_(seed) {}

  /// A body of POST /collections that fits the documents.
  static Json Schema();

  Json Document(const std::string& id);
  RandomFilter Filter(int depth);

  std::size_t Below(std::size_t bound) {
    return std::uniform_int_distribution<std::size_t>(0, bound - 1)(random_);
  }
  bool Chance(std::size_t in) { return Below(in) == 0; }

 private:
  std::string Word();
  std::string Text();
  std::int64_t Number();
  RandomFilter Clause();
  RandomFilter NumberClause(const std::string& field);
  RandomFilter TextClause(const std::string& field);
  RandomFilter PartsClause();

  std::mt19937_64 random_;
};

/// The words of an ASCII text.
std::vector<std::string> WordsOf(std::string_view text);
/// The values of a field, one or many.
std::vector<Json> ValuesOf(const Json& document, const std::string& field);

}  // namespace cacheindex::index::test
