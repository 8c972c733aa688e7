#include "index/text_marker.h"

#include <algorithm>
#include <bit>
#include <utility>

#include "index/highlighter.h"

namespace cacheindex::index {
namespace {

bool IsContinuation(char byte) { return (static_cast<unsigned char>(byte) & 0xC0U) == 0x80U; }

// The start of `text`, cut between characters.
std::string_view Head(std::string_view text, std::size_t bytes_max) {
  if (text.size() <= bytes_max) {
    return text;
  }
  while (bytes_max > 0 && IsContinuation(text[bytes_max])) {
    --bytes_max;
  }
  return text.substr(0, bytes_max);
}

}  // namespace

std::optional<HighlightFragment> TextMarker::Mark(std::string_view text, const Options& options) {
  const std::string_view head = Head(text, kHighlightBytesMax);
  Find(head, options.is_prefix);
  if (hits_.empty()) {
    return std::nullopt;
  }
  HighlightFragment fragment;
  const std::size_t words = tokens_.back().group + std::size_t{1};
  const Range whole{0, text.size()};
  const bool is_short = words < request_->snippet_threshold && head.size() == text.size();
  fragment.snippet = Render(text, is_short ? whole : ChooseSnippet(text));
  if (options.is_full) {
    fragment.value = Render(text, whole);
  }
  for (const Hit& hit : hits_) {
    std::string word(text.substr(hit.words.begin, hit.words.end - hit.words.begin));
    auto& matched = fragment.matched_tokens;
    if (std::find(matched.begin(), matched.end(), word) == matched.end()) {
      matched.push_back(std::move(word));
    }
  }
  return fragment;
}

std::size_t TextMarker::MatchedTokens(std::size_t token, const QueryUnit& unit,
                                      bool is_prefix) const {
  const std::size_t size = unit.words.size();
  if (token + size > tokens_.size()) {
    return 0;
  }
  if (unit.is_prefix && is_prefix) {
    return tokens_[token].word.starts_with(unit.words.front()) ? 1 : 0;
  }
  for (std::size_t i = 0; i < size; ++i) {
    if (tokens_[token + i].word != unit.words[i]) {
      return 0;
    }
  }
  return size;
}

void TextMarker::Find(std::string_view text, bool is_prefix) {
  Tokenizer::OfThread().Tokenize(text, tokens_);
  hits_.clear();
  for (std::size_t i = 0; i < tokens_.size();) {
    // The longest match wins: a phrase before one of its words.
    std::size_t longest = 0;
    std::size_t unit = 0;
    for (std::size_t candidate = 0; candidate < query_->units.size(); ++candidate) {
      const std::size_t matched = MatchedTokens(i, query_->units[candidate], is_prefix);
      if (matched > longest) {
        longest = matched;
        unit = candidate;
      }
    }
    for (std::size_t k = i; k < i + longest; ++k) {
      const Token& token = tokens_[k];
      const std::string& word = query_->units[unit].words[k - i];
      Hit hit{.marked = {token.begin, token.end},
              .words = {token.begin, token.end},
              .group = token.group,
              .unit = unit};
      if (token.word.size() > word.size()) {
        hit.marked.end = PrefixEnd(text, token, word.size());
      }
      // Characters of one Han word share their tags.
      if (k > i && !hits_.empty() && hits_.back().marked.end == token.begin) {
        hits_.back().marked.end = hit.marked.end;
        hits_.back().words.end = hit.words.end;
      } else if (hits_.empty() || hits_.back().marked.begin != hit.marked.begin) {
        hits_.push_back(hit);
      }
    }
    i += std::max<std::size_t>(longest, 1);
  }
}

std::size_t TextMarker::PrefixEnd(std::string_view text, const Token& token,
                                  std::size_t prefix_bytes) {
  const std::string_view source = text.substr(token.begin, token.end - token.begin);
  const bool is_ascii = std::all_of(source.begin(), source.end(), [](char byte) {
    return static_cast<unsigned char>(byte) < 0x80;
  });
  if (is_ascii && source.size() == token.word.size()) {
    return token.begin + prefix_bytes;
  }
  // Folding changed lengths: take characters until they fold to the prefix, and the marks that
  // belong to the last one.
  std::size_t end = token.end;
  std::size_t reached = 0;
  // Each step folds all from the start, so a mountain of combining marks is not climbed to its top.
  const std::size_t steps_max = std::min(source.size(), 8 * kWordBytesMax);
  for (std::size_t i = 1; i <= steps_max; ++i) {
    if (i < source.size() && IsContinuation(source[i])) {
      continue;
    }
    Tokenizer::OfThread().Tokenize(source.substr(0, i), prefix_tokens_);
    const std::size_t folded = prefix_tokens_.empty() ? 0 : prefix_tokens_.front().word.size();
    if (reached != 0 && folded != reached) {
      break;
    }
    if (folded >= prefix_bytes) {
      reached = folded;
      end = token.begin + i;
    }
  }
  return end;
}

TextMarker::Range TextMarker::ChooseSnippet(std::string_view text) const {
  const std::uint32_t affix =
      std::min(request_->highlight_affix_num_tokens, kHighlightAffixWordsMax);
  std::size_t best_first = 0;
  std::size_t best_last = 0;
  std::pair<int, std::size_t> best{-1, 0};
  for (std::size_t first = 0; first < hits_.size(); ++first) {
    std::uint64_t units = 0;
    std::size_t last = first;
    for (std::size_t i = first;
         i < hits_.size() && hits_[i].group <= hits_[first].group + 2 * affix; ++i) {
      // A query has at most kQueryWordsMax units.
      units |= std::uint64_t{1} << (hits_[i].unit % kQueryWordsMax);
      last = i;
    }
    // More of the query, then more hits, then the earlier place.
    const std::pair value{std::popcount(units), last - first};
    if (value > best) {
      best = value;
      best_first = first;
      best_last = last;
    }
  }
  const std::uint32_t first_group =
      hits_[best_first].group - std::min(hits_[best_first].group, affix);
  const std::uint32_t last_group = hits_[best_last].group + affix;
  const auto before = [](const Token& token, std::uint32_t group) { return token.group < group; };
  const auto first = std::lower_bound(tokens_.begin(), tokens_.end(), first_group, before);
  const auto end = std::lower_bound(tokens_.begin(), tokens_.end(), last_group + 1, before);
  Range range{first->begin, std::prev(end)->end};
  // The first and the last words keep the punctuation around them.
  if (first == tokens_.begin()) {
    range.begin = 0;
  }
  if (end == tokens_.end() && text.size() <= kHighlightBytesMax) {
    range.end = text.size();
  }
  return range;
}

std::string TextMarker::Render(std::string_view text, Range range) const {
  std::string rendered;
  std::size_t at = range.begin;
  for (const Hit& hit : hits_) {
    if (hit.marked.begin < at || hit.marked.end > range.end) {
      continue;
    }
    rendered += text.substr(at, hit.marked.begin - at);
    rendered += request_->highlight_start_tag;
    rendered += text.substr(hit.marked.begin, hit.marked.end - hit.marked.begin);
    rendered += request_->highlight_end_tag;
    at = hit.marked.end;
  }
  rendered += text.substr(at, range.end - at);
  return rendered;
}

}  // namespace cacheindex::index
