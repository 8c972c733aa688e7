#include "index/words/number_form.h"

#include <algorithm>
#include <cstddef>
#include <vector>

namespace cacheindex::index {
namespace {

std::vector<std::string_view> Split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  while (true) {
    const std::size_t end = text.find(separator);
    parts.push_back(text.substr(0, end));
    if (end == std::string_view::npos) {
      return parts;
    }
    text.remove_prefix(end + 1);
  }
}

// Whether `separator` parts groups of digits in all of `number`.
bool IsGrouped(std::string_view number, char separator) {
  constexpr std::size_t kGroupDigits = 3;
  const std::vector<std::string_view> groups = Split(number, separator);
  const std::string_view first = groups.front();
  if (groups.size() < 2 || groups.back().size() != kGroupDigits || first.size() > kGroupDigits ||
      first.starts_with('0')) {
    return false;
  }
  return std::all_of(groups.begin() + 1, groups.end(), [](std::string_view group) {
    return (group.size() == kGroupDigits || group.size() + 1 == kGroupDigits) &&
           group.find_first_not_of("0123456789") == std::string_view::npos;
  });
}

std::string Without(std::string_view text, char separator) {
  std::string kept(text);
  std::erase(kept, separator);
  return kept;
}

}  // namespace

std::string NumberForm(std::string_view word) {
  const auto commas = std::count(word.begin(), word.end(), ',');
  const auto points = std::count(word.begin(), word.end(), '.');
  if (commas == 0) {
    return points > 1 && IsGrouped(word, '.') ? Without(word, '.') : std::string(word);
  }
  const std::size_t comma = word.find(',');
  if (points <= 1) {
    const std::size_t point = std::min(word.find('.'), word.size());
    if (IsGrouped(word.substr(0, point), ',')) {
      return Without(word, ',');
    }
  }
  const bool is_decimal = commas == 1 && (points == 0 || IsGrouped(word.substr(0, comma), '.'));
  return is_decimal
             ? Without(word.substr(0, comma), '.') + '.' + std::string(word.substr(comma + 1))
             : std::string(word);
}

}  // namespace cacheindex::index
