#include "index/search/curated_hits.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

namespace cacheindex::index {
namespace {

Result<std::optional<DocumentNumber>> FindNumber(const SearchContext& context,
                                                 const std::string& id) {
  auto header = context.view().FindHeader(context.collection().number, id);
  if (!header) {
    return std::move(header).error();
  }
  return *header ? std::optional((*header)->number) : std::nullopt;
}

// Returns those of `pinned` that the filters which do not spare them let through.
Result<DocumentSet> FilterPinned(SearchContext& context, const SearchRequest& request,
                                 const SearchPlan& plan, DocumentSet pinned) {
  if (request.filter_curated_hits && !plan.filter.IsEmpty()) {
    auto passed = plan.filter.Evaluate(context, pinned);
    if (!passed) {
      return passed;
    }
    pinned = *std::move(passed);
  }
  for (const PlannedFilter& further : plan.further_filters) {
    if (further.spares_pinned && !request.filter_curated_hits) {
      continue;
    }
    auto passed = further.filter.Evaluate(context, pinned);
    if (!passed) {
      return passed;
    }
    pinned = *std::move(passed);
  }
  return pinned;
}

// Gives every document a place of its own, none behind the end.
void Arrange(std::vector<PinnedDocument>& pinned, std::size_t others) {
  std::stable_sort(
      pinned.begin(), pinned.end(),
      [](const PinnedDocument& a, const PinnedDocument& b) { return a.place < b.place; });
  std::size_t next_free = 0;
  for (std::size_t i = 0; i < pinned.size(); ++i) {
    next_free = std::max(next_free, pinned[i].place);
    pinned[i].place = std::min(next_free, others + i);
    ++next_free;
  }
}

// A group that has pinned documents.
struct PinnedGroup {
  std::uint32_t group = 0;
  std::size_t place = 0;
  std::vector<DocumentNumber> documents;
};

std::vector<PinnedGroup> GroupPinned(const std::vector<PinnedDocument>& pinned,
                                     const DocumentGroups& groups) {
  std::vector<PinnedGroup> pinned_groups;
  for (const PinnedDocument& hit : pinned) {
    const std::uint32_t group = groups.Of(hit.number);
    auto known = std::ranges::find(pinned_groups, group, &PinnedGroup::group);
    if (known == pinned_groups.end()) {
      known = pinned_groups.insert(known, {.group = group, .place = hit.place, .documents = {}});
    }
    known->documents.push_back(hit.number);
  }
  return pinned_groups;
}

void PutFirst(const std::vector<DocumentNumber>& first, std::size_t documents_max,
              RankedGroup& group) {
  std::erase_if(group.documents, [&](DocumentNumber number) {
    return std::ranges::find(first, number) != first.end();
  });
  group.documents.insert(group.documents.begin(), first.begin(), first.end());
  group.documents.resize(std::min(group.documents.size(), documents_max));
}

}  // namespace

Result<DocumentSet> EvaluateFurtherFilters(SearchContext& context, const SearchPlan& plan,
                                           DocumentSet documents) {
  for (const PlannedFilter& further : plan.further_filters) {
    auto passed = further.filter.Evaluate(context, documents);
    if (!passed) {
      return passed;
    }
    documents = *std::move(passed);
  }
  return documents;
}

Result<std::vector<PinnedDocument>> Curate(SearchContext& context, const SearchRequest& request,
                                           const SearchPlan& plan, DocumentSet& found) {
  std::vector<PinnedDocument> pinned;
  if (!request.pinned_hits.empty()) {
    DocumentSet candidates = context.EmptySet();
    for (const PinnedHit& hit : request.pinned_hits) {
      const auto number = FindNumber(context, hit.id);
      if (!number) {
        return number.error();
      }
      if (*number && !candidates.Contains(**number)) {
        candidates.Add(**number);
        pinned.push_back({.number = **number, .place = hit.position - 1});
      }
    }
    auto passed = FilterPinned(context, request, plan, std::move(candidates));
    if (!passed) {
      return std::move(passed).error();
    }
    std::erase_if(pinned, [&](const PinnedDocument& hit) { return !passed->Contains(hit.number); });
    found.UniteWith(*passed);
  }
  for (const std::string& id : request.hidden_hits) {
    const auto number = FindNumber(context, id);
    if (!number) {
      return number.error();
    }
    if (*number && **number < found.capacity()) {
      found.Remove(**number);
    }
  }
  std::erase_if(pinned, [&](const PinnedDocument& hit) { return !found.Contains(hit.number); });
  if (!pinned.empty()) {
    Arrange(pinned, static_cast<std::size_t>(found.Count()) - pinned.size());
  }
  return pinned;
}

Result<std::vector<DocumentNumber>> TopWithPinned(SearchContext& context, const SearchPlan& plan,
                                                  const DocumentSet& found,
                                                  const TextScores& scores,
                                                  const std::vector<PinnedDocument>& pinned) {
  const std::size_t count = plan.skip + plan.take;
  if (pinned.empty()) {
    return plan.order.Top(context, found, &scores, count);
  }
  DocumentSet others = found;
  for (const PinnedDocument& hit : pinned) {
    others.Remove(hit.number);
  }
  auto best = plan.order.Top(context, others, &scores, count);
  if (!best) {
    return best;
  }
  std::vector<DocumentNumber> woven;
  auto next_pinned = pinned.begin();
  auto next_other = best->begin();
  while (woven.size() < count && (next_pinned != pinned.end() || next_other != best->end())) {
    const bool is_pinned = next_pinned != pinned.end() && next_pinned->place == woven.size();
    if (!is_pinned && next_other == best->end()) {
      break;
    }
    woven.push_back(is_pinned ? (next_pinned++)->number : *next_other++);
  }
  return woven;
}

Result<std::vector<RankedGroup>> TopGroupsWithPinned(SearchContext& context, const SearchPlan& plan,
                                                     const DocumentSet& found,
                                                     const SortSources& sources,
                                                     const GroupSelection& selection,
                                                     const std::vector<PinnedDocument>& pinned) {
  if (pinned.empty()) {
    return plan.order.TopGroups(context, found, sources, selection);
  }
  // By ascending place, as the documents are.
  std::vector<PinnedGroup> groups = GroupPinned(pinned, *sources.groups);
  DocumentSet inside = context.EmptySet();
  DocumentSet others = context.EmptySet();
  found.ForEach([&](DocumentNumber number) {
    const bool is_inside =
        std::ranges::find(groups, sources.groups->Of(number), &PinnedGroup::group) != groups.end();
    (is_inside ? inside : others).Add(number);
  });
  auto tops = plan.order.TopGroups(
      context, inside, sources,
      {.groups_max = groups.size(), .documents_per_group = selection.documents_per_group});
  auto best = plan.order.TopGroups(context, others, sources, selection);
  if (!tops || !best) {
    return tops ? std::move(best) : std::move(tops);
  }
  std::vector<RankedGroup> woven;
  auto next_pinned = groups.begin();
  auto next_other = best->begin();
  while (woven.size() < selection.groups_max &&
         (next_pinned != groups.end() || next_other != best->end())) {
    const bool is_pinned = next_pinned != groups.end() &&
                           (next_pinned->place <= woven.size() || next_other == best->end());
    if (!is_pinned) {
      woven.push_back(std::move(*next_other++));
      continue;
    }
    auto top = std::ranges::find(*tops, next_pinned->group, &RankedGroup::group);
    PutFirst(next_pinned->documents, selection.documents_per_group, *top);
    woven.push_back(std::move(*top));
    ++next_pinned;
  }
  return woven;
}

}  // namespace cacheindex::index
