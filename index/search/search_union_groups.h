#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "index/columns/document_set.h"
#include "index/group/document_groups.h"
#include "index/search/search_plan.h"
#include "index/search/search_shared.h"
#include "node/core/document.h"
#include "node/core/result.h"
#include "node/core/search.h"

namespace cacheindex::index {

/// One of the searches of a union that are grouped.
struct GroupedSearch {
  SharedSearch* shared = nullptr;
  const SearchRequest* request = nullptr;
  const SearchPlan* plan = nullptr;
  const DocumentSet* found = nullptr;
};

/// The groups of all searches of a union: those with the same key are one group, whichever
/// collections their documents are of.
///
/// Memory: that of DocumentGroups for each collection searched, and each group's key.
/// Threads: immutable. Lifetime: independent of the searches.
class UnionGroups {
 public:
  /// Groups of all searches together: every key is looked up to know which are the same (0.2 s).
  static constexpr std::size_t kGroupsMax = 100'000;

  /// With `counts_duplicates`, a document that several searches found counts that often.
  /// Errors: kUnprocessable for too many groups; kTimeout, and those of the view.
  static Result<UnionGroups> Create(std::span<const GroupedSearch> searches,
                                    bool counts_duplicates);

  std::uint32_t count() const noexcept { return static_cast<std::uint32_t>(groups_.size()); }
  /// JSON array.
  const std::string& Key(std::uint32_t group) const noexcept { return groups_[group].key; }
  /// Found documents in a group.
  std::uint64_t Size(std::uint32_t group) const noexcept { return groups_[group].size; }

  /// Returns the number of the group, from 0, of a document that `search` found.
  std::uint32_t Of(std::size_t search, DocumentNumber number) const noexcept;
  /// Returns the groups that the documents of `search` form by themselves, or with those of other
  /// searches of their collection. A group here is of one group there.
  const DocumentGroups& Own(std::size_t search) const noexcept;

 private:
  struct Group {
    std::string key;
    std::uint64_t size = 0;
  };
  // What searches of one collection with the same group fields have in common.
  struct Part {
    GroupedSearch first;
    DocumentSet documents;
    // Once the documents are complete.
    std::optional<DocumentGroups> groups;
    // By number in `groups`.
    std::vector<std::uint32_t> united;
  };

  void AddSearch(const GroupedSearch& search);
  Result<void> Unite();

  std::vector<Part> parts_;
  std::vector<std::size_t> part_of_;
  std::vector<Group> groups_;
};

}  // namespace cacheindex::index
