#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <unordered_map>
#include <vector>

#include "cache/column_page_builder.h"
#include "cache/numbers.h"
#include "node/core/document.h"
#include "node/core/result.h"

namespace cacheindex::cache {

struct WriteState;

/// Values on their way into column pages, so that a page is rewritten once a transaction and not
/// once a document.
class ColumnBuffer {
 public:
  /// Values and documents buffered, at most: 128 MB with their places.
  static constexpr std::size_t kItemsMax = 4'000'000;

  void Set(ColumnNumber column, DocumentNumber number, std::span<const std::int64_t> values);
  /// Forgets what is buffered for `column`.
  void Drop(ColumnNumber column);

  bool is_full() const noexcept { return values_.size() + updates_ >= kItemsMax; }
  bool is_empty() const noexcept { return pages_.empty(); }

  /// Rewrites the pages concerned, in key order, and empties the buffer.
  Result<void> Flush(WriteState& state);

 private:
  struct Update {
    std::uint32_t offset = 0;
    std::uint32_t count = 0;
    std::size_t begin = 0;
  };

  Result<void> RewritePage(WriteState& state, std::uint64_t page,
                           const std::vector<Update>& updates);

  // By column << 32 | page number, which is the order of the keys too.
  std::unordered_map<std::uint64_t, std::vector<Update>> pages_;
  std::vector<std::int64_t> values_;
  std::size_t updates_ = 0;
  ColumnPageBuilder builder_;
};

}  // namespace cacheindex::cache
