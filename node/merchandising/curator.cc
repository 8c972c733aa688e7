#include "node/merchandising/curator.h"

#include <algorithm>
#include <utility>

namespace cacheindex::node {
namespace {

std::string WithoutBlanks(std::string_view text) {
  std::string dense(text);
  std::erase_if(dense, [](char byte) { return byte == ' ' || byte == '\t' || byte == '\n'; });
  return dense;
}

// A back-quote in a value must not end it.
std::string Escaped(std::string_view value) {
  std::string escaped;
  for (const char byte : value) {
    escaped += byte == '`' ? "\\`" : std::string(1, byte);
  }
  return escaped;
}

// Puts the values for the placeholders of a filter, quoted, so that they are values whatever they
// spell. nullopt when one has none.
std::optional<std::string> FillPlaceholders(
    std::string_view filter, const std::map<std::string, std::string, std::less<>>& values) {
  std::string filled;
  while (true) {
    const std::size_t begin = std::min(filter.find('{'), filter.size());
    const std::size_t end = filter.find('}', begin);
    // `field.{...}` is the grammar's own brace.
    const bool is_placeholder =
        end != std::string_view::npos && (begin == 0 || filter[begin - 1] != '.');
    if (begin == filter.size() || end == std::string_view::npos) {
      filled += filter;
      return filled;
    }
    if (!is_placeholder) {
      filled += filter.substr(0, begin + 1);
      filter.remove_prefix(begin + 1);
      continue;
    }
    const auto value = values.find(filter.substr(begin + 1, end - begin - 1));
    if (value == values.end()) {
      return std::nullopt;
    }
    const bool is_quoted = begin > 0 && filter[begin - 1] == '`';
    filled += filter.substr(0, begin);
    filled += is_quoted ? Escaped(value->second) : "`" + Escaped(value->second) + "`";
    filter.remove_prefix(end + 1);
  }
}

}  // namespace

Curator::Curator(SearchRequest& request, const IsValue& is_value, std::int64_t unix_seconds)
    : request_(request), is_value_(is_value), unix_seconds_(unix_seconds) {
  ReadWords();
}

void Curator::ReadWords() {
  words_.clear();
  if (IsBrowse(request_.query)) {
    return;
  }
  words_ = QueryWords(request_.query);
  for (QueryWord& word : words_) {
    const bool is_excluded = word.begin > 0 && request_.query[word.begin - 1] == '-' &&
                             (word.begin == 1 || request_.query[word.begin - 2] == ' ');
    if (is_excluded) {
      // No rule's word is empty, so this one matches none.
      word.text.clear();
    }
  }
}

bool Curator::IsInsideWord(std::size_t word) const {
  return word > 0 && word < words_.size() && words_[word].begin <= words_[word - 1].end &&
         (words_[word].is_sign || words_[word - 1].is_sign);
}

bool Curator::MatchesBesidesQuery(const CurationRule& rule) const {
  if (unix_seconds_ < rule.effective_from || unix_seconds_ > rule.effective_to) {
    return false;
  }
  if (!rule.when_filter_by.empty() &&
      WithoutBlanks(rule.when_filter_by) != WithoutBlanks(request_.filter_by)) {
    return false;
  }
  const auto is_asked = [&](const std::string& tag) {
    return std::ranges::find(request_.curation_tags, tag) != request_.curation_tags.end();
  };
  return rule.tags.empty() || is_asked("*") || std::ranges::any_of(rule.tags, is_asked);
}

Result<bool> Curator::MatchValue(std::span<const QueryPart> parts, std::size_t word,
                                 bool to_the_end, Match& match) {
  const std::string& field = parts.front().text;
  const std::size_t longest = std::min(kValueWordsMax, words_.size() - word);
  for (std::size_t count = longest; count > 0 && lookups_ < kLookupsMax; --count) {
    const auto words = std::span(words_).subspan(word, count);
    if (std::ranges::any_of(words, [](const QueryWord& each) { return each.text.empty(); })) {
      continue;
    }
    // As it was typed: what stands between words makes values different.
    const std::size_t begin = words.front().begin;
    std::string value = request_.query.substr(begin, words.back().end - begin);
    ++lookups_;
    auto is_value = is_value_(field, value);
    if (!is_value) {
      return is_value;
    }
    if (*is_value) {
      auto matches = MatchFrom(parts.subspan(1), word + count, to_the_end, match);
      if (!matches || *matches) {
        match.values[field] = std::move(value);
        return matches;
      }
    }
  }
  return false;
}

Result<bool> Curator::MatchFrom(std::span<const QueryPart> parts, std::size_t word, bool to_the_end,
                                Match& match) {
  for (; !parts.empty() && !parts.front().is_placeholder; parts = parts.subspan(1), ++word) {
    if (word == words_.size() || words_[word].text != parts.front().text) {
      return false;
    }
  }
  if (!parts.empty()) {
    return word < words_.size() ? MatchValue(parts, word, to_the_end, match) : Result<bool>(false);
  }
  match.end = word;
  return to_the_end ? word == words_.size() : !IsInsideWord(word);
}

Result<std::optional<Curator::Match>> Curator::FindMatch(const CurationRule& rule) {
  Match match;
  if (rule.match == CurationRule::Match::kAlways) {
    return std::optional(match);
  }
  if (rule.match == CurationRule::Match::kBrowse) {
    return IsBrowse(request_.query) ? std::optional(match) : std::nullopt;
  }
  if (rule.query.empty()) {
    return std::optional<Match>();
  }
  const bool is_exact = rule.match == CurationRule::Match::kExact;
  const std::size_t starts = is_exact ? std::min<std::size_t>(1, words_.size()) : words_.size();
  for (std::size_t begin = 0; begin < starts; ++begin) {
    if (IsInsideWord(begin)) {
      continue;
    }
    auto matches = MatchFrom(rule.query, begin, is_exact, match);
    if (!matches) {
      return std::move(matches).error();
    }
    if (*matches) {
      match.begin = begin;
      return std::optional(std::move(match));
    }
  }
  return std::optional<Match>();
}

Result<bool> Curator::Apply(std::span<const CurationRule> rules) {
  for (const CurationRule& rule : rules) {
    if (!MatchesBesidesQuery(rule)) {
      continue;
    }
    auto match = FindMatch(rule);
    if (!match) {
      return std::move(match).error();
    }
    auto filter = *match ? FillPlaceholders(rule.filter_by, (*match)->values) : std::nullopt;
    if (!filter) {
      continue;
    }
    ApplyRule(rule, **match, std::move(*filter));
    if (rule.stop_processing) {
      return false;
    }
  }
  return true;
}

void Curator::ApplyRule(const CurationRule& rule, const Match& match, std::string filter) {
  pinned_.insert(pinned_.end(), rule.includes.begin(), rule.includes.end());
  hidden_.insert(hidden_.end(), rule.excludes.begin(), rule.excludes.end());
  if (!filter.empty()) {
    request_.further_filters.push_back({.expression = std::move(filter), .spares_pinned = true});
  }
  if (!rule.sort_by.empty()) {
    request_.sort_by = rule.sort_by;
    request_.scope.chose_sort_by = true;
  }
  request_.filter_curated_hits |= rule.filter_curated_hits;
  if (!rule.metadata.is_null()) {
    metadata_.update(rule.metadata);
  }
  if (!rule.replace_query.empty()) {
    request_.query = rule.replace_query;
    ReadWords();
  } else if (rule.remove_matched_tokens && match.end > match.begin) {
    RemoveWords(match);
  }
}

void Curator::RemoveWords(const Match& match) {
  const std::size_t begin = words_[match.begin].begin;
  std::string left = request_.query.substr(0, begin);
  std::string right = request_.query.substr(words_[match.end - 1].end);
  left.erase(left.find_last_not_of(' ') + 1);
  right.erase(0, std::min(right.find_first_not_of(' '), right.size()));
  request_.query = left + (left.empty() || right.empty() ? "" : " ") + right;
  ReadWords();
  if (std::ranges::all_of(words_, &QueryWord::is_sign)) {
    request_.query = "*";
  }
}

void Curator::Finish() {
  const auto is_own = [&](const std::string& id) {
    return std::ranges::find(request_.pinned_hits, id, &PinnedHit::id) !=
           request_.pinned_hits.end();
  };
  std::erase_if(hidden_, is_own);
  std::erase_if(pinned_, [&](const PinnedHit& hit) { return is_own(hit.id); });
  request_.pinned_hits.insert(request_.pinned_hits.begin(), pinned_.begin(), pinned_.end());
  request_.hidden_hits.insert(request_.hidden_hits.end(), hidden_.begin(), hidden_.end());
}

}  // namespace cacheindex::node
