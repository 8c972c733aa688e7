#pragma once

#include <map>
#include <memory>
#include <mutex>

#include "cache/numbers.h"
#include "index/columns/search_context.h"
#include "index/match/word_list.h"
#include "node/core/result.h"

namespace cacheindex::index {

/// The word lists of a store's collections, read when first needed and kept up to date by those who
/// need them.
///
/// Threads: all methods may be called concurrently.
class WordLists {
 public:
  /// Returns a list with all words of the context's snapshot; perhaps also with later ones.
  Result<std::shared_ptr<const WordList>> Read(const SearchContext& context);

  void Forget(cache::CollectionNumber collection);

 private:
  std::mutex mutex_;
  struct Known {
    /// Another dictionary gives other numbers.
    cache::ColumnNumber words_column{};
    std::shared_ptr<const WordList> list;
  };
  std::map<cache::CollectionNumber, Known> lists_;
};

}  // namespace cacheindex::index
