#include "index/match/word_forms.h"

#include <xapian.h>

#include <algorithm>
#include <map>
#include <utility>

#include "index/columns/word_dictionary.h"
#include "index/text/xapian_guard.h"
#include "index/words/stemming_language.h"

namespace cacheindex::index {
namespace {

// Words of the collection that are compared for one word, at most.
constexpr std::size_t kWordsComparedMax = 5'000;

// Longer endings are no endings but other words.
constexpr std::size_t kEndingBytesMax = 12;

// Shorter words have no endings worth cutting off, and too many neighbours.
constexpr std::size_t kStemBytesMin = 2;

// A stemmer keeps state while it works, so every thread has its own.
const Xapian::Stem& StemmerOfThread(std::string_view language) {
  thread_local std::map<std::string, Xapian::Stem, std::less<>> stemmers;
  auto found = stemmers.find(language);
  if (found == stemmers.end()) {
    found = stemmers.emplace(language, Xapian::Stem(std::string(language))).first;
  }
  return found->second;
}

// What all words with this stem begin with: endings are cut off, and the letter before them may
// change (flies, fly: fli).
std::string_view CommonStart(std::string_view stem, std::string_view word) {
  const bool may_change = !word.starts_with(stem) || stem.ends_with('i');
  return stem.substr(0, stem.size() - (may_change && stem.size() > 1 ? 1 : 0));
}

}  // namespace

Result<std::vector<std::string>> WordForms::Of(const Field& field, const std::string& word) {
  std::vector<std::string> forms;
  const FieldDefinition& definition = field.definition;
  if (definition.stem) {
    const std::string_view language = StemmingLanguage(definition.locale);
    if (last_word_ != word || last_language_ != language) {
      auto stems = FindStems(language, word);
      if (!stems) {
        return stems;
      }
      last_stems_ = *std::move(stems);
      last_word_ = word;
      last_language_ = language;
    }
    forms = last_stems_;
  }
  if (const auto name = definition.extra.find("stem_dictionary");
      name != definition.extra.end() && name->is_string()) {
    AddFromDictionary(name->get_ref<const std::string&>(), word, forms);
  }
  std::sort(forms.begin(), forms.end());
  forms.erase(std::unique(forms.begin(), forms.end()), forms.end());
  std::erase(forms, word);
  return forms;
}

Result<std::vector<std::string>> WordForms::FindStems(std::string_view language,
                                                      const std::string& word) const {
  std::vector<std::string> forms;
  if (language.empty()) {
    return forms;
  }
  auto stem = CatchXapian([&] { return StemmerOfThread(language)(word); });
  if (!stem) {
    return std::move(stem).error();
  }
  if (stem->size() < kStemBytesMin) {
    return forms;
  }
  const std::size_t size_max = stem->size() + kEndingBytesMax;
  std::vector<std::string> others;
  auto listed = WordDictionary(context_->view(), context_->schema().words_column)
                    .ForEachFrom(CommonStart(*stem, word), [&](std::string_view other) {
                      if (other.size() <= size_max) {
                        others.emplace_back(other);
                      }
                      return others.size() < kWordsComparedMax;
                    });
  if (!listed) {
    return std::move(listed).error();
  }
  auto compared = CatchXapian([&] {
    const Xapian::Stem& stemmer = StemmerOfThread(language);
    for (std::string& other : others) {
      if (forms.size() < kWordFormsMax && stemmer(other) == *stem) {
        forms.push_back(std::move(other));
      }
    }
  });
  if (!compared) {
    return std::move(compared).error();
  }
  return forms;
}

void WordForms::AddFromDictionary(const std::string& name, const std::string& word,
                                  std::vector<std::string>& forms) const {
  if (dictionaries_ == nullptr) {
    return;
  }
  const auto dictionary = dictionaries_->find(name);
  if (dictionary == dictionaries_->end()) {
    return;
  }
  const auto found = dictionary->second->roots.find(word);
  const std::string& root = found == dictionary->second->roots.end() ? word : found->second;
  forms.push_back(root);
  const auto [begin, end] = dictionary->second->words.equal_range(root);
  for (auto other = begin; other != end && forms.size() < kWordFormsMax; ++other) {
    forms.push_back(other->second);
  }
}

}  // namespace cacheindex::index
