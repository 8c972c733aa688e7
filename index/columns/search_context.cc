#include "index/columns/search_context.h"

#include <algorithm>
#include <limits>
#include <optional>
#include <string>
#include <utility>

#include "index/columns/filter_ranges.h"
#include "node/core/long_work.h"

namespace cacheindex::index {

void SearchContext::Expect(std::uint64_t visits) {
  const bool was_long = visits_ > kLongSearchVisits;
  visits_ += visits;
  if (!was_long && visits_ > kLongSearchVisits) {
    AnnounceLongWork();
  }
}

Result<DocumentSet> SearchContext::AllDocuments() {
  const cache::ColumnNumber column = schema_->documents_column;
  const auto pages = Pages(column);
  if (!pages) {
    return pages.error();
  }
  DocumentSet all = EmptySet();
  const cache::PageShape shape = cache::ShapeOf(column);
  const std::uint32_t page_words = cache::DocumentsPerPage(shape) / 64;
  const std::vector<std::uint64_t> selection(page_words, ~std::uint64_t{0});
  const RangeSet anything(
      {{std::numeric_limits<std::int64_t>::min(), std::numeric_limits<std::int64_t>::max()}});
  const std::uint32_t count = std::min((*pages)->page_count(), all.PageCount(shape));
  for (std::uint32_t number = 0; number < count; ++number) {
    if (const cache::ColumnPage* page = (*pages)->Find(number)) {
      anything.Select(*page, page_words, selection.data(), all.WordsOfPage(shape, number));
    }
  }
  return all;
}

Result<const cache::ColumnPages*> SearchContext::Pages(cache::ColumnNumber column) {
  const auto known = pages_.find(column);
  if (known != pages_.end()) {
    return &known->second;
  }
  auto pages = view_->Pages(column);
  if (!pages) {
    return std::move(pages).error();
  }
  return &pages_.emplace(column, *std::move(pages)).first->second;
}

Result<cache::StoredDocument> SearchContext::ReadDocument(DocumentNumber number) const {
  auto id = view_->FindId(collection_->number, number);
  if (!id) {
    return std::move(id).error();
  }
  auto document = *id ? view_->Find(collection_->number, **id)
                      : Result<std::optional<cache::StoredDocument>>(std::nullopt);
  if (!document) {
    return std::move(document).error();
  }
  if (!*document) {
    return Error(ErrorCode::kCorruption,
                 "document number " + std::to_string(number) + " is in columns but not stored");
  }
  return **std::move(document);
}

Result<Json> SearchContext::ParseDocument(DocumentNumber number) const {
  const auto stored = ReadDocument(number);
  if (!stored) {
    return stored.error();
  }
  auto document = ParseJson(stored->json);
  if (!document) {
    return std::move(document).error().WithContext("stored document number " +
                                                   std::to_string(number));
  }
  return document;
}

Result<void> SearchContext::CheckPages() const {
  for (const auto& [column, pages] : pages_) {
    if (pages.damage()) {
      return Error(*pages.damage()).WithContext("collection `" + collection_->name + "`");
    }
  }
  return {};
}

}  // namespace cacheindex::index
