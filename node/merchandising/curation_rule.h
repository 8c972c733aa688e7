#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "node/core/json.h"
#include "node/core/result.h"
#include "node/core/search.h"

namespace cacheindex::node {

/// One word or sign of a rule's query, or a placeholder for the words of one value of a field.
struct QueryPart {
  bool is_placeholder = false;
  /// Normalised, or the field's name.
  std::string text;

  bool operator==(const QueryPart&) const = default;
};

/// One curation rule (api/README.md 2.8): when it applies, and what it then does to a search.
struct CurationRule {
  enum class Match { kAlways, kExact, kContains, kBrowse };
  static constexpr std::int64_t kAlwaysFrom = INT64_MIN;
  static constexpr std::int64_t kAlwaysTo = INT64_MAX;

  std::string id;
  // When.
  Match match = Match::kAlways;
  /// Of `{brand} shoes`; not of `*`, which means a search without words (kBrowse). When it is
  /// empty, no search has it.
  std::vector<QueryPart> query;
  std::string when_filter_by;
  std::vector<std::string> tags;
  std::int64_t effective_from = kAlwaysFrom;
  std::int64_t effective_to = kAlwaysTo;

  // What.
  std::vector<PinnedHit> includes;
  std::vector<std::string> excludes;
  /// With the placeholders of `query`.
  std::string filter_by;
  std::string sort_by;
  std::string replace_query;
  bool remove_matched_tokens = false;
  bool filter_curated_hits = false;
  bool stop_processing = true;
  /// Null when there is none.
  Json metadata;
};

/// A word or sign of a query (index/words/readings.h), in the order in which they were written: c++
/// is c, + and +, wherever fields index their symbols.
struct QueryWord {
  /// Normalised.
  std::string text;
  /// Bytes of the query.
  std::size_t begin = 0;
  std::size_t end = 0;
  bool is_sign = false;
};

std::vector<QueryWord> QueryWords(std::string_view query);

/// Whether the query asks for everything.
bool IsBrowse(std::string_view query);

/// Reads one rule as a client sent it; returns what is kept and shown, with defaults filled in.
/// Errors: kInvalidArgument naming the member.
Result<Json> ReadCuration(std::string_view id, const Json& body);

/// Returns the rule that `item` spells, which ReadCuration returned.
CurationRule MakeCurationRule(const Json& item);

}  // namespace cacheindex::node
