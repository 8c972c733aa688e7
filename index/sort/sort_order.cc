#include "index/sort/sort_order.h"

#include <algorithm>
#include <string>
#include <utility>

#include "index/expressions/filter_text.h"
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

Result<std::vector<SortKey>> ParseKeys(const std::vector<std::string_view>& items,
                                       const VisibleFields& fields, const FilterOptions& options) {
  if (items.size() > kSortKeysMax) {
    return Error(ErrorCode::kUnprocessable, "Only upto 3 sort_by fields can be specified.");
  }
  std::vector<SortKey> keys;
  for (const std::string_view item : items) {
    auto key = ParseSortKey(item, fields, options);
    if (!key) {
      return std::move(key).error();
    }
    if (*key) {
      keys.push_back(**std::move(key));
    }
  }
  return keys;
}

}  // namespace

Result<SortOrder> SortOrder::Parse(std::string_view sort_by, const VisibleFields& fields,
                                   bool has_text_query, const FilterOptions& options) {
  if (sort_by.size() > kSortBytesMax) {
    return Error(ErrorCode::kTooLarge,
                 "Parameter `sort_by` has more than " + std::to_string(kSortBytesMax) + " bytes.");
  }
  SortOrder order;
  if (!Trim(sort_by).empty()) {
    auto keys = ParseKeys(SplitList(sort_by), fields, options);
    if (!keys) {
      return std::move(keys).error();
    }
    order.keys_ = *std::move(keys);
  }
  if (order.keys_.empty()) {
    if (has_text_query) {
      order.keys_.push_back(BestTextMatchFirst());
    }
    const std::string& default_field = fields.schema().default_sorting_field;
    if (fields.Find(default_field) != nullptr) {
      auto key = ParseSortKey(default_field + ":desc", fields, {});
      if (!key) {
        return std::move(key).error();
      }
      order.keys_.push_back(**std::move(key));
    }
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

void SortOrder::IgnoreGroupSizes() noexcept {
  std::erase_if(keys_, [](const SortKey& key) { return key.kind == SortKey::Kind::kGroupSize; });
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
