#include "index/columns/sort_ties.h"

#include <utility>

#include "index/columns/filter_ranges.h"
#include "index/encoding/id_order.h"

namespace cacheindex::index {

Result<SortTies> SortTies::Create(SearchContext& context) {
  SortTies ties(context);
  const cache::ColumnNumber column = context.schema().id_order_column;
  if (column == cache::ColumnNumber{}) {
    return ties;
  }
  const auto pages = context.Pages(column);
  if (!pages) {
    return pages.error();
  }
  ties.pages_ = *pages;
  return ties;
}

std::int64_t SortTies::PlaceOf(DocumentNumber number) const {
  if (pages_ == nullptr) {
    return number;
  }
  const cache::ColumnPage* page = pages_->Find(number / cache::kWidePageDocuments);
  const cache::ColumnValues values =
      page == nullptr ? cache::ColumnValues() : page->Find(number % cache::kWidePageDocuments);
  return values.size() == 0 ? 0 : values[0];
}

const std::string* SortTies::IdOf(DocumentNumber number) {
  if (pages_ == nullptr) {
    return nullptr;
  }
  const auto [place, is_new] = ids_.try_emplace(number);
  if (is_new && !failure_) {
    auto id = context_->IsExpired() ? Result<std::string>(DeadlinePassed()) : Read(number);
    if (id) {
      place->second = *std::move(id);
    } else {
      failure_ = std::move(id).error();
    }
  }
  return &place->second;
}

bool SortTies::IsBefore(DocumentNumber a, std::int64_t place_a, DocumentNumber b,
                        std::int64_t place_b) {
  if (place_a != place_b || a == b || pages_ == nullptr) {
    return place_a > place_b;
  }
  // References into a node-based map: they survive the second look-up.
  const std::string& id_a = *IdOf(a);
  const std::string& id_b = *IdOf(b);
  return CompareIds(id_a, id_b) > 0;
}

Result<std::string> SortTies::Read(DocumentNumber number) const {
  auto id = context_->view().FindId(context_->collection().number, number);
  if (!id) {
    return std::move(id).error();
  }
  if (!*id) {
    return Error(ErrorCode::kCorruption,
                 "document number " + std::to_string(number) + " is in columns but has no id");
  }
  return **std::move(id);
}

}  // namespace cacheindex::index
