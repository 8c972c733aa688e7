#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>

#include "cache/numbers.h"
#include "cache/view.h"
#include "node/core/document.h"
#include "node/core/json.h"
#include "node/core/result.h"

namespace cacheindex::index {

/// A pass over the stored documents of a collection.
///
/// Threads: as the view. Lifetime: within that of the view.
class StoredDocuments {
 public:
  StoredDocuments(const cache::View& view, cache::CollectionNumber collection)
      : view_(&view), collection_(collection) {}

  /// Calls visit(number, id, document) for each, until it fails.
  template <class Visit>
  Result<void> ForEach(const Visit& visit) const {
    std::optional<std::string> after;
    while (true) {
      auto batch = view_->Scan(collection_, after, kScanDocumentsMax);
      if (!batch) {
        return std::move(batch).error();
      }
      if (batch->empty()) {
        return {};
      }
      for (const auto& [id, stored] : *batch) {
        auto document = ParseJson(stored.json);
        if (!document) {
          return std::move(document).error().WithContext("stored document " + id);
        }
        if (auto visited = visit(stored.header.number, id, *document); !visited) {
          return visited;
        }
      }
      after = std::move(batch->back().id);
    }
  }

 private:
  static constexpr std::uint32_t kScanDocumentsMax = 1'000;

  const cache::View* view_;
  cache::CollectionNumber collection_;
};

}  // namespace cacheindex::index
