#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "index/columns/document_set.h"
#include "index/columns/search_context.h"
#include "index/sort/sort_plan.h"
#include "index/sort/sort_sources.h"
#include "node/core/document.h"
#include "node/core/result.h"

namespace cacheindex::index {

/// A group that is shown.
struct RankedGroup {
  /// As DocumentGroups numbers it.
  std::uint32_t group = 0;
  /// Best first.
  std::vector<DocumentNumber> documents;
};

struct GroupSelection {
  std::size_t groups_max = 0;
  std::size_t documents_per_group = 0;
};

/// Returns the first groups in the order of their first documents (see SortOrder::TopGroups).
Result<std::vector<RankedGroup>> SelectTopGroups(SearchContext& context,
                                                 std::span<const SortKey> keys,
                                                 const DocumentSet& found,
                                                 const SortSources& sources,
                                                 const GroupSelection& selection);

}  // namespace cacheindex::index
