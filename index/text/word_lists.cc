#include "index/text/word_lists.h"

#include <utility>

namespace cacheindex::index {

Result<std::shared_ptr<const WordList>> WordLists::Read(const SearchContext& context) {
  const cache::CollectionNumber collection = context.collection().number;
  std::shared_ptr<const WordList> known;
  {
    const std::scoped_lock lock(mutex_);
    known = lists_[collection];
  }
  // Outside the lock: two may read the same words, none waits.
  auto list = WordList::Read(context.view(), context.schema().words_column, std::move(known));
  if (!list) {
    return list;
  }
  const std::scoped_lock lock(mutex_);
  auto& latest = lists_[collection];
  if (latest == nullptr || latest->size() < (*list)->size()) {
    latest = *list;
  }
  return list;
}

void WordLists::Forget(cache::CollectionNumber collection) {
  const std::scoped_lock lock(mutex_);
  lists_.erase(collection);
}

}  // namespace cacheindex::index
