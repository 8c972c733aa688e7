#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cache/view.h"
#include "cache/write_transaction.h"
#include "node/core/result.h"

namespace cacheindex::index {

/// The different values of one facet string field, numbered from 0 in the order of their arrival.
/// Lives in the entries of the field's values column.
class ValueDictionary {
 public:
  ValueDictionary(const cache::View& view, cache::ColumnNumber column)
      : view_(&view), column_(column) {}

  /// Returns one more than the highest ordinal.
  Result<std::uint32_t> Size() const;
  /// Returns the value as it was written.
  Result<std::string> Value(std::uint32_t ordinal) const;
  /// Calls visit(ordinal, value) for all values by ascending ordinal, until it returns false: a
  /// tenth of the cost of as many look-ups.
  Result<void> ForEach(
      const std::function<bool(std::uint32_t ordinal, std::string_view value)>& visit) const;
  /// Returns the ordinal of exactly this value, nullopt when no document ever had it.
  Result<std::optional<std::uint32_t>> Find(std::string_view value) const;
  /// Returns the ordinals of all values with this form (whole_form.h).
  Result<std::vector<std::uint32_t>> FindForm(std::string_view form) const;
  /// Returns the ordinals of all values with a form that starts with `prefix`.
  Result<std::vector<std::uint32_t>> FindFormPrefix(std::string_view prefix) const;
  /// Returns the ordinals of all values with a form that `is_wanted`. Looks at all of them.
  Result<std::vector<std::uint32_t>> FindForms(
      const std::function<bool(std::string_view form)>& is_wanted) const;

  /// Returns the ordinal of `value`, giving it one when it is new.
  static Result<std::uint32_t> FindOrAdd(cache::WriteTransaction& transaction,
                                         cache::ColumnNumber column, std::string_view value);

 private:
  Result<std::vector<std::uint32_t>> ScanForms(
      std::string_view key_prefix, const std::function<bool(std::string_view)>& is_wanted) const;
  Result<void> ScanFormless(const std::function<bool(std::string_view)>& is_wanted,
                            std::vector<std::uint32_t>& ordinals) const;

  const cache::View* view_;
  cache::ColumnNumber column_;
};

}  // namespace cacheindex::index
