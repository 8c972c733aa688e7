#pragma once

#include <optional>
#include <string>
#include <unordered_map>

#include "index/columns/search_context.h"
#include "index/sort/sort_plan.h"
#include "node/core/document.h"
#include "node/core/result.h"

namespace cacheindex::index {

/// The whole normal forms of one string key, for documents that the first eight bytes do not tell
/// apart. Remembers what it looked up.
///
/// Threads: one at a time. Lifetime: within that of the context and the key.
class SortStrings {
 public:
  SortStrings(SearchContext& context, const SortKey& key) : context_(&context), key_(&key) {}

  /// Returns the normal form of the document's value. When it cannot be read, an empty one, the
  /// same every time, so that comparisons stay consistent; failure() then tells.
  const std::string& Of(DocumentNumber number);

  /// The first failure, if any.
  const std::optional<Error>& failure() const noexcept { return failure_; }

  bool is_empty() const noexcept { return known_.empty(); }
  /// Forgets all documents but those for which `is_kept` holds, to bound memory.
  template <class Predicate>
  void Keep(const Predicate& is_kept) {
    std::erase_if(known_, [&](const auto& entry) { return !is_kept(entry.first); });
  }

 private:
  Result<std::string> Read(DocumentNumber number) const;
  Result<std::string> ReadDocument(DocumentNumber number) const;

  SearchContext* context_;
  const SortKey* key_;
  std::unordered_map<DocumentNumber, std::string> known_;
  std::optional<Error> failure_;
};

}  // namespace cacheindex::index
