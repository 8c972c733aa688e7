#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "cache/view.h"
#include "cache/write_transaction.h"
#include "index/text/text_rules.h"
#include "node/core/result.h"

namespace cacheindex::index {

/// The different values of one facet string field, numbered from 0 in the order of their arrival.
/// Lives in the entries of the field's values column.
class ValueDictionary {
 public:
  /// `rules` are those of the field; only normal forms need them.
  ValueDictionary(const cache::View& view, cache::ColumnNumber column,
                  const TextRules& rules = TextRules::Default())
      : view_(&view), column_(column), rules_(&rules) {}

  /// Returns one more than the highest ordinal.
  Result<std::uint32_t> Size() const;
  /// Returns the value as it was written.
  Result<std::string> Value(std::uint32_t ordinal) const;
  /// Returns the ordinal of exactly this value, nullopt when no document ever had it.
  Result<std::optional<std::uint32_t>> Find(std::string_view value) const;
  /// Returns the ordinals of all values with this normal form, one of theirs (tokenizer.h).
  Result<std::vector<std::uint32_t>> FindNormal(std::string_view normal_form) const;
  /// Returns the ordinals of all values with a normal form that starts with `prefix`.
  Result<std::vector<std::uint32_t>> FindNormalPrefix(std::string_view prefix) const;

  /// Returns the ordinal of `value`, giving it one when it is new.
  static Result<std::uint32_t> FindOrAdd(cache::WriteTransaction& transaction,
                                         cache::ColumnNumber column, std::string_view value,
                                         const TextRules& rules = TextRules::Default());

 private:
  Result<std::vector<std::uint32_t>> KeepNormalForms(
      const std::vector<std::uint32_t>& ordinals,
      const std::function<bool(std::string_view)>& is_wanted) const;

  const cache::View* view_;
  cache::ColumnNumber column_;
  const TextRules* rules_;
};

}  // namespace cacheindex::index
