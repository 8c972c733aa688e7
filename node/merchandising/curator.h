#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "node/core/json.h"
#include "node/core/result.h"
#include "node/core/search.h"
#include "node/merchandising/curation_rule.h"

namespace cacheindex::node {

/// Applies curation rules to one search: it rewrites the request, and keeps what the answer must
/// say of it.
///
/// A rule sees what the rules before it made of the query. Documents that the request itself pins
/// or hides win over what rules say of them. Threads: one at a time.
class Curator {
 public:
  /// Values that are looked up for the placeholders of all rules of one search, at most.
  static constexpr std::uint32_t kLookupsMax = 200;
  /// Words of a value that a placeholder can stand for, at most.
  static constexpr std::size_t kValueWordsMax = 5;

  /// Answers whether a filter for this text would find a value of the field.
  using IsValue = std::function<Result<bool>(std::string_view field, std::string_view text)>;

  /// `request` and `is_value` must outlive the curator.
  Curator(SearchRequest& request, const IsValue& is_value, std::int64_t unix_seconds);

  /// Applies the rules in their order; returns whether others may follow.
  /// Errors: those of `is_value`.
  Result<bool> Apply(std::span<const CurationRule> rules);

  /// Brings pinned and hidden documents into the request. Call it once, after all rules.
  void Finish();

  /// JSON object of the metadata of all applied rules; empty when there is none.
  std::string metadata() const { return metadata_.empty() ? std::string() : DumpJson(metadata_); }

 private:
  /// The part of the query that a rule's query matched, as indexes of words, and what its
  /// placeholders stood for.
  struct Match {
    std::size_t begin = 0;
    std::size_t end = 0;
    std::map<std::string, std::string, std::less<>> values;
  };
  void ReadWords();
  /// Whether a sign belongs to the word at the other side of `word`'s beginning: no part of c++ is
  /// a part of the query.
  bool IsInsideWord(std::size_t word) const;
  bool MatchesBesidesQuery(const CurationRule& rule) const;
  Result<std::optional<Match>> FindMatch(const CurationRule& rule);
  Result<bool> MatchFrom(std::span<const QueryPart> parts, std::size_t word, bool to_the_end,
                         Match& match);
  Result<bool> MatchValue(std::span<const QueryPart> parts, std::size_t word, bool to_the_end,
                          Match& match);
  void ApplyRule(const CurationRule& rule, const Match& match, std::string filter);
  void RemoveWords(const Match& match);

  SearchRequest& request_;
  const IsValue& is_value_;
  const std::int64_t unix_seconds_;
  std::uint32_t lookups_ = 0;
  std::vector<QueryWord> words_;
  std::vector<PinnedHit> pinned_;
  std::vector<std::string> hidden_;
  Json metadata_ = Json::object();
};

}  // namespace cacheindex::node
