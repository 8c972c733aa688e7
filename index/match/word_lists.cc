#include "index/match/word_lists.h"

#include <utility>

namespace cacheindex::index {

Result<std::shared_ptr<const WordList>> WordLists::Read(const SearchContext& context) {
  const cache::CollectionNumber collection = context.collection().number;
  const cache::ColumnNumber column = context.schema().words_column;
  std::shared_ptr<const WordList> known;
  {
    const std::scoped_lock lock(mutex_);
    const Known& kept = lists_[collection];
    known = kept.words_column == column ? kept.list : nullptr;
  }
  // Outside the lock: two may read the same words, none waits.
  auto list = WordList::Read(context.view(), column, std::move(known));
  if (!list) {
    return list;
  }
  const std::scoped_lock lock(mutex_);
  Known& latest = lists_[collection];
  // Of two dictionaries, the later has the greater number.
  const bool is_longer = latest.list == nullptr || latest.list->size() < (*list)->size();
  if (column > latest.words_column || (column == latest.words_column && is_longer)) {
    latest = {.words_column = column, .list = *list};
  }
  return list;
}

void WordLists::Forget(cache::CollectionNumber collection) {
  const std::scoped_lock lock(mutex_);
  lists_.erase(collection);
}

}  // namespace cacheindex::index
