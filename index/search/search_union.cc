#include "index/search/search_union.h"

#include <algorithm>
#include <compare>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <tuple>
#include <utility>

#include "index/expressions/filter_text.h"
#include "index/facet/facet_union.h"

namespace cacheindex::index {
namespace {

bool AreComparable(const SortKey& a, const SortKey& b) {
  // Numbers of one collection and ids of another have no order together.
  const bool are_insertions_alike =
      a.kind != SortKey::Kind::kInsertion ||
      (a.column == cache::ColumnNumber{}) == (b.column == cache::ColumnNumber{});
  return a.kind == b.kind && a.is_descending == b.is_descending && a.is_float == b.is_float &&
         a.missing == b.missing && are_insertions_alike;
}

Result<void> CheckComparators(const std::vector<SortComparator>& comparators) {
  for (const SortComparator& comparator : comparators) {
    if (auto failure = comparator.failure()) {
      return *std::move(failure);
    }
  }
  return {};
}

// Puts what has a place there, or at the next one when that is taken, and the others around it.
// Requires that what has a place comes first, by ascending place.
template <class Item>
std::vector<Item> Weave(std::vector<Item> items) {
  std::vector<Item> woven;
  auto next_other = std::ranges::find_if(items, [](const Item& item) { return !item.place; });
  auto next_pinned = items.begin();
  const auto last_pinned = next_other;
  while (woven.size() < items.size()) {
    const bool is_pinned = next_pinned != last_pinned &&
                           (*next_pinned->place <= woven.size() || next_other == items.end());
    woven.push_back(std::move(is_pinned ? *next_pinned++ : *next_other++));
  }
  return woven;
}

}  // namespace

Result<void> UnionSearch::Add(SharedSearch& shared, const SearchRequest& request) {
  Part part{.shared = &shared, .request = request, .plan = {}, .found = nullptr};
  part.request.page = request_.page;
  part.request.per_page = request_.per_page;
  part.request.offset = request_.offset;
  part.request.limit_hits = request_.limit_hits;
  auto plan = PlanSearch(part.request, shared.schema());
  if (!plan) {
    return std::move(plan).error();
  }
  part.plan = *std::move(plan);
  if (part.plan.skip + part.plan.take > kMergedHitsMax) {
    return Error(ErrorCode::kUnprocessable, "Only upto " + std::to_string(kMergedHitsMax) +
                                                " hits can be fetched from a union.");
  }
  // So that searches with and without a query have the same keys; what has no query matches worst.
  // Not even an order that the key chose may be by what it hides: beside the values of another
  // search it would tell them.
  auto order = SortOrder::Parse(request.sort_by, {shared.schema(), request.scope}, true,
                                {.validate_field_names = request.validate_field_names});
  if (!order) {
    return std::move(order).error();
  }
  part.plan.order = *std::move(order);
  if (auto checked = CheckOrder(part); !checked) {
    return checked;
  }
  if (auto checked = CheckGroups(part); !checked) {
    return checked;
  }
  if (auto checked = CheckFacets(part); !checked) {
    return checked;
  }
  parts_.push_back(std::move(part));
  return {};
}

Result<void> UnionSearch::CheckOrder(const Part& part) const {
  if (parts_.empty()) {
    return {};
  }
  const auto& first = parts_.front().plan.order.keys();
  const auto& keys = part.plan.order.keys();
  if (!std::equal(first.begin(), first.end(), keys.begin(), keys.end(), AreComparable)) {
    return Error(ErrorCode::kInvalidArgument,
                 "Parameter `sort_by`: all searches of a union must sort by fields of the same "
                 "number, types and directions; search " +
                     std::to_string(parts_.size()) + " does not.");
  }
  return {};
}

Result<void> UnionSearch::CheckGroups(const Part& part) const {
  if (part.plan.order.UsesGroupSizes()) {
    return Error(ErrorCode::kInvalidArgument,
                 "Parameter `sort_by`: `_group_found` cannot sort the groups of a union.");
  }
  if (!parts_.empty() && parts_.front().plan.group_fields.size() != part.plan.group_fields.size()) {
    return Error(ErrorCode::kInvalidArgument,
                 "Parameter `group_by`: all searches of a union must have one, of as many fields, "
                 "or none of them; search " +
                     std::to_string(parts_.size()) + " does not.");
  }
  return {};
}

Result<void> UnionSearch::CheckFacets(const Part& part) const {
  for (const Part& earlier : parts_) {
    const std::string_view field = FindFacetConflict(part.plan.facets, earlier.plan.facets);
    if (!field.empty()) {
      return Error(
          ErrorCode::kInvalidArgument,
          "Parameter `facet_by`: searches of a union that count the field " + Excerpt(field) +
              " must count it in the same way, as the same type, with the same options and "
              "the same `facet_query`; search " +
              std::to_string(parts_.size()) + " does not.");
    }
  }
  return {};
}

bool UnionSearch::is_grouped() const {
  return !parts_.empty() && !parts_.front().plan.group_fields.empty();
}
std::size_t UnionSearch::skip() const { return parts_.empty() ? 0 : parts_.front().plan.skip; }
std::size_t UnionSearch::take() const { return parts_.empty() ? 0 : parts_.front().plan.take; }

std::uint64_t UnionSearch::CountFound() const {
  std::uint64_t count = 0;
  if (!request_.remove_duplicates) {
    for (const Part& part : parts_) {
      count += part.found->documents.Count();
    }
    return count;
  }
  std::map<const SharedSearch*, DocumentSet> found;
  for (const Part& part : parts_) {
    const auto [united, is_first] = found.try_emplace(part.shared, part.found->documents);
    if (!is_first) {
      united->second.UniteWith(part.found->documents);
    }
  }
  for (const auto& [shared, documents] : found) {
    count += documents.Count();
  }
  return count;
}

Result<void> UnionSearch::AppendEntries(std::uint32_t search, SortComparator& comparator,
                                        std::vector<Entry>& entries) const {
  const Part& part = parts_[search];
  DocumentSet others = part.found->documents;
  for (const PinnedDocument& hit : part.found->pinned) {
    others.Remove(hit.number);
    entries.push_back(
        {.search = search, .candidate = comparator.CandidateOf(hit.number), .place = hit.place});
  }
  const auto top = part.plan.order.Top(part.shared->context(), others, &part.found->matches.scores,
                                       part.plan.skip + part.plan.take);
  if (!top) {
    return top.error();
  }
  for (const DocumentNumber number : *top) {
    entries.push_back({.search = search, .candidate = comparator.CandidateOf(number)});
  }
  return {};
}

bool UnionSearch::IsBefore(const Entry& a, const Entry& b, Comparators& comparators) const {
  const auto& keys = parts_.front().plan.order.keys();
  for (std::size_t i = 0; i < keys.size(); ++i) {
    if (a.candidate.ranks[i] != b.candidate.ranks[i]) {
      return a.candidate.ranks[i] < b.candidate.ranks[i];
    }
    const std::string* text_a = comparators[a.search].TextOf(i, a.candidate);
    const std::string* text_b = comparators[b.search].TextOf(i, b.candidate);
    const auto by_text = text_a == nullptr || text_b == nullptr
                             ? std::strong_ordering::equal
                             : comparators[a.search].CompareTexts(i, *text_a, *text_b);
    if (by_text != 0) {
      return keys[i].is_descending ? by_text > 0 : by_text < 0;
    }
  }
  return a.search != b.search ? a.search < b.search
                              : comparators[a.search].IsBefore(a.candidate, b.candidate);
}

void UnionSearch::Sort(std::vector<Entry>& entries, Comparators& comparators) const {
  std::sort(entries.begin(), entries.end(),
            [&](const Entry& a, const Entry& b) { return IsBefore(a, b, comparators); });
  std::stable_sort(entries.begin(), entries.end(), [](const Entry& a, const Entry& b) {
    return a.place && (!b.place || std::tie(*a.place, a.search) < std::tie(*b.place, b.search));
  });
}

std::vector<UnionSearch::Entry> UnionSearch::WithoutDuplicates(std::vector<Entry> entries) const {
  std::set<std::pair<const SharedSearch*, DocumentNumber>> seen;
  std::erase_if(entries, [&](const Entry& entry) {
    return !seen.emplace(parts_[entry.search].shared, entry.candidate.number).second;
  });
  return entries;
}

Result<UnionSearch::Comparators> UnionSearch::FindAll() {
  Comparators comparators;
  for (Part& part : parts_) {
    auto found = part.shared->Find(part.request, part.plan);
    if (!found) {
      return std::move(found).error();
    }
    part.found = *std::move(found);
    auto comparator = SortComparator::Create(
        part.shared->context(), part.plan.order.keys(), part.found->documents,
        {.scores = &part.found->matches.scores, .groups = nullptr});
    if (!comparator) {
      return std::move(comparator).error();
    }
    comparators.push_back(*std::move(comparator));
  }
  return comparators;
}

Result<std::optional<UnionPage::Hit>> UnionSearch::MakeUnionHit(const Entry& entry,
                                                                HitBudget& budget) {
  const Part& part = parts_[entry.search];
  auto hit = MakeHit(
      {part.shared->context(), part.shared->text(), part.request, part.plan, *part.found, budget},
      entry.candidate.number);
  if (!hit) {
    return std::move(hit).error();
  }
  return *hit ? std::optional(UnionPage::Hit{.hit = **std::move(hit), .search = entry.search})
              : std::nullopt;
}

Result<void> UnionSearch::FillFacets(const UnionGroups* groups, UnionPage& page) const {
  // Of each search, by document number.
  std::vector<std::vector<std::uint32_t>> group_of(parts_.size());
  std::vector<FacetedSearch> searches;
  for (std::size_t i = 0; i < parts_.size(); ++i) {
    const Part& part = parts_[i];
    if (groups != nullptr && !part.plan.facets.IsEmpty()) {
      group_of[i].resize(part.found->documents.capacity());
      part.found->documents.ForEach(
          [&](DocumentNumber number) { group_of[i][number] = groups->Of(i, number); });
    }
    searches.push_back({.context = &part.shared->context(),
                        .plan = &part.plan.facets,
                        .found = &part.found->documents,
                        .group_of = group_of[i]});
  }
  auto counts = CountUnited(searches, !request_.remove_duplicates);
  if (!counts) {
    return std::move(counts).error();
  }
  page.facet_counts = *std::move(counts);
  return {};
}

Result<void> UnionSearch::FillHits(Comparators& comparators, UnionPage& page, HitBudget& budget) {
  std::vector<Entry> entries;
  for (std::uint32_t search = 0; search < parts_.size(); ++search) {
    if (auto appended = AppendEntries(search, comparators[search], entries); !appended) {
      return appended;
    }
  }
  page.found = CountFound();
  Sort(entries, comparators);
  if (auto checked = CheckComparators(comparators); !checked) {
    return checked;
  }
  if (request_.remove_duplicates) {
    entries = WithoutDuplicates(std::move(entries));
  }
  entries = Weave(std::move(entries));
  for (std::size_t i = skip(); i < std::min(entries.size(), skip() + take()); ++i) {
    auto hit = MakeUnionHit(entries[i], budget);
    if (!hit) {
      return std::move(hit).error();
    }
    if (*hit) {
      page.hits.push_back(**std::move(hit));
    }
  }
  return FillFacets(nullptr, page);
}

// The first groups in order, as many as the page needs, without their documents.
Result<std::vector<UnionSearch::RankedUnion>> UnionSearch::OrderGroups(
    const UnionGroups& groups, Comparators& comparators) const {
  std::map<std::uint32_t, RankedUnion> best;
  const auto add = [&](const Entry& entry) {
    const std::uint32_t group = groups.Of(entry.search, entry.candidate.number);
    auto& ranked =
        best.try_emplace(group, RankedUnion{.group = group, .best = entry}).first->second;
    const bool is_better = entry.place
                               ? !ranked.place || std::tie(*entry.place, entry.search) <
                                                      std::tie(*ranked.place, ranked.best.search)
                               : !ranked.place && IsBefore(entry, ranked.best, comparators);
    if (is_better) {
      ranked.best = entry;
      ranked.place = entry.place;
    }
  };
  std::size_t pinned = 0;
  for (std::uint32_t search = 0; search < parts_.size(); ++search) {
    for (const PinnedDocument& hit : parts_[search].found->pinned) {
      add({.search = search,
           .candidate = comparators[search].CandidateOf(hit.number),
           .place = hit.place});
      ++pinned;
    }
  }
  for (std::uint32_t search = 0; search < parts_.size(); ++search) {
    const Part& part = parts_[search];
    const auto tops = part.plan.order.TopGroups(
        part.shared->context(), part.found->documents,
        {.scores = &part.found->matches.scores, .groups = &groups.Own(search)},
        {.groups_max = skip() + take() + pinned, .documents_per_group = 1});
    if (!tops) {
      return tops.error();
    }
    for (const RankedGroup& top : *tops) {
      add({.search = search, .candidate = comparators[search].CandidateOf(top.documents.front())});
    }
  }
  std::vector<RankedUnion> ranked;
  ranked.reserve(best.size());
  for (auto& [group, one] : best) {
    ranked.push_back(std::move(one));
  }
  std::sort(ranked.begin(), ranked.end(), [&](const RankedUnion& a, const RankedUnion& b) {
    return IsBefore(a.best, b.best, comparators);
  });
  std::stable_sort(ranked.begin(), ranked.end(), [](const RankedUnion& a, const RankedUnion& b) {
    return a.place &&
           (!b.place || std::tie(*a.place, a.best.search) < std::tie(*b.place, b.best.search));
  });
  return Weave(std::move(ranked));
}

// Gives the groups their documents.
Result<void> UnionSearch::FillRanked(const UnionGroups& groups, Comparators& comparators,
                                     std::span<RankedUnion> ranked) const {
  std::map<std::uint32_t, RankedUnion*> by_group;
  for (RankedUnion& one : ranked) {
    by_group.emplace(one.group, &one);
  }
  std::size_t shown_max = 0;
  for (std::uint32_t search = 0; search < parts_.size(); ++search) {
    const Part& part = parts_[search];
    DocumentSet inside = part.shared->context().EmptySet();
    part.found->documents.ForEach([&](DocumentNumber number) {
      if (by_group.contains(groups.Of(search, number))) {
        inside.Add(number);
      }
    });
    for (const PinnedDocument& hit : part.found->pinned) {
      const auto group = by_group.find(groups.Of(search, hit.number));
      if (group != by_group.end()) {
        group->second->entries.push_back({.search = search,
                                          .candidate = comparators[search].CandidateOf(hit.number),
                                          .place = hit.place});
        inside.Remove(hit.number);
      }
    }
    const auto tops = part.plan.order.TopGroups(
        part.shared->context(), inside,
        {.scores = &part.found->matches.scores, .groups = &groups.Own(search)},
        {.groups_max = ranked.size(), .documents_per_group = part.request.group_limit});
    if (!tops) {
      return tops.error();
    }
    for (const RankedGroup& top : *tops) {
      auto& entries = by_group.at(groups.Of(search, top.documents.front()))->entries;
      for (const DocumentNumber number : top.documents) {
        entries.push_back({.search = search, .candidate = comparators[search].CandidateOf(number)});
      }
    }
    shown_max = std::max<std::size_t>(shown_max, part.request.group_limit);
  }
  for (RankedUnion& one : ranked) {
    Sort(one.entries, comparators);
    if (request_.remove_duplicates) {
      one.entries = WithoutDuplicates(std::move(one.entries));
    }
    one.entries.resize(std::min(one.entries.size(), shown_max));
  }
  return CheckComparators(comparators);
}

Result<void> UnionSearch::FillGroups(Comparators& comparators, UnionPage& page, HitBudget& budget) {
  std::vector<GroupedSearch> searches;
  for (const Part& part : parts_) {
    searches.push_back({.shared = part.shared,
                        .request = &part.request,
                        .plan = &part.plan,
                        .found = &part.found->documents});
  }
  const auto groups = UnionGroups::Create(searches, !request_.remove_duplicates);
  if (!groups) {
    return groups.error();
  }
  page.found = groups->count();
  page.found_documents = CountFound();
  auto ranked = OrderGroups(*groups, comparators);
  if (!ranked) {
    return std::move(ranked).error();
  }
  const std::size_t begin = std::min(skip(), ranked->size());
  const auto shown = std::span(*ranked).subspan(begin, std::min(take(), ranked->size() - begin));
  if (auto filled = FillRanked(*groups, comparators, shown); !filled) {
    return filled;
  }
  for (const RankedUnion& one : shown) {
    auto& group = page.groups.emplace_back();
    group.key = groups->Key(one.group);
    group.found = groups->Size(one.group);
    for (const Entry& entry : one.entries) {
      auto hit = MakeUnionHit(entry, budget);
      if (!hit) {
        return std::move(hit).error();
      }
      if (*hit) {
        group.hits.push_back(**std::move(hit));
      }
    }
  }
  return FillFacets(&*groups, page);
}

Result<void> UnionSearch::Fill(UnionPage& page, HitBudget& budget) {
  auto comparators = FindAll();
  if (!comparators) {
    return std::move(comparators).error();
  }
  for (std::size_t search = 0; search < parts_.size(); ++search) {
    page.parts[search].found = parts_[search].found->documents.Count();
  }
  return is_grouped() ? FillGroups(*comparators, page, budget)
                      : FillHits(*comparators, page, budget);
}

}  // namespace cacheindex::index
