#include "index/facet_selection.h"

#include <algorithm>
#include <cstdint>
#include <utility>

#include "index/facet_text.h"
#include "index/filter_ranges.h"
#include "index/value_dictionary.h"

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

Result<std::vector<Labelled>> LookUp(SearchContext& context, const FacetField& field,
                                     const std::vector<FacetTally>& tallies) {
  std::vector<Labelled> labelled;
  labelled.reserve(tallies.size());
  for (std::size_t i = 0; i < tallies.size(); ++i) {
    if (i % kLookupsPerDeadlineCheck == 0 && context.IsExpired()) {
      return DeadlinePassed();
    }
    auto text = TextOf(context, field, tallies[i].value);
    if (!text) {
      return std::move(text).error();
    }
    labelled.push_back({tallies[i], *std::move(text)});
  }
  return labelled;
}

// The order as far as it needs no text.
bool IsBefore(const FacetTally& a, const FacetTally& b) {
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
    shown.push_back({std::move(value.text), value.tally.count});
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

// Leaves `values_max` tallies: those that are surely shown, and of those that tie with the last of
// them the ones whose text comes first.
Result<void> CutToShown(SearchContext& context, const FacetField& field, std::size_t values_max,
                        std::vector<FacetTally>& tallies) {
  const auto last = tallies.begin() + static_cast<std::ptrdiff_t>(values_max) - 1;
  std::nth_element(tallies.begin(), last, tallies.end(), IsBefore);
  const FacetTally boundary = *last;
  const auto ties = std::partition(tallies.begin(), tallies.end(), [&](const FacetTally& tally) {
    return IsBefore(tally, boundary);
  });
  const auto ties_end = std::partition(
      ties, tallies.end(), [&](const FacetTally& tally) { return !IsBefore(boundary, tally); });
  const auto wanted = static_cast<std::ptrdiff_t>(values_max) - (ties - tallies.begin());
  if (static_cast<std::size_t>(ties_end - ties) > kFacetTiesLookedUpMax) {
    std::nth_element(ties, ties + wanted - 1, ties_end,
                     [](const FacetTally& a, const FacetTally& b) { return a.value < b.value; });
  } else if (wanted < ties_end - ties) {
    auto labelled = LookUp(context, field, std::vector<FacetTally>(ties, ties_end));
    if (!labelled) {
      return std::move(labelled).error();
    }
    std::nth_element(labelled->begin(), labelled->begin() + wanted - 1, labelled->end(),
                     IsTextBefore);
    std::transform(labelled->begin(), labelled->begin() + wanted, ties,
                   [](const Labelled& value) { return value.tally; });
  }
  tallies.resize(values_max);
  return {};
}

}  // namespace

Result<void> KeepQueried(SearchContext& context, const FacetField& field,
                         std::vector<FacetTally>& tallies) {
  std::vector<FacetTally> kept;
  for (std::size_t i = 0; i < tallies.size(); ++i) {
    if (i % kLookupsPerDeadlineCheck == 0 && context.IsExpired()) {
      return DeadlinePassed();
    }
    auto text = TextOf(context, field, tallies[i].value);
    if (!text) {
      return std::move(text).error();
    }
    if (MatchesFacetQuery(*text, field.query_words)) {
      kept.push_back(tallies[i]);
    }
  }
  tallies = std::move(kept);
  return {};
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
