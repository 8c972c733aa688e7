#include "index/filter/filter_words.h"

#include <algorithm>
#include <array>
#include <limits>
#include <string>

#include "index/columns/word_dictionary.h"
#include "index/expressions/filter_text.h"

namespace cacheindex::index {
namespace {

// Pages between two looks at the clock: one page of long texts may take a tenth of a millisecond.
constexpr std::uint32_t kWordPagesPerDeadlineCheck = 32;

std::vector<ValueRange> SingleValues(const std::vector<std::int64_t>& values) {
  std::vector<ValueRange> ranges;
  ranges.reserve(values.size());
  for (const std::int64_t value : values) {
    ranges.push_back({value, value});
  }
  return ranges;
}

}  // namespace

Result<WordMatcher> WordMatcher::Create(SearchContext& context, std::span<const FilterText> texts,
                                        bool is_whole_value) {
  WordMatcher matcher;
  matcher.is_whole_value_ = is_whole_value;
  for (const FilterText& text : texts) {
    if (context.IsExpired()) {
      return DeadlinePassed();
    }
    if (auto added = matcher.Add(context, text); !added) {
      return std::move(added).error();
    }
  }
  std::sort(matcher.anchors_.begin(), matcher.anchors_.end());
  std::vector<ValueRange> anchor_ranges;
  anchor_ranges.reserve(matcher.anchors_.size());
  for (const auto& [word, pattern] : matcher.anchors_) {
    anchor_ranges.push_back({word, word});
  }
  matcher.anchor_words_ = RangeSet(std::move(anchor_ranges));
  matcher.decisive_words_ = RangeSet(std::move(matcher.decisive_ranges_));
  return matcher;
}

Result<void> WordMatcher::Add(SearchContext& context, const FilterText& text) {
  if (text.words.empty()) {
    if (text.is_prefix && text.text.empty()) {
      decisive_ranges_.push_back({kWordSeparator + 1, std::numeric_limits<std::int64_t>::max()});
    }
    return {};
  }
  const WordDictionary dictionary(context.view(), context.schema().words_column);
  Pattern pattern{.words = {}, .has_prefix = text.is_prefix, .prefix = {}};
  for (std::size_t i = 0; i + (text.is_prefix ? 1 : 0) < text.words.size(); ++i) {
    auto number = dictionary.Find(text.words[i]);
    if (!number) {
      return std::move(number).error();
    }
    if (!*number) {
      return {};
    }
    pattern.words.push_back(**number);
  }
  std::vector<std::int64_t> completions;
  if (text.is_prefix) {
    auto found = dictionary.FindPrefix(text.words.back(), completions_left_ + 1);
    if (!found) {
      return std::move(found).error();
    }
    completions = *std::move(found);
    if (completions.size() > completions_left_) {
      return Error(ErrorCode::kUnprocessable,
                   "The filter's prefixes, up to " + Excerpt(text.words.back()) +
                       ", stand for too many words; make them longer or fewer.");
    }
    completions_left_ -= completions.size();
    if (completions.empty()) {
      return {};
    }
    pattern.prefix = RangeSet(SingleValues(completions));
  }
  if (!is_whole_value_ && text.words.size() == 1) {
    const auto alone = SingleValues(text.is_prefix ? completions : pattern.words);
    decisive_ranges_.insert(decisive_ranges_.end(), alone.begin(), alone.end());
    return {};
  }
  const auto number = static_cast<std::uint32_t>(patterns_.size());
  if (pattern.words.empty()) {
    for (const std::int64_t word : completions) {
      anchors_.emplace_back(word, number);
    }
  } else {
    anchors_.emplace_back(pattern.words.front(), number);
  }
  patterns_.push_back(std::move(pattern));
  return {};
}

Result<DocumentSet> WordMatcher::Select(SearchContext& context, cache::ColumnNumber words_column,
                                        const DocumentSet& within) const {
  DocumentSet matches = context.EmptySet();
  if (words_column == cache::ColumnNumber{} ||
      (decisive_words_.IsEmpty() && anchor_words_.IsEmpty())) {
    return matches;
  }
  const auto pages = context.Pages(words_column);
  if (!pages) {
    return pages.error();
  }
  const cache::PageShape shape = cache::ShapeOf(words_column);
  const std::uint32_t page_words = cache::DocumentsPerPage(shape) / 64;
  // Large enough for either shape.
  std::array<std::uint64_t, DocumentSet::kWordsPerWidePage> candidates{};
  std::vector<std::int64_t> element;
  const std::uint32_t count = std::min((*pages)->page_count(), within.PageCount(shape));
  for (std::uint32_t number = 0; number < count; ++number) {
    if (number % kWordPagesPerDeadlineCheck == 0 && context.IsExpired()) {
      return DeadlinePassed();
    }
    const cache::ColumnPage* page = (*pages)->Find(number);
    if (page == nullptr) {
      continue;
    }
    const std::uint64_t* selection = within.WordsOfPage(shape, number);
    std::uint64_t* page_matches = matches.WordsOfPage(shape, number);
    decisive_words_.Select(*page, page_words, selection, page_matches);
    if (anchors_.empty()) {
      continue;
    }
    candidates.fill(0);
    anchor_words_.Select(*page, page_words, selection, candidates.data());
    for (std::uint32_t i = 0; i < page_words; ++i) {
      candidates[i] &= ~page_matches[i];
    }
    page->ForEachDocument(candidates.data(), [&](std::uint32_t offset, const auto& values) {
      if (Matches(values, element)) {
        page_matches[offset / 64] |= std::uint64_t{1} << (offset % 64);
      }
    });
  }
  return matches;
}

bool WordMatcher::Matches(const cache::ColumnValues& values,
                          std::vector<std::int64_t>& element) const {
  element.clear();
  for (std::uint32_t i = 0; i < values.size(); ++i) {
    const std::int64_t word = values[i];
    if (word != kWordSeparator) {
      element.push_back(word);
      continue;
    }
    if (MatchesElement(element)) {
      return true;
    }
    element.clear();
  }
  return MatchesElement(element);
}

bool WordMatcher::MatchesElement(std::vector<std::int64_t>& element) const {
  if (element.empty()) {
    return false;
  }
  const auto any_pattern = [&](std::int64_t word, auto&& holds) {
    auto anchor = std::lower_bound(anchors_.begin(), anchors_.end(), std::pair(word, 0U));
    for (; anchor != anchors_.end() && anchor->first == word; ++anchor) {
      if (holds(patterns_[anchor->second])) {
        return true;
      }
    }
    return false;
  };
  if (is_whole_value_) {
    return any_pattern(element.front(),
                       [&](const Pattern& pattern) { return IsWhole(pattern, element); });
  }
  // Sorted and each word once, so that a long text full of one word costs no square.
  std::sort(element.begin(), element.end());
  element.erase(std::unique(element.begin(), element.end()), element.end());
  return std::any_of(element.begin(), element.end(), [&](std::int64_t word) {
    return any_pattern(word, [&](const Pattern& pattern) { return IsContained(pattern, element); });
  });
}

bool WordMatcher::IsWhole(const Pattern& pattern, const std::vector<std::int64_t>& element) const {
  const std::size_t words = pattern.words.size();
  if (element.size() < words ||
      !std::equal(pattern.words.begin(), pattern.words.end(), element.begin())) {
    return false;
  }
  return pattern.has_prefix ? element.size() > words && pattern.prefix.Contains(element[words])
                            : element.size() == words;
}

bool WordMatcher::IsContained(const Pattern& pattern,
                              const std::vector<std::int64_t>& sorted) const {
  const bool has_words = std::all_of(
      pattern.words.begin(), pattern.words.end(),
      [&](std::int64_t word) { return std::binary_search(sorted.begin(), sorted.end(), word); });
  return has_words &&
         (!pattern.has_prefix || std::any_of(sorted.begin(), sorted.end(), [&](std::int64_t word) {
           return pattern.prefix.Contains(word);
         }));
}

}  // namespace cacheindex::index
