#include "index/sort/sort_order.h"

#include <algorithm>
#include <string>
#include <utility>

#include "index/filter/filter_text.h"
#include "index/sort/sort_computed.h"
#include "index/sort/sort_parser.h"
#include "index/sort/sort_top.h"

namespace cacheindex::index {
namespace {

SortKey BestTextMatchFirst() {
  SortKey key;
  key.kind = SortKey::Kind::kTextMatch;
  key.is_descending = true;
  return key;
}

}  // namespace

Result<SortOrder> SortOrder::Parse(std::string_view sort_by, const Schema& schema,
                                   bool has_text_query) {
  if (sort_by.size() > kSortBytesMax) {
    return Error(ErrorCode::kTooLarge,
                 "Parameter `sort_by` has more than " + std::to_string(kSortBytesMax) + " bytes.");
  }
  SortOrder order;
  std::vector<std::string_view> items;
  std::string by_default;
  if (!Trim(sort_by).empty()) {
    items = SplitList(sort_by);
  } else {
    if (has_text_query) {
      order.keys_.push_back(BestTextMatchFirst());
    }
    if (schema.Find(schema.default_sorting_field) != nullptr) {
      by_default = schema.default_sorting_field + ":desc";
      items.push_back(by_default);
    }
  }
  if (items.size() > kSortKeysMax) {
    return Error(ErrorCode::kUnprocessable, "Only upto 3 sort_by fields can be specified.");
  }
  for (const std::string_view item : items) {
    auto key = ParseSortKey(item, schema);
    if (!key) {
      return std::move(key).error();
    }
    order.keys_.push_back(*std::move(key));
  }
  if (!has_text_query) {
    // Nothing was matched, so everything matched equally well.
    std::erase_if(order.keys_,
                  [](const SortKey& key) { return key.kind == SortKey::Kind::kTextMatch; });
  } else if (order.keys_.size() < kSortKeysMax && !order.UsesTextScores()) {
    order.keys_.push_back(BestTextMatchFirst());
  }
  return order;
}

bool SortOrder::UsesTextScores() const noexcept {
  return std::any_of(keys_.begin(), keys_.end(),
                     [](const SortKey& key) { return key.kind == SortKey::Kind::kTextMatch; });
}

bool SortOrder::UsesGroupSizes() const noexcept {
  return std::any_of(keys_.begin(), keys_.end(),
                     [](const SortKey& key) { return key.kind == SortKey::Kind::kGroupSize; });
}

Result<std::vector<DocumentNumber>> SortOrder::Top(SearchContext& context, const DocumentSet& found,
                                                   const TextScores* scores,
                                                   std::size_t count) const {
  return SelectTop(context, keys_, found, {.scores = scores, .groups = nullptr}, count);
}

Result<std::vector<RankedGroup>> SortOrder::TopGroups(SearchContext& context,
                                                      const DocumentSet& found,
                                                      const SortSources& sources,
                                                      const GroupSelection& selection) const {
  return SelectTopGroups(context, keys_, found, sources, selection);
}

Result<std::vector<GeoDistance>> SortOrder::Distances(SearchContext& context,
                                                      DocumentNumber number) const {
  std::vector<GeoDistance> distances;
  for (const SortKey& key : keys_) {
    if (key.kind != SortKey::Kind::kDistance) {
      continue;
    }
    const auto meters = NearestMeters(context, key, number);
    if (!meters) {
      return meters.error();
    }
    if (*meters) {
      distances.push_back({key.field, **meters});
    }
  }
  return distances;
}

}  // namespace cacheindex::index
