#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "index/words/text_rules.h"

namespace cacheindex::index {

/// Returns the form in which whole values are compared: two values are the same when their forms
/// are.
///
/// Case, accents, width (full, half) and the kind and amount of white space do not count, nor do
/// characters that nobody sees. Everything else counts: punctuation and symbols (A+++ is not A, 1-2
/// is not 12, -2.50 is not 2.50, 10² is not 102), and whether there is white space at all. Only
/// typographic hyphens and apostrophes are the plain ones. The other spellings that a search takes
/// for equal (tokenizer.h) are different values, as facets count them.
///
/// Holds no 0 byte; empty for a value without anything to see. Any bytes may come in; ill-formed
/// UTF-8 is kept. Threads: any.
std::string WholeForm(std::string_view text);

/// Returns what a column holds for the whole values of a field that is no facet: 64 bits of a hash.
/// Among a million different values, two have the same one in one of 30 million collections.
std::int64_t HashOfWholeForm(std::string_view form) noexcept;

/// Whether `text` has a letter, a digit or a symbol that is a word to `rules`. What has none can
/// only be looked for as it is.
bool HasWords(std::string_view text, const TextRules& rules);

}  // namespace cacheindex::index
