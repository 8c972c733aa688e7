#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string_view>
#include <vector>

#include "cache/view.h"
#include "cache/write_transaction.h"
#include "node/core/result.h"

namespace cacheindex::index {

/// Stands between the elements of an array in a words column; words are numbered from 1.
inline constexpr std::int64_t kWordSeparator = 0;

/// The words of all string fields of one collection, numbered in the order of their arrival. Lives
/// in the entries of the schema's words_column. Words are never removed.
class WordDictionary {
 public:
  WordDictionary(const cache::View& view, cache::ColumnNumber words_column)
      : view_(&view), column_(words_column) {}

  /// Returns the number of `word` (normalised), nullopt when no document ever had it.
  Result<std::optional<std::int64_t>> Find(std::string_view word) const;
  /// Returns the numbers of all words that start with `prefix`, at most `words_max` of them.
  Result<std::vector<std::int64_t>> FindPrefix(std::string_view prefix,
                                               std::size_t words_max) const;

  /// Calls visit(word) for the words that start with `prefix`, sorted, until it returns false.
  Result<void> ForEachFrom(std::string_view prefix,
                           const std::function<bool(std::string_view)>& visit) const;

  /// Returns how many words there are, which is the number of the latest.
  Result<std::uint32_t> Count() const;
  /// Calls visit(word) for the words numbered `first` (from 1) to `last`, in this order.
  /// Errors: kCorruption when one of them is missing.
  Result<void> ForEachWord(std::uint32_t first, std::uint32_t last,
                           const std::function<void(std::string_view)>& visit) const;

  static Result<std::int64_t> FindOrAdd(cache::WriteTransaction& transaction,
                                        cache::ColumnNumber words_column, std::string_view word);

 private:
  /// As ForEachWord, by the words' own entries, which every store has: all of them are sorted.
  Result<void> ForEachNumbered(std::uint32_t first, std::uint32_t last,
                               const std::function<void(std::string_view)>& visit) const;

  const cache::View* view_;
  cache::ColumnNumber column_;
};

}  // namespace cacheindex::index
