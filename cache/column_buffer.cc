#include "cache/column_buffer.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "cache/write_state.h"

namespace cacheindex::cache {

void ColumnBuffer::Set(ColumnNumber column, DocumentNumber number,
                       std::span<const std::int64_t> values) {
  const std::uint32_t documents_per_page = DocumentsPerPage(ShapeOf(column));
  const std::uint64_t page =
      std::uint64_t{static_cast<std::uint32_t>(column)} << 32 | (number / documents_per_page);
  pages_[page].push_back({.offset = number % documents_per_page,
                          .count = static_cast<std::uint32_t>(values.size()),
                          .begin = values_.size()});
  values_.insert(values_.end(), values.begin(), values.end());
  ++updates_;
}

void ColumnBuffer::Drop(ColumnNumber column) {
  std::erase_if(pages_, [column](const auto& page) {
    return page.first >> 32 == static_cast<std::uint32_t>(column);
  });
}

Result<void> ColumnBuffer::Flush(WriteState& state) {
  std::vector<std::uint64_t> order;
  order.reserve(pages_.size());
  for (const auto& [page, updates] : pages_) {
    order.push_back(page);
  }
  std::sort(order.begin(), order.end());
  for (const std::uint64_t page : order) {
    if (auto written = RewritePage(state, page, pages_.at(page)); !written) {
      return written;
    }
  }
  pages_.clear();
  values_.clear();
  updates_ = 0;
  return {};
}

Result<void> ColumnBuffer::RewritePage(WriteState& state, std::uint64_t page,
                                       const std::vector<Update>& updates) {
  const ColumnNumber column{static_cast<std::uint32_t>(page >> 32)};
  const Key key = PageKey(column, static_cast<std::uint32_t>(page));
  const auto stored = GetValue(state.handle(), state.tables().columns, key.view());
  if (!stored) {
    return state.Fail(stored.error());
  }
  builder_.Clear();
  if (*stored) {
    const auto parsed = ColumnPage::Parse(std::as_bytes(std::span(**stored)));
    if (!parsed) {
      return state.Fail(parsed.error());
    }
    // What is damaged must not be written again under a good checksum.
    if (!parsed->VerifyChecksum()) {
      return state.Fail(Error(ErrorCode::kCorruption, "column page: wrong checksum"));
    }
    builder_.Load(*parsed);
  }
  for (const Update& update : updates) {
    builder_.Set(update.offset, std::span(values_).subspan(update.begin, update.count));
  }
  const std::string_view encoded = builder_.Encode();
  if (!encoded.empty()) {
    if (const auto made = ColumnPage::Parse(std::as_bytes(std::span(encoded)))) {
      state.environment->checked_pages().Add(column, static_cast<std::uint32_t>(page),
                                             made->checksum());
    }
    return state.Put(state.tables().columns, key.view(), encoded);
  }
  if (*stored) {
    if (auto deleted = state.Delete(state.tables().columns, key.view()); !deleted) {
      return std::move(deleted).error();
    }
  }
  return {};
}

}  // namespace cacheindex::cache
