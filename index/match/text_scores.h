#pragma once

#include <cstdint>
#include <vector>

#include "node/core/document.h"

namespace cacheindex::index {

/// The found documents of a text query and how well each matched: two columns of equal length,
/// ascending by document number.
struct TextScores {
  std::vector<DocumentNumber> documents;
  std::vector<std::int64_t> scores;
};

}  // namespace cacheindex::index
