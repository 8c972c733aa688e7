#pragma once

#include <cstdint>
#include <vector>

#include "index/columns/search_context.h"
#include "index/match/text_scores.h"
#include "index/match/unit_plan.h"
#include "node/core/result.h"

namespace cacheindex::index {

/// Documents whose words are looked at for their order, at most: the best ones by then.
inline constexpr std::size_t kNearnessDocumentsMax = 500;

/// Words of one field of one document that are looked at, at most.
inline constexpr std::uint32_t kNearnessWordsMax = 512;

struct NearnessOptions {
  /// An element of a field that is the query and nothing else is best.
  bool prefers_exact = true;
  /// Early words are better.
  bool prefers_early = false;
};

/// Raises the scores of the best documents by how near to each other a field has the query's units:
///
///   sum * (16 + nearness) / 16
///   nearness = maximum over the fields of weight / 255 * (16 * pairs / (units - 1)
///              + 8 when an element is the query and nothing else
///              + 8 / (1 + place of the first word in its element), when that is asked for)
///
/// where a pair is two units next to each other and in the query's order. The weight is the
/// field's. Scores only grow, so the best documents stay above all others.
Result<void> RaiseNear(SearchContext& context, const std::vector<TextField>& fields,
                       const std::vector<UnitPlan>& units, const NearnessOptions& options,
                       TextScores& scores);

}  // namespace cacheindex::index
