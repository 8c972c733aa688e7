#pragma once

#include "index/group/document_groups.h"
#include "index/match/text_scores.h"

namespace cacheindex::index {

/// What an order needs to know besides the columns. Found documents without a score come last;
/// without groups, every document is a group of its own.
struct SortSources {
  const TextScores* scores = nullptr;
  const DocumentGroups* groups = nullptr;
};

}  // namespace cacheindex::index
