#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "index/columns/search_context.h"
#include "index/facet/facet_counter.h"
#include "index/facet/facet_plan.h"
#include "index/facet/facet_query.h"
#include "node/core/result.h"

namespace cacheindex::index {

/// A value that is shown.
struct ShownFacetValue {
  std::string text;
  std::uint64_t count = 0;
  /// As the column has it; of no meaning for ranges.
  std::int64_t value = 0;
  /// JSON object that it stands in, when that is asked for.
  std::string parent{};
};

/// A tally and how its value is shown.
struct LabelledTally {
  FacetTally tally;
  std::string text;
};

/// The order in which the values of `field` are shown. Values without the same text never tie, and
/// it knows neither ordinals nor document numbers, so it is the same on every node.
bool IsShownBefore(const FacetField& field, const LabelledTally& a, const LabelledTally& b);

/// Calls visit(tally, text) for all of `tallies`, in their order; `text` is valid in the call.
/// Errors: kTimeout, and those of the view.
Result<void> ForEachText(
    SearchContext& context, const FacetField& field, const std::vector<FacetTally>& tallies,
    const std::function<void(const FacetTally& tally, std::string_view text)>& visit);

/// Calls keep(matcher), which returns whether any value matches, with matchers that forgive one
/// typo more each time, while there is none. Returns the last one.
Result<FacetMatcher> Forgive(const FacetField& field,
                             const std::function<Result<bool>(const FacetMatcher&)>& keep);

/// Removes the tallies whose value does not match the facet's query. Returns what decided.
Result<FacetMatcher> KeepQueried(SearchContext& context, const FacetField& field,
                                 std::vector<FacetTally>& tallies);

/// Returns the `values_max` first of `tallies`, which ascend by value, in the facet's order. Looks
/// up only the texts of those that may be among them: in the order by count, those that are shown
/// and those that tie with the last of them.
Result<std::vector<ShownFacetValue>> SelectShown(SearchContext& context, const FacetField& field,
                                                 std::vector<FacetTally> tallies,
                                                 std::size_t values_max);

}  // namespace cacheindex::index
