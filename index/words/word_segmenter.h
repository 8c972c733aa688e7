#pragma once

#include <unicode/brkiter.h>
#include <unicode/unistr.h>

#include <cstddef>
#include <memory>

#include "index/words/text_folder.h"
#include "index/words/text_rules.h"
#include "index/words/token_sink.h"
#include "index/words/word_joiner.h"

namespace cacheindex::index {

/// Finds words of any script in folded text with ICU's word boundaries, and dictionary words where
/// a script writes no spaces.
///
/// Threads: one instance per thread.
class WordSegmenter {
 public:
  WordSegmenter();

  void Segment(const FoldedText& folded, const TextRules& rules, TokenSink& sink);

 private:
  /// What one Segment works on.
  struct Pass;

  /// Adds the words between two boundaries; more than one where the house rules split further.
  void AddWords(Pass& pass, std::size_t begin, std::size_t end);

  /// Null when ICU's data is missing; spaces and punctuation alone separate words then.
  std::unique_ptr<icu::BreakIterator> boundaries_;
  icu::UnicodeString alias_;
};

}  // namespace cacheindex::index
