#pragma once

#include <functional>
#include <string_view>

#include "node/core/result.h"

namespace cacheindex::index {

/// Answers whether a field's whole name matches a pattern.
using NameMatcher = std::function<bool(std::string_view name)>;

/// Returns whether `name` is meant as a pattern for names: it holds `.*` or another repetition.
bool IsNamePattern(std::string_view name);

/// Returns the matcher of a regular expression (ICU's syntax) that must cover the whole name.
///
/// A match that takes too many steps is no match, so that no expression stalls a writer.
/// Errors: kInvalidArgument when the expression is malformed.
Result<NameMatcher> CompileNamePattern(std::string_view pattern);

}  // namespace cacheindex::index
