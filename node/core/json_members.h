#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "node/core/json.h"

namespace cacheindex {

/// One member of an object, as its text has it.
struct JsonMember {
  /// Between its quotation marks, still escaped.
  std::string_view name;
  std::string_view value;
};

/// Finds the members of an object without making a tree of it: many times faster than ParseJson.
///
/// Requires text that DumpJson printed. Returns false when `text` is no object; what else is wrong
/// with a text of another origin is not found out. The members borrow from `text` and are in the
/// order of their names, as long as HasPlainNames.
bool SplitMembers(std::string_view text, std::vector<JsonMember>& members);

/// Returns whether every name is written as it is spelled, without escapes, so that the text of the
/// names can be compared.
bool HasPlainNames(const std::vector<JsonMember>& members);

/// Returns an object's text with some members replaced: those in `names` (sorted) are removed, then
/// those of `replacement` are put in their places. The result is what DumpJson would print.
/// Requires what SplitMembers requires, HasPlainNames, and names of `replacement` among `names`.
std::string ReplaceMembers(const std::vector<JsonMember>& members,
                           const std::vector<std::string>& names, const Json& replacement);

}  // namespace cacheindex
