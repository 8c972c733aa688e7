#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <unordered_map>

#include "cache/column_pages.h"
#include "index/columns/search_context.h"
#include "node/core/document.h"
#include "node/core/error.h"
#include "node/core/result.h"

namespace cacheindex::index {

/// Where documents stand that all keys leave equal: by id (id_order.h) in collections that other
/// nodes build too, by number in others; the last one first. Remembers the ids that it looked up.
///
/// Threads: one at a time. Lifetime: within that of the context.
class SortTies {
 public:
  /// Errors: those of the view.
  static Result<SortTies> Create(SearchContext& context);

  /// Returns the place of a document, greater for later ones; different documents may share one.
  std::int64_t PlaceOf(DocumentNumber number) const;

  /// Returns the id of a document for CompareIds, nullptr where ids decide nothing. When it cannot
  /// be read, an empty one, the same every time, so that comparisons stay consistent; failure()
  /// then tells.
  const std::string* IdOf(DocumentNumber number);

  /// Whether `a` stands before `b`, which are where PlaceOf says.
  bool IsBefore(DocumentNumber a, std::int64_t place_a, DocumentNumber b, std::int64_t place_b);

  /// The first failure, if any.
  const std::optional<Error>& failure() const noexcept { return failure_; }

  bool is_empty() const noexcept { return ids_.empty(); }
  /// Forgets all documents but those for which `is_kept` holds, to bound memory.
  template <class Predicate>
  void Keep(const Predicate& is_kept) {
    std::erase_if(ids_, [&](const auto& entry) { return !is_kept(entry.first); });
  }

 private:
  explicit SortTies(SearchContext& context) : context_(&context) {}

  Result<std::string> Read(DocumentNumber number) const;

  SearchContext* context_;
  // Of the order of ids; nullptr where numbers decide.
  const cache::ColumnPages* pages_ = nullptr;
  std::unordered_map<DocumentNumber, std::string> ids_;
  std::optional<Error> failure_;
};

}  // namespace cacheindex::index
