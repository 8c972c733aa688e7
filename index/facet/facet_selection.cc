#include "index/facet/facet_selection.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "index/columns/filter_ranges.h"
#include "index/columns/value_dictionary.h"
#include "index/facet/facet_text.h"

namespace cacheindex::index {
namespace {

// Look-ups between two looks at the clock.
constexpr std::size_t kLookupsPerDeadlineCheck = 256;
// A walk over a dictionary passes so many values in the time of one look-up.
constexpr std::size_t kValuesWalkedPerLookup = 8;

// Calls visit(tally, text) for `tallies`, ascending, on a walk over all values of the dictionary.
Result<void> WalkTexts(
    SearchContext& context, const ValueDictionary& dictionary,
    const std::vector<FacetTally>& tallies,
    const std::function<void(const FacetTally& tally, std::string_view text)>& visit) {
  auto next = tallies.begin();
  bool is_expired = false;
  auto walked = dictionary.ForEach([&](std::uint32_t ordinal, std::string_view text) {
    if (ordinal % kLookupsPerDeadlineCheck == 0 && context.IsExpired()) {
      is_expired = true;
      return false;
    }
    if (next != tallies.end() && next->value == std::int64_t{ordinal}) {
      visit(*next++, text);
    }
    return next != tallies.end();
  });
  if (!walked || is_expired) {
    return walked ? Result<void>(DeadlinePassed()) : walked;
  }
  if (next != tallies.end()) {
    return Error(ErrorCode::kCorruption,
                 "value dictionary: no value has ordinal " + std::to_string(next->value));
  }
  return {};
}

// The order as far as it needs no text.
bool IsBefore(const FacetTally& a, const FacetTally& b) {
  if (a.has_rank != b.has_rank) {
    return a.has_rank;
  }
  return a.rank != b.rank ? a.rank < b.rank : a.count > b.count;
}

bool IsTextBefore(std::string_view a, std::string_view b) {
  return a.size() != b.size() ? a.size() < b.size() : a > b;
}

// Keeps the first so many of what comes in any order: nearly everything is dismissed by one
// comparison.
template <class Item, class Before>
class First {
 public:
  // Requires count > 0.
  First(std::size_t count, Before before) : count_(count), before_(std::move(before)) {
    constexpr std::size_t kSpare = 256;
    capacity_ = count + std::max(count, kSpare);
  }

  // Whether `item` is among the first so far.
  template <class Candidate>
  bool IsWanted(const Candidate& candidate) const {
    return !is_full_ || before_(candidate, items_[count_ - 1]);
  }
  void Add(Item item) {
    items_.push_back(std::move(item));
    if (items_.size() == capacity_) {
      Cut();
      is_full_ = true;
    }
  }
  // In no order, but for the last one.
  std::vector<Item> Take() {
    if (items_.size() >= count_) {
      Cut();
    }
    return std::move(items_);
  }

 private:
  void Cut() {
    const auto end = items_.begin() + static_cast<std::ptrdiff_t>(count_);
    std::nth_element(items_.begin(), end - 1, items_.end(), before_);
    items_.erase(end, items_.end());
  }

  std::size_t count_;
  Before before_;
  std::size_t capacity_ = 0;
  bool is_full_ = false;
  std::vector<Item> items_;
};

template <class Item, class Before>
First<Item, Before> FirstOf(std::size_t count, Before before) {
  return First<Item, Before>(count, std::move(before));
}

// Returns those of `tallies` whose texts come first, in no order.
template <class Before>
Result<std::vector<LabelledTally>> FirstByText(SearchContext& context, const FacetField& field,
                                               const std::vector<FacetTally>& tallies,
                                               std::size_t count, const Before& before) {
  const auto is_before = [&](const auto& a, const auto& b) {
    return before(std::string_view(a.text), std::string_view(b.text));
  };
  struct Borrowed {
    std::string_view text;
  };
  auto first = FirstOf<LabelledTally>(count, is_before);
  auto visited =
      ForEachText(context, field, tallies, [&](const FacetTally& tally, std::string_view text) {
        if (first.IsWanted(Borrowed{text})) {
          first.Add({tally, std::string(text)});
        }
      });
  if (!visited) {
    return std::move(visited).error();
  }
  return first.Take();
}

Result<std::vector<LabelledTally>> LookUp(SearchContext& context, const FacetField& field,
                                          const std::vector<FacetTally>& tallies) {
  std::vector<LabelledTally> labelled;
  labelled.reserve(tallies.size());
  auto visited =
      ForEachText(context, field, tallies, [&](const FacetTally& tally, std::string_view text) {
        labelled.push_back({tally, std::string(text)});
      });
  if (!visited) {
    return std::move(visited).error();
  }
  return labelled;
}

Result<std::vector<LabelledTally>> SelectAlphabetical(SearchContext& context,
                                                      const FacetField& field,
                                                      std::vector<FacetTally> tallies,
                                                      std::size_t values_max) {
  const bool is_descending = field.order.is_descending;
  if (IsFacetText(field.type)) {
    return FirstByText(
        context, field, tallies, values_max,
        [=](std::string_view a, std::string_view b) { return is_descending ? a > b : a < b; });
  }
  // Numbers ascend already.
  if (is_descending) {
    tallies.erase(tallies.begin(), tallies.end() - static_cast<std::ptrdiff_t>(values_max));
  } else {
    tallies.resize(values_max);
  }
  return LookUp(context, field, tallies);
}

Result<std::vector<LabelledTally>> SelectByCount(SearchContext& context, const FacetField& field,
                                                 const std::vector<FacetTally>& tallies,
                                                 std::size_t values_max) {
  auto first = FirstOf<FacetTally>(values_max, IsBefore);
  for (const FacetTally& tally : tallies) {
    if (first.IsWanted(tally)) {
      first.Add(tally);
    }
  }
  const FacetTally last = first.Take().back();
  std::vector<FacetTally> sure;
  std::vector<FacetTally> ties;
  for (const FacetTally& tally : tallies) {
    if (IsBefore(tally, last)) {
      sure.push_back(tally);
    } else if (!IsBefore(last, tally)) {
      ties.push_back(tally);
    }
  }
  auto shown = LookUp(context, field, sure);
  if (!shown) {
    return shown;
  }
  auto others = FirstByText(context, field, ties, values_max - sure.size(), IsTextBefore);
  if (!others) {
    return others;
  }
  std::move(others->begin(), others->end(), std::back_inserter(*shown));
  return shown;
}

}  // namespace

bool IsShownBefore(const FacetField& field, const LabelledTally& a, const LabelledTally& b) {
  if (field.order.kind != FacetOrder::Kind::kAlphabet) {
    if (IsBefore(a.tally, b.tally) || IsBefore(b.tally, a.tally)) {
      return IsBefore(a.tally, b.tally);
    }
    return IsTextBefore(a.text, b.text);
  }
  const LabelledTally& lower = field.order.is_descending ? b : a;
  const LabelledTally& higher = field.order.is_descending ? a : b;
  const bool is_by_text = IsFacetText(field.type) || !field.ranges.empty();
  return is_by_text ? lower.text < higher.text : lower.tally.value < higher.tally.value;
}

Result<void> ForEachText(
    SearchContext& context, const FacetField& field, const std::vector<FacetTally>& tallies,
    const std::function<void(const FacetTally& tally, std::string_view text)>& visit) {
  const ValueDictionary dictionary(context.view(), field.column);
  if (IsFacetText(field.type)) {
    const auto size = dictionary.Size();
    if (!size) {
      return size.error();
    }
    if (tallies.size() > *size / kValuesWalkedPerLookup &&
        std::ranges::is_sorted(tallies, {}, &FacetTally::value)) {
      return WalkTexts(context, dictionary, tallies, visit);
    }
  }
  for (std::size_t i = 0; i < tallies.size(); ++i) {
    if (i % kLookupsPerDeadlineCheck == 0 && context.IsExpired()) {
      return DeadlinePassed();
    }
    const auto text = IsFacetText(field.type)
                          ? dictionary.Value(static_cast<std::uint32_t>(tallies[i].value))
                          : Result<std::string>(FacetText(field.type, tallies[i].value));
    if (!text) {
      return text.error();
    }
    visit(tallies[i], *text);
  }
  return {};
}

Result<FacetMatcher> Forgive(const FacetField& field,
                             const std::function<Result<bool>(const FacetMatcher&)>& keep) {
  for (std::uint32_t typos_max = 0;; ++typos_max) {
    FacetMatcher matcher(field.query, typos_max, *field.text_rules);
    const auto has_kept = keep(matcher);
    if (!has_kept) {
      return has_kept.error();
    }
    if (*has_kept || typos_max == field.query_typos_max || field.query.readings.empty()) {
      return matcher;
    }
  }
}

Result<FacetMatcher> KeepQueried(SearchContext& context, const FacetField& field,
                                 std::vector<FacetTally>& tallies) {
  std::vector<FacetTally> kept;
  auto matcher = Forgive(field, [&](const FacetMatcher& candidate) -> Result<bool> {
    auto visited =
        ForEachText(context, field, tallies, [&](const FacetTally& tally, std::string_view text) {
          if (candidate.Matches(text)) {
            kept.push_back(tally);
          }
        });
    return visited ? Result<bool>(!kept.empty()) : std::move(visited).error();
  });
  if (matcher) {
    tallies = std::move(kept);
  }
  return matcher;
}

Result<std::vector<ShownFacetValue>> SelectShown(SearchContext& context, const FacetField& field,
                                                 std::vector<FacetTally> tallies,
                                                 std::size_t values_max) {
  values_max = std::min(values_max, tallies.size());
  std::vector<ShownFacetValue> shown;
  if (values_max == 0) {
    return shown;
  }
  auto labelled = field.order.kind == FacetOrder::Kind::kAlphabet
                      ? SelectAlphabetical(context, field, std::move(tallies), values_max)
                      : SelectByCount(context, field, tallies, values_max);
  if (!labelled) {
    return std::move(labelled).error();
  }
  std::ranges::sort(*labelled, [&](const LabelledTally& a, const LabelledTally& b) {
    return IsShownBefore(field, a, b);
  });
  shown.reserve(labelled->size());
  for (LabelledTally& value : *labelled) {
    shown.push_back({std::move(value.text), value.tally.count, value.tally.value});
  }
  return shown;
}

}  // namespace cacheindex::index
