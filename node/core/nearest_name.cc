#include "node/core/nearest_name.h"

#include <algorithm>
#include <array>
#include <cstddef>

namespace cacheindex {
namespace {

/// A shorter part of a name says nothing.
constexpr std::size_t kPartBytesMin = 4;

std::string ToLower(std::string_view name) {
  std::string lower(name);
  for (char& letter : lower) {
    letter = letter >= 'A' && letter <= 'Z' ? static_cast<char>(letter - 'A' + 'a') : letter;
  }
  return lower;
}

// Optimal string alignment: what was swapped is not edited again.
std::size_t Edits(std::string_view left, std::string_view right) {
  using Row = std::array<std::size_t, kNearNameBytesMax + 1>;
  std::array<Row, 3> rows{};
  for (std::size_t j = 0; j <= right.size(); ++j) {
    rows[0][j] = j;
  }
  for (std::size_t i = 1; i <= left.size(); ++i) {
    Row& row = rows[i % 3];
    const Row& above = rows[(i + 2) % 3];
    row[0] = i;
    for (std::size_t j = 1; j <= right.size(); ++j) {
      const bool is_same = left[i - 1] == right[j - 1];
      row[j] = std::min({above[j] + 1, row[j - 1] + 1, above[j - 1] + (is_same ? 0 : 1)});
      if (i > 1 && j > 1 && left[i - 1] == right[j - 2] && left[i - 2] == right[j - 1]) {
        row[j] = std::min(row[j], rows[(i + 1) % 3][j - 2] + 1);
      }
    }
  }
  return rows[left.size() % 3][right.size()];
}

}  // namespace

std::string NearestName(std::string_view name, const std::vector<std::string>& names) {
  const std::string meant = ToLower(name);
  if (meant.empty() || meant.size() > kNearNameBytesMax) {
    return {};
  }
  const std::string* nearest = nullptr;
  std::size_t fewest = meant.size() / 3 + 1;
  const std::string* whole = nullptr;
  for (const std::string& candidate : names) {
    if (candidate.size() > kNearNameBytesMax) {
      continue;
    }
    const std::string lower = ToLower(candidate);
    if (const std::size_t edits = Edits(meant, lower); edits < fewest) {
      fewest = edits;
      nearest = &candidate;
    }
    const bool is_part = meant.size() >= kPartBytesMin && lower.find(meant) != std::string::npos;
    if (is_part && (whole == nullptr || candidate.size() < whole->size())) {
      whole = &candidate;
    }
  }
  nearest = nearest != nullptr ? nearest : whole;
  return nearest != nullptr ? *nearest : std::string();
}

std::string DidYouMean(std::string_view name, const std::vector<std::string>& names, char quote) {
  const std::string nearest = NearestName(name, names);
  return nearest.empty() ? std::string()
                         : std::string("; did you mean ") + quote + nearest + quote + '?';
}

}  // namespace cacheindex
