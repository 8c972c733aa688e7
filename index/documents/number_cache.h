#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>

#include "cache/write_transaction.h"
#include "index/schema/schema.h"
#include "node/core/result.h"

namespace cacheindex::index {

/// Remembers which numbers the dictionaries gave to words and values, so that the writer looks each
/// frequent one up once and not once a document.
///
/// A number that the running transaction gave may be given up with it. So it is remembered apart,
/// and only until the next BeginTransaction; what was stored before is remembered for good.
/// Threads: the writer's only.
class NumberCache {
 public:
  void BeginTransaction();

  /// Returns the number of `word` in a words column's dictionary, giving it one when it is new.
  Result<std::uint32_t> Word(cache::WriteTransaction& transaction, cache::ColumnNumber words_column,
                             std::string_view word);
  /// Returns the ordinal of `value` in the dictionary of the field's values column, giving it one
  /// when it is new.
  Result<std::uint32_t> Value(cache::WriteTransaction& transaction, const FieldStorage& storage,
                              std::string_view value);

 private:
  template <class Find, class Add>
  Result<std::uint32_t> Number(cache::ColumnNumber column, std::string_view text, Find&& find,
                               Add&& add);

  std::string key_;
  std::unordered_map<std::string, std::uint32_t> stored_;
  std::unordered_map<std::string, std::uint32_t> added_;
  /// The running transaction gave more numbers than are remembered: what it finds may be its own.
  bool forgot_added_ = false;
};

}  // namespace cacheindex::index
