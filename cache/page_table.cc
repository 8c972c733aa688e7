#include "cache/page_table.h"

#include <utility>

namespace cacheindex::cache {

const ColumnPage PageTable::kAbsent;

const ColumnPage* PageTable::Keep(std::uint32_t page_number,
                                  const std::optional<ColumnPage>& page) {
  const std::scoped_lock lock(mutex_);
  // Two may have looked for it at once.
  if (const ColumnPage* known = Find(page_number)) {
    return known;
  }
  const ColumnPage* kept = page ? &pages_.emplace_back(*page) : &kAbsent;
  slots_[page_number].store(kept, std::memory_order_release);
  return kept;
}

std::shared_ptr<PageTable> PageTables::Find(StateNumber state, ColumnNumber column) const {
  const std::scoped_lock lock(mutex_);
  if (state != state_) {
    return nullptr;
  }
  const auto known = tables_.find(column);
  return known == tables_.end() ? nullptr : known->second;
}

std::shared_ptr<PageTable> PageTables::Add(StateNumber state, ColumnNumber column,
                                           std::uint32_t page_count) {
  auto table = std::make_shared<PageTable>(page_count);
  const std::scoped_lock lock(mutex_);
  if (state > state_) {
    tables_.clear();
    bytes_ = 0;
    state_ = state;
  }
  const std::size_t bytes = PageTable::BytesMax(page_count);
  if (state < state_ || bytes > kBytesMax - bytes_) {
    return table;
  }
  const auto [known, is_new] = tables_.try_emplace(column, table);
  bytes_ += is_new ? bytes : 0;
  return known->second;
}

void PageTables::Clear() {
  const std::scoped_lock lock(mutex_);
  tables_.clear();
  bytes_ = 0;
}

}  // namespace cacheindex::cache
