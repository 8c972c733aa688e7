#include "index/highlight/text_marker.h"

#include <algorithm>
#include <bit>
#include <utility>

#include "index/highlight/highlighter.h"
#include "index/words/character_forms.h"
#include "index/words/code_points.h"
#include "index/words/readings.h"

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

// Whether the token is `word`, or longer for a prefix, in one of its spellings.
bool IsWord(const Token& token, const std::string& word, bool is_prefix) {
  const auto is_spelling = [&](const std::string& spelling) {
    return is_prefix ? spelling.starts_with(word) : spelling == word;
  };
  return is_spelling(token.word) || (!token.written.empty() && is_spelling(token.written));
}

// Whether the tokens from `first` on are `words`; the last one may be longer for a prefix.
bool IsAt(const std::vector<Token>& tokens, std::size_t first,
          const std::vector<std::string>& words, bool is_prefix) {
  if (words.empty() || first + words.size() > tokens.size()) {
    return false;
  }
  const std::size_t last = words.size() - 1;
  for (std::size_t i = 0; i < last; ++i) {
    if (!IsWord(tokens[first + i], words[i], false)) {
      return false;
    }
  }
  return IsWord(tokens[first + last], words[last], is_prefix);
}

// Returns the end of the user-perceived character that reaches beyond `end`, or `end`.
std::size_t ClusterEnd(std::string_view text, std::size_t end) {
  while (end < text.size()) {
    std::size_t next = end;
    const CodePoint code_point = NextOfUtf8(text, next);
    if (code_point == kIllFormed || !Extends(code_point)) {
      break;
    }
    end = next;
  }
  return end;
}

}  // namespace

std::optional<HighlightFragment> TextMarker::Mark(std::string_view text, const Options& options) {
  const std::string_view head = Head(text, kHighlightBytesMax);
  Find(head, options);
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

TextMarker::Match TextMarker::LongestMatch(const std::vector<Token>& tokens, std::size_t first,
                                           bool is_prefix) const {
  Match longest;
  for (std::size_t i = 0; i < query_->units.size(); ++i) {
    const QueryUnit& unit = query_->units[i];
    for (const auto* words : {&unit.words, &unit.joined}) {
      if (words->size() > longest.size &&
          IsAt(tokens, first, *words, unit.is_prefix && is_prefix)) {
        longest = {.size = words->size(), .unit = i, .words = words};
      }
    }
  }
  return longest;
}

void TextMarker::Find(std::string_view text, const Options& options) {
  rules_ = options.rules;
  Tokenizer::OfThread().Tokenize(text, tokens_, *rules_);
  hits_.clear();
  FindIn(text, tokens_, options.is_prefix);
  if (JoinHyphens(tokens_, joined_tokens_)) {
    FindMore(text, joined_tokens_, options.is_prefix);
  }
  const bool has_infix_words =
      std::any_of(query_->units.begin(), query_->units.end(),
                  [](const QueryUnit& unit) { return unit.words.front().front() == kInfixMark; });
  if (has_infix_words) {
    FindMore(text, InfixWords(tokens_), false);
  }
  std::vector<Token> signs = Signs(text, tokens_);
  if (tokens_.empty()) {
    tokens_ = std::move(signs);
    FindIn(text, tokens_, false);
    return;
  }
  // Snippets are counted in words: a sign stands with the word before it.
  std::size_t word = 0;
  for (Token& sign : signs) {
    while (word + 1 < tokens_.size() && tokens_[word + 1].begin <= sign.begin) {
      ++word;
    }
    sign.group = tokens_[word].group;
  }
  FindMore(text, signs, false);
}

void TextMarker::FindMore(std::string_view text, const std::vector<Token>& tokens, bool is_prefix) {
  // What several readings have is marked as the first one has it.
  const std::size_t known = hits_.size();
  FindIn(text, tokens, is_prefix);
  std::size_t kept = known;
  for (std::size_t i = known; i < hits_.size(); ++i) {
    const bool overlaps = std::any_of(
        hits_.begin(), hits_.begin() + static_cast<std::ptrdiff_t>(known), [&](const Hit& hit) {
          return hit.words.begin < hits_[i].words.end && hits_[i].words.begin < hit.words.end;
        });
    if (!overlaps) {
      hits_[kept++] = hits_[i];
    }
  }
  hits_.resize(kept);
  std::sort(hits_.begin(), hits_.end(), [](const Hit& left, const Hit& right) {
    return left.marked.begin < right.marked.begin;
  });
}

void TextMarker::FindIn(std::string_view text, const std::vector<Token>& tokens, bool is_prefix) {
  for (std::size_t i = 0; i < tokens.size();) {
    const Match match = LongestMatch(tokens, i, is_prefix);
    if (match.size > 0) {
      AddHits(text, std::span(tokens).subspan(i, match.size), match);
    }
    i += std::max<std::size_t>(match.size, 1);
  }
}

void TextMarker::AddHits(std::string_view text, std::span<const Token> tokens, const Match& match) {
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    const Token& token = tokens[i];
    const std::string& word = (*match.words)[i];
    Hit hit{.marked = {token.begin, token.end},
            .words = {token.begin, token.end},
            .group = token.group,
            .unit = match.unit};
    if (token.word.size() > word.size()) {
      hit.marked.end = PrefixEnd(text, token, word.size());
    }
    // What was written as one shares its tags: the characters of a Han word, a model number.
    if (i > 0 && token.group == tokens[i - 1].group) {
      hits_.back().marked.end = hit.marked.end;
      hits_.back().words.end = hit.words.end;
    } else if (hits_.empty() || hits_.back().marked.begin != hit.marked.begin) {
      hits_.push_back(hit);
    }
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
    Tokenizer::OfThread().Tokenize(source.substr(0, i), prefix_tokens_, *rules_);
    // Several, when hyphens join them.
    std::size_t folded = 0;
    for (const Token& part : prefix_tokens_) {
      folded += part.word.size();
    }
    if (reached != 0 && folded != reached) {
      break;
    }
    if (folded >= prefix_bytes) {
      reached = folded;
      end = token.begin + i;
    }
  }
  return ClusterEnd(text.substr(0, token.end), end);
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
