#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "index/columns/search_context.h"
#include "index/schema/schema.h"
#include "node/core/result.h"
#include "node/core/search.h"

namespace cacheindex::index {

/// Other forms of one word that are looked for, at most.
inline constexpr std::size_t kWordFormsMax = 50;

/// Finds the other forms of words in fields that ask for it: with `stem`, words of the collection
/// that have the same stem in the language of the field's `locale`; with `stem_dictionary`, words
/// with the same root. Documents are indexed by the words that they have, so that both settings,
/// and every change of a dictionary, take effect at once, and exact words can still be told apart.
///
/// Threads: one. Lifetime: within that of the context and the dictionaries.
class WordForms {
 public:
  /// `dictionaries` may be null.
  WordForms(SearchContext& context, const StemmingDictionaries* dictionaries)
      : context_(&context), dictionaries_(dictionaries) {}

  /// Returns the other forms of `word`, a normalised one, in `field`, sorted; none when the field
  /// asks for none.
  /// Cost: looks at the words of the collection that begin as the stem does, some thousands at
  /// most, once for all fields of one language.
  Result<std::vector<std::string>> Of(const Field& field, const std::string& word);

 private:
  /// Returns the words that have the stem of `word`.
  Result<std::vector<std::string>> FindStems(std::string_view language,
                                             const std::string& word) const;
  void AddFromDictionary(const std::string& name, const std::string& word,
                         std::vector<std::string>& forms) const;

  SearchContext* context_;
  const StemmingDictionaries* dictionaries_;
  /// What was found for the last word that was asked for.
  std::string_view last_language_;
  std::string last_word_;
  std::vector<std::string> last_stems_;
};

}  // namespace cacheindex::index
