#include "index/facet/facet_union.h"

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>

#include "index/columns/filter_ranges.h"
#include "index/columns/value_dictionary.h"
#include "index/facet/facet_counter.h"
#include "index/facet/facet_groups.h"
#include "index/facet/facet_parents.h"
#include "index/facet/facet_selection.h"
#include "index/facet/facet_sums.h"

namespace cacheindex::index {
namespace {

bool AreSameRanges(const FacetRange& a, const FacetRange& b) {
  return a.label == b.label && a.values.low == b.values.low && a.values.high == b.values.high;
}

bool AreSameOrders(const FacetOrder& a, const FacetOrder& b) {
  return a.kind == b.kind && a.is_descending == b.is_descending && a.other_field == b.other_field &&
         a.other_type == b.other_type;
}

bool AreCountedAlike(const FacetField& a, const FacetField& b) {
  const bool are_same_types = a.type == b.type || (IsFacetText(a.type) && IsFacetText(b.type));
  return are_same_types && AreSameOrders(a.order, b.order) &&
         std::ranges::equal(a.ranges, b.ranges, AreSameRanges) &&
         a.query.readings == b.query.readings && a.query.piece == b.query.piece &&
         a.query_typos_max == b.query_typos_max && a.returns_parent == b.returns_parent;
}

const FacetField* FindField(const FacetPlan& plan, std::string_view name) {
  const auto field = std::ranges::find(plan.fields(), name, &FacetField::name);
  return field == plan.fields().end() ? nullptr : &*field;
}

// Documents of one collection that are counted together.
struct Pool {
  SearchContext* context = nullptr;
  const FacetPlan* plan = nullptr;
  const FacetField* field = nullptr;
  DocumentSet documents;
  std::span<const std::uint32_t> group_of;
};

// Merges the counts of one field.
class Merger {
 public:
  Merger(std::span<const FacetedSearch> searches, std::string_view name, bool counts_duplicates) {
    for (const FacetedSearch& search : searches) {
      const FacetField* field = FindField(*search.plan, name);
      if (field == nullptr) {
        continue;
      }
      plan_ = plan_ == nullptr ? search.plan : plan_;
      field_ = field_ == nullptr ? field : field_;
      values_max_ = std::max<std::size_t>(values_max_, search.plan->values_max());
      is_grouped_ = is_grouped_ || !search.group_of.empty();
      const Pool pool{search.context, search.plan, field, *search.found, search.group_of};
      AddTo(summed_, pool, !counts_duplicates);
      // One document may be of different groups in different searches.
      AddTo(counted_, pool, !counts_duplicates && search.group_of.empty());
    }
  }

  Result<FacetCounts> Merge() {
    auto merged = field_->ranges.empty() ? MergeValues() : MergeRanges();
    if (!merged) {
      return std::move(merged).error();
    }
    FacetMatcher matcher;
    if (field_->ranges.empty() && !field_->query.IsEmpty()) {
      auto kept = KeepMatching(*merged);
      if (!kept) {
        return std::move(kept).error();
      }
      matcher = *std::move(kept);
    }
    FacetCounts counts{
        .field_name = field_->name, .counts = {}, .statistics = {}, .total_values = merged->size()};
    auto shown = Select(*std::move(merged));
    if (field_->returns_parent && field_->ranges.empty()) {
      if (auto found = FindAllParents(shown); !found) {
        return std::move(found).error();
      }
    }
    for (ShownFacetValue& value : shown) {
      counts.counts.push_back(plan_->Show(std::move(value), matcher));
    }
    if (HasFacetStatistics(field_->type)) {
      FacetSums sums(field_->type);
      for (const Pool& pool : summed_) {
        if (auto added = AddToSums(*pool.context, *pool.field, pool.documents, sums); !added) {
          return std::move(added).error();
        }
      }
      counts.statistics = sums.Finish();
    }
    return counts;
  }

 private:
  static void AddTo(std::vector<Pool>& pools, const Pool& pool, bool unites) {
    const auto known = std::ranges::find(pools, pool.context, &Pool::context);
    if (unites && known != pools.end()) {
      known->documents.UniteWith(pool.documents);
    } else {
      pools.push_back(pool);
    }
  }

  Result<std::vector<LabelledTally>> MergeValues() {
    std::vector<LabelledTally> merged;
    std::unordered_map<std::string, std::uint32_t> place_of;
    std::vector<std::vector<FacetTally>> tallies_of;
    std::vector<std::vector<std::uint32_t>> places_of;
    for (const Pool& pool : counted_) {
      auto tallies = CountFacetValues(*pool.context, *pool.field, pool.documents);
      if (!tallies) {
        return std::move(tallies).error();
      }
      if (field_->order.kind == FacetOrder::Kind::kOtherField) {
        if (auto ranked = RankByOtherField(*pool.context, *pool.field, pool.documents, *tallies);
            !ranked) {
          return std::move(ranked).error();
        }
      }
      auto& places = places_of.emplace_back();
      auto labelled =
          ForEachText(*pool.context, *pool.field, *tallies,
                      [&](const FacetTally& tally, std::string_view text) {
                        const auto [place, is_new] = place_of.try_emplace(
                            std::string(text), static_cast<std::uint32_t>(merged.size()));
                        places.push_back(place->second);
                        if (is_new) {
                          merged.push_back({tally, std::string(text)});
                        } else {
                          Unite(tally, merged[place->second].tally);
                        }
                      });
      if (!labelled) {
        return std::move(labelled).error();
      }
      tallies_of.push_back(*std::move(tallies));
    }
    if (!is_grouped_ || merged.empty()) {
      return merged;
    }
    GroupedCounts grouped(merged.size());
    for (std::size_t i = 0; i < counted_.size(); ++i) {
      const Pool& pool = counted_[i];
      if (auto added = grouped.Add(*pool.context, *pool.field, pool.documents, tallies_of[i],
                                   places_of[i], pool.group_of);
          !added) {
        return std::move(added).error();
      }
    }
    const auto counts = grouped.Finish();
    for (std::size_t i = 0; i < merged.size(); ++i) {
      merged[i].tally.count = counts[i];
    }
    return merged;
  }

  static void Unite(const FacetTally& tally, FacetTally& merged) {
    merged.count += tally.count;
    if (tally.has_rank) {
      merged.rank = merged.has_rank ? std::min(merged.rank, tally.rank) : tally.rank;
      merged.has_rank = true;
    }
  }

  Result<std::vector<LabelledTally>> MergeRanges() const {
    std::vector<LabelledTally> merged;
    for (const FacetRange& range : field_->ranges) {
      std::uint64_t documents = 0;
      std::vector<std::uint32_t> groups;
      for (const Pool& pool : counted_) {
        const auto matches = SelectByValues(*pool.context, pool.field->column,
                                            RangeSet({range.values}), pool.documents);
        if (!matches) {
          return matches.error();
        }
        documents += matches->Count();
        if (is_grouped_) {
          matches->ForEach([&](DocumentNumber number) { groups.push_back(pool.group_of[number]); });
        }
      }
      std::ranges::sort(groups);
      const auto repeated = std::ranges::unique(groups);
      groups.erase(repeated.begin(), repeated.end());
      const std::uint64_t count = is_grouped_ ? groups.size() : documents;
      if (count > 0) {
        merged.push_back({{.count = count}, range.label});
      }
    }
    return merged;
  }

  Result<FacetMatcher> KeepMatching(std::vector<LabelledTally>& merged) const {
    std::vector<LabelledTally> kept;
    auto matcher = Forgive(*field_, [&](const FacetMatcher& candidate) -> Result<bool> {
      std::ranges::copy_if(merged, std::back_inserter(kept), [&](const LabelledTally& value) {
        return candidate.Matches(value.text);
      });
      return !kept.empty();
    });
    merged = std::move(kept);
    return matcher;
  }

  std::vector<ShownFacetValue> Select(std::vector<LabelledTally> merged) const {
    const std::size_t count = std::min(values_max_, merged.size());
    std::ranges::partial_sort(merged, merged.begin() + static_cast<std::ptrdiff_t>(count),
                              [&](const LabelledTally& a, const LabelledTally& b) {
                                return IsShownBefore(*field_, a, b);
                              });
    std::vector<ShownFacetValue> shown;
    for (std::size_t i = 0; i < count; ++i) {
      shown.push_back({std::move(merged[i].text), merged[i].tally.count, merged[i].tally.value});
    }
    return shown;
  }

  // Takes each from the first search that has one.
  Result<void> FindAllParents(std::vector<ShownFacetValue>& shown) const {
    for (const Pool& pool : counted_) {
      std::vector<ShownFacetValue> own;
      std::vector<std::size_t> places;
      for (std::size_t i = 0; i < shown.size(); ++i) {
        const auto value = ValueIn(pool, shown[i]);
        if (!value) {
          return value.error();
        }
        if (shown[i].parent.empty() && *value) {
          own.push_back({shown[i].text, shown[i].count, **value});
          places.push_back(i);
        }
      }
      if (auto found =
              FindParents(*pool.context, *pool.field, pool.plan->scope(), pool.documents, own);
          !found) {
        return found;
      }
      for (std::size_t i = 0; i < own.size(); ++i) {
        shown[places[i]].parent = std::move(own[i].parent);
      }
    }
    return {};
  }

  // Returns what the column of a pool has for a value, nullopt when it cannot have it.
  static Result<std::optional<std::int64_t>> ValueIn(const Pool& pool,
                                                     const ShownFacetValue& shown) {
    if (!IsFacetText(pool.field->type)) {
      return std::optional(shown.value);
    }
    const auto ordinal = ValueDictionary(pool.context->view(), pool.field->column).Find(shown.text);
    if (!ordinal) {
      return ordinal.error();
    }
    return *ordinal ? std::optional<std::int64_t>(**ordinal) : std::nullopt;
  }

  const FacetPlan* plan_ = nullptr;
  const FacetField* field_ = nullptr;
  std::size_t values_max_ = 0;
  bool is_grouped_ = false;
  // Of those that count, and of those whose numbers are summed up.
  std::vector<Pool> counted_;
  std::vector<Pool> summed_;
};

}  // namespace

std::string_view FindFacetConflict(const FacetPlan& plan, const FacetPlan& other) {
  for (const FacetField& field : plan.fields()) {
    const FacetField* same = FindField(other, field.name);
    // What one key shows of an object, another may hide.
    const bool are_shown_alike = !field.returns_parent || plan.scope() == other.scope();
    if (same != nullptr && !(are_shown_alike && AreCountedAlike(field, *same))) {
      return field.name;
    }
  }
  return {};
}

Result<std::vector<FacetCounts>> CountUnited(std::span<const FacetedSearch> searches,
                                             bool counts_duplicates) {
  std::vector<FacetCounts> all;
  for (const FacetedSearch& search : searches) {
    for (const FacetField& field : search.plan->fields()) {
      if (std::ranges::find(all, field.name, &FacetCounts::field_name) != all.end()) {
        continue;
      }
      auto counts = Merger(searches, field.name, counts_duplicates).Merge();
      if (!counts) {
        return std::move(counts).error();
      }
      if (!field.is_of_wildcard || counts->total_values > 0) {
        all.push_back(*std::move(counts));
      }
    }
  }
  return all;
}

}  // namespace cacheindex::index
