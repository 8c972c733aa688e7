#include "index/search/search_union_groups.h"

#include <algorithm>
#include <map>
#include <optional>
#include <utility>

#include "index/columns/filter_ranges.h"

namespace cacheindex::index {
namespace {

// Keys between two looks at the clock.
constexpr std::size_t kKeysPerDeadlineCheck = 1'024;

// Returns one document of each group.
std::vector<DocumentNumber> Representatives(const DocumentGroups& groups,
                                            const DocumentSet& documents) {
  std::vector<std::optional<DocumentNumber>> first(groups.count());
  documents.ForEach([&](DocumentNumber number) {
    auto& representative = first[groups.Of(number)];
    representative = representative ? representative : std::optional(number);
  });
  std::vector<DocumentNumber> representatives(first.size());
  std::transform(first.begin(), first.end(), representatives.begin(),
                 [](const auto& number) { return *number; });
  return representatives;
}

}  // namespace

Result<UnionGroups> UnionGroups::Create(std::span<const GroupedSearch> searches,
                                        bool counts_duplicates) {
  UnionGroups united;
  for (const GroupedSearch& search : searches) {
    united.AddSearch(search);
  }
  if (auto done = united.Unite(); !done) {
    return std::move(done).error();
  }
  if (counts_duplicates) {
    for (std::size_t i = 0; i < searches.size(); ++i) {
      searches[i].found->ForEach(
          [&](DocumentNumber number) { ++united.groups_[united.Of(i, number)].size; });
    }
    return united;
  }
  for (const Part& part : united.parts_) {
    for (std::uint32_t own = 0; own < part.united.size(); ++own) {
      united.groups_[part.united[own]].size += part.groups->Size(own);
    }
  }
  return united;
}

void UnionGroups::AddSearch(const GroupedSearch& search) {
  const auto known = std::ranges::find_if(parts_, [&](const Part& part) {
    return part.first.shared == search.shared &&
           part.first.request->group_by == search.request->group_by &&
           part.first.request->group_missing_values == search.request->group_missing_values;
  });
  part_of_.push_back(static_cast<std::size_t>(known - parts_.begin()));
  if (known == parts_.end()) {
    parts_.push_back(
        {.first = search, .documents = *search.found, .groups = std::nullopt, .united = {}});
  } else {
    known->documents.UniteWith(*search.found);
  }
}

Result<void> UnionGroups::Unite() {
  std::map<std::string, std::uint32_t> known;
  for (Part& part : parts_) {
    SearchContext& context = part.first.shared->context();
    const auto& fields = part.first.plan->group_fields;
    const bool are_missing_together = part.first.request->group_missing_values;
    auto groups = DocumentGroups::Create(
        context, part.documents, {.fields = fields, .are_missing_together = are_missing_together});
    if (!groups) {
      return std::move(groups).error();
    }
    if (groups_.size() + groups->count() > kGroupsMax) {
      return Error(ErrorCode::kUnprocessable,
                   "Parameter `group_by`: the searches of a union form more than " +
                       std::to_string(kGroupsMax) + " groups; use narrower filters.");
    }
    for (const DocumentNumber number : Representatives(*groups, part.documents)) {
      if (part.united.size() % kKeysPerDeadlineCheck == 0 && context.IsExpired()) {
        return DeadlinePassed();
      }
      auto key = GroupKey(context, fields, number);
      if (!key) {
        return std::move(key).error();
      }
      // Documents without any value may be groups of their own.
      const bool stands_alone = !are_missing_together && *key == "[]";
      const auto next = static_cast<std::uint32_t>(groups_.size());
      const auto [place, is_new] =
          stands_alone ? std::pair(known.end(), true) : known.emplace(*key, next);
      part.united.push_back(is_new ? next : place->second);
      if (is_new) {
        groups_.push_back({.key = *std::move(key), .size = 0});
      }
    }
    part.groups = *std::move(groups);
  }
  return {};
}

std::uint32_t UnionGroups::Of(std::size_t search, DocumentNumber number) const noexcept {
  const Part& part = parts_[part_of_[search]];
  return part.united[part.groups->Of(number)];
}

const DocumentGroups& UnionGroups::Own(std::size_t search) const noexcept {
  return *parts_[part_of_[search]].groups;
}

}  // namespace cacheindex::index
