#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "cache/view.h"

namespace cacheindex::cache {

struct VerifyReport {
  std::uint64_t documents = 0;
  std::uint64_t column_pages = 0;
  std::uint64_t entries = 0;
  std::uint64_t log_entries = 0;
  /// One sentence for each damaged or contradicting thing, at most kVerifyFindingsMax.
  std::vector<std::string> findings;
};

inline constexpr std::size_t kVerifyFindingsMax = 1000;

/// Reads everything once: every document's hash, ids against numbers both ways, the collections'
/// counts, every column page's and entry's checksum, the log's order. What dropped collections and
/// columns left is skipped.
VerifyReport Verify(const View& view);

}  // namespace cacheindex::cache
