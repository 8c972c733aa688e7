#include "index/facet/facets.h"

#include <algorithm>
#include <utility>

#include "index/facet/facet_counter.h"
#include "index/facet/facet_groups.h"
#include "index/facet/facet_parents.h"
#include "index/facet/facet_parser.h"
#include "index/facet/facet_selection.h"
#include "index/facet/facet_sums.h"

namespace cacheindex::index {
namespace {

struct Shown {
  std::vector<ShownFacetValue> values;
  std::uint64_t total_values = 0;
  // What the query matched with; without a query, nothing is marked up.
  FacetMatcher matcher;
};

// Among what facets are counted.
struct Counted {
  const DocumentSet& found;
  // nullptr: documents are counted.
  const DocumentGroups* groups = nullptr;
  const KeyScope& scope;
};

// Ranges are few and may overlap, so each is a filter of its own.
Result<Shown> CountRanges(SearchContext& context, const FacetField& field, const Counted& counted,
                          std::size_t values_max) {
  std::vector<LabelledTally> labelled;
  for (const FacetRange& range : field.ranges) {
    const auto matches =
        SelectByValues(context, field.column, RangeSet({range.values}), counted.found);
    if (!matches) {
      return matches.error();
    }
    const std::uint64_t count =
        counted.groups == nullptr ? matches->Count() : counted.groups->CountIn(*matches);
    if (count > 0) {
      labelled.push_back({{.count = count}, range.label});
    }
  }
  std::ranges::sort(labelled, [&](const LabelledTally& a, const LabelledTally& b) {
    return IsShownBefore(field, a, b);
  });
  Shown shown;
  for (LabelledTally& value : labelled) {
    shown.values.push_back({std::move(value.text), value.tally.count});
  }
  shown.total_values = shown.values.size();
  shown.values.resize(std::min(shown.values.size(), values_max));
  return shown;
}

Result<Shown> CountValues(SearchContext& context, const FacetField& field, const Counted& counted,
                          std::size_t values_max) {
  const DocumentSet& found = counted.found;
  auto tallies = CountFacetValues(context, field, found);
  if (!tallies) {
    return std::move(tallies).error();
  }
  if (counted.groups != nullptr) {
    if (auto grouped = CountGroups(context, field, found, *counted.groups, *tallies); !grouped) {
      return std::move(grouped).error();
    }
  }
  Shown shown;
  if (!field.query.IsEmpty()) {
    auto matcher = KeepQueried(context, field, *tallies);
    if (!matcher) {
      return std::move(matcher).error();
    }
    shown.matcher = *std::move(matcher);
  }
  if (field.order.kind == FacetOrder::Kind::kOtherField) {
    if (auto ranked = RankByOtherField(context, field, found, *tallies); !ranked) {
      return std::move(ranked).error();
    }
  }
  shown.total_values = tallies->size();
  auto values = SelectShown(context, field, *std::move(tallies), values_max);
  if (!values) {
    return std::move(values).error();
  }
  shown.values = *std::move(values);
  if (field.returns_parent) {
    if (auto parents = FindParents(context, field, counted.scope, found, shown.values); !parents) {
      return std::move(parents).error();
    }
  }
  return shown;
}

}  // namespace

Result<FacetPlan> FacetPlan::Parse(const SearchRequest& request, const VisibleFields& visible) {
  if (request.max_facet_values > kFacetValuesMax) {
    return Error(ErrorCode::kUnprocessable, "Parameter `max_facet_values` must be at most " +
                                                std::to_string(kFacetValuesMax) + ".");
  }
  auto fields = ParseFacetFields(request, visible);
  if (!fields) {
    return std::move(fields).error();
  }
  FacetPlan plan;
  plan.fields_ = *std::move(fields);
  plan.values_max_ = request.max_facet_values;
  plan.scope_ = request.scope;
  plan.highlight_start_tag_ = request.highlight_start_tag;
  plan.highlight_end_tag_ = request.highlight_end_tag;
  return plan;
}

FacetValue FacetPlan::Show(ShownFacetValue value, const FacetMatcher& matcher) const {
  std::string highlighted = matcher.Highlight(value.text, highlight_start_tag_, highlight_end_tag_);
  return {std::move(value.text), std::move(highlighted), value.count, std::move(value.parent)};
}

Result<std::vector<FacetCounts>> FacetPlan::Count(SearchContext& context, const DocumentSet& found,
                                                  const DocumentGroups* groups) const {
  const Counted counted{.found = found, .groups = groups, .scope = scope_};
  std::vector<FacetCounts> all;
  for (const FacetField& field : fields_) {
    auto shown = field.ranges.empty() ? CountValues(context, field, counted, values_max_)
                                      : CountRanges(context, field, counted, values_max_);
    if (!shown) {
      return std::move(shown).error();
    }
    if (field.is_of_wildcard && shown->total_values == 0) {
      continue;
    }
    FacetCounts counts{.field_name = field.name,
                       .counts = {},
                       .statistics = {},
                       .total_values = shown->total_values};
    for (ShownFacetValue& value : shown->values) {
      counts.counts.push_back(Show(std::move(value), shown->matcher));
    }
    if (HasFacetStatistics(field.type)) {
      FacetSums sums(field.type);
      if (auto added = AddToSums(context, field, found, sums); !added) {
        return std::move(added).error();
      }
      counts.statistics = sums.Finish();
    }
    all.push_back(std::move(counts));
  }
  return all;
}

}  // namespace cacheindex::index
