#include "index/facet/facet_selection.h"

#include <algorithm>
#include <cstdint>
#include <utility>

#include "index/documents/value_dictionary.h"
#include "index/filter/filter_ranges.h"

namespace cacheindex::index {
namespace {

// Look-ups between two looks at the clock.
constexpr std::size_t kLookupsPerDeadlineCheck = 256;

bool IsNumeric(FieldType type) {
  return type == FieldType::kInt32 || type == FieldType::kInt64 || type == FieldType::kFloat ||
         type == FieldType::kBool;
}

Result<std::string> TextOf(SearchContext& context, const FacetField& field, std::int64_t value) {
  if (IsNumeric(field.type)) {
    return FacetText(field.type, value);
  }
  return ValueDictionary(context.view(), field.column).Value(static_cast<std::uint32_t>(value));
}

struct Labelled {
  FacetTally tally;
  std::string text;
};

// Calls visit(tally, text) for all of them.
template <class Visitor>
Result<void> ForEachText(SearchContext& context, const FacetField& field,
                         const std::vector<FacetTally>& tallies, Visitor&& visit) {
  for (std::size_t i = 0; i < tallies.size(); ++i) {
    if (i % kLookupsPerDeadlineCheck == 0 && context.IsExpired()) {
      return DeadlinePassed();
    }
    auto text = TextOf(context, field, tallies[i].value);
    if (!text) {
      return std::move(text).error();
    }
    visit(tallies[i], *std::move(text));
  }
  return {};
}

Result<std::vector<Labelled>> LookUp(SearchContext& context, const FacetField& field,
                                     const std::vector<FacetTally>& tallies) {
  std::vector<Labelled> labelled;
  labelled.reserve(tallies.size());
  auto visited =
      ForEachText(context, field, tallies, [&](const FacetTally& tally, std::string text) {
        labelled.push_back({tally, std::move(text)});
      });
  if (!visited) {
    return std::move(visited).error();
  }
  return labelled;
}

// The order as far as it needs no text.
bool IsBefore(const FacetTally& a, const FacetTally& b) {
  if (a.has_rank != b.has_rank) {
    return a.has_rank;
  }
  return a.rank != b.rank ? a.rank < b.rank : a.count > b.count;
}

bool IsTextBefore(const Labelled& a, const Labelled& b) {
  if (a.text.size() != b.text.size()) {
    return a.text.size() < b.text.size();
  }
  return a.text > b.text;
}

std::vector<ShownFacetValue> Show(std::vector<Labelled> labelled) {
  std::vector<ShownFacetValue> shown;
  shown.reserve(labelled.size());
  for (Labelled& value : labelled) {
    shown.push_back({std::move(value.text), value.tally.count, value.tally.value});
  }
  return shown;
}

Result<std::vector<ShownFacetValue>> SelectAlphabetical(SearchContext& context,
                                                        const FacetField& field,
                                                        std::vector<FacetTally> tallies,
                                                        std::size_t values_max) {
  const bool is_descending = field.order.is_descending;
  if (IsNumeric(field.type)) {
    const auto end = tallies.begin() + static_cast<std::ptrdiff_t>(values_max);
    std::partial_sort(tallies.begin(), end, tallies.end(),
                      [=](const FacetTally& a, const FacetTally& b) {
                        return is_descending ? a.value > b.value : a.value < b.value;
                      });
    tallies.erase(end, tallies.end());
  }
  auto labelled = LookUp(context, field, tallies);
  if (!labelled) {
    return std::move(labelled).error();
  }
  if (!IsNumeric(field.type)) {
    const auto end = labelled->begin() + static_cast<std::ptrdiff_t>(values_max);
    std::partial_sort(labelled->begin(), end, labelled->end(),
                      [=](const Labelled& a, const Labelled& b) {
                        return is_descending ? a.text > b.text : a.text < b.text;
                      });
    labelled->erase(end, labelled->end());
  }
  return Show(*std::move(labelled));
}

// Returns the tally at place `place` (from 0) of the order, by a selection in one pass: nearly all
// tallies of a large facet are dismissed by one comparison.
FacetTally FindBoundary(const std::vector<FacetTally>& tallies, std::size_t place) {
  constexpr std::size_t kSpare = 256;
  const auto end = static_cast<std::ptrdiff_t>(place + 1);
  std::vector<FacetTally> best;
  best.reserve(place + 1 + std::max(place, kSpare));
  bool is_full = false;
  FacetTally limit;
  for (const FacetTally& tally : tallies) {
    if (is_full && !IsBefore(tally, limit)) {
      continue;
    }
    best.push_back(tally);
    if (best.size() == best.capacity()) {
      std::nth_element(best.begin(), best.begin() + end - 1, best.end(), IsBefore);
      best.erase(best.begin() + end, best.end());
      limit = best.back();
      is_full = true;
    }
  }
  std::nth_element(best.begin(), best.begin() + end - 1, best.end(), IsBefore);
  return best[place];
}

// Leaves `values_max` tallies: those that are surely shown, and of those that tie with the last of
// them the ones whose text comes first.
Result<void> CutToShown(SearchContext& context, const FacetField& field, std::size_t values_max,
                        std::vector<FacetTally>& tallies) {
  const FacetTally boundary = FindBoundary(tallies, values_max - 1);
  std::vector<FacetTally> shown;
  std::vector<FacetTally> ties;
  for (const FacetTally& tally : tallies) {
    if (IsBefore(tally, boundary)) {
      shown.push_back(tally);
    } else if (!IsBefore(boundary, tally)) {
      ties.push_back(tally);
    }
  }
  const std::size_t wanted = values_max - shown.size();
  // Tallies come ascending by value, so the first ties are the lowest.
  if (wanted < ties.size() && ties.size() <= kFacetTiesLookedUpMax) {
    auto labelled = LookUp(context, field, ties);
    if (!labelled) {
      return std::move(labelled).error();
    }
    const auto end = labelled->begin() + static_cast<std::ptrdiff_t>(wanted);
    std::nth_element(labelled->begin(), end - 1, labelled->end(), IsTextBefore);
    std::transform(labelled->begin(), end, ties.begin(),
                   [](const Labelled& value) { return value.tally; });
  }
  shown.insert(shown.end(), ties.begin(), ties.begin() + static_cast<std::ptrdiff_t>(wanted));
  tallies = std::move(shown);
  return {};
}

}  // namespace

Result<FacetMatcher> KeepQueried(SearchContext& context, const FacetField& field,
                                 std::vector<FacetTally>& tallies) {
  for (std::uint32_t typos_max = 0;; ++typos_max) {
    FacetMatcher matcher(field.query_readings, typos_max, *field.text_rules);
    std::vector<FacetTally> kept;
    auto visited =
        ForEachText(context, field, tallies, [&](const FacetTally& tally, const std::string& text) {
          if (matcher.Matches(text)) {
            kept.push_back(tally);
          }
        });
    if (!visited) {
      return std::move(visited).error();
    }
    if (!kept.empty() || typos_max == field.query_typos_max) {
      tallies = std::move(kept);
      return matcher;
    }
  }
}

Result<std::vector<ShownFacetValue>> SelectShown(SearchContext& context, const FacetField& field,
                                                 std::vector<FacetTally> tallies,
                                                 std::size_t values_max) {
  values_max = std::min(values_max, tallies.size());
  if (values_max == 0) {
    return std::vector<ShownFacetValue>();
  }
  if (field.order.kind == FacetOrder::Kind::kAlphabet) {
    return SelectAlphabetical(context, field, std::move(tallies), values_max);
  }
  if (auto cut = CutToShown(context, field, values_max, tallies); !cut) {
    return std::move(cut).error();
  }
  auto labelled = LookUp(context, field, tallies);
  if (!labelled) {
    return std::move(labelled).error();
  }
  std::sort(labelled->begin(), labelled->end(), [](const Labelled& a, const Labelled& b) {
    if (IsBefore(a.tally, b.tally) || IsBefore(b.tally, a.tally)) {
      return IsBefore(a.tally, b.tally);
    }
    return IsTextBefore(a, b);
  });
  return Show(*std::move(labelled));
}

}  // namespace cacheindex::index
