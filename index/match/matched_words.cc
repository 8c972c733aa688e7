#include <algorithm>
#include <utility>

#include "index/match/text_matcher.h"

namespace cacheindex::index {
namespace {

// Units to mark in a hit, at most.
constexpr std::size_t kMarkedUnitsMax = 1'000;

}  // namespace

TextQuery MatchedWords(const TextQuery& query, const TextMatches& matches) {
  TextQuery marked = query;
  const auto add = [&marked](const UnitAlternative& alternative) {
    QueryUnit unit;
    unit.words = alternative.words;
    const bool is_known =
        std::any_of(marked.units.begin(), marked.units.end(),
                    [&unit](const QueryUnit& known) { return known.words == unit.words; });
    if (!is_known && marked.units.size() < kMarkedUnitsMax) {
      marked.units.push_back(std::move(unit));
    }
  };
  for (const auto& variant : matches.variants) {
    for (const UnitPlan& plan : variant) {
      for (const UnitAlternative& alternative : plan.alternatives) {
        add(alternative);
      }
    }
  }
  return marked;
}

}  // namespace cacheindex::index
