#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace cacheindex {

/// Hits of one page, at most (API.md 2.1: "Only upto 250 hits can be fetched per page.").
inline constexpr std::uint32_t kHitsPerPageMax = 250;

/// What a storefront asks for. Lists are split and numbers are parsed; the small languages inside
/// (`filter_by`, `sort_by`, `facet_by`) are still text, because only the schema gives them meaning.
/// Defaults are the contract's (API.md 2.2).
struct SearchRequest {
  /// A collection's name or an alias.
  std::string collection;

  // What to find.
  std::string query;
  std::vector<std::string> query_by;
  /// Empty, or one for each of `query_by`.
  std::vector<std::uint32_t> query_by_weights;
  /// Empty (all true), one for all, or one for each of `query_by`: the last word may be a prefix.
  std::vector<bool> prefix;
  std::uint32_t drop_tokens_threshold = 1;
  enum class DropTokens { kRightToLeft, kLeftToRight, kBothSides };
  DropTokens drop_tokens_mode = DropTokens::kRightToLeft;
  /// With kBothSides, only queries of at most this many words try both ends.
  std::uint32_t drop_tokens_words_max = 3;
  bool exhaustive_search = false;

  // Among what, in which order.
  std::string filter_by;
  bool validate_field_names = true;
  std::string sort_by;

  // What to count.
  std::string facet_by;
  std::string facet_query;
  std::uint32_t max_facet_values = 10;

  // Which part of the result.
  std::uint32_t page = 1;
  std::uint32_t per_page = 10;
  /// When set, counts hits to skip and replaces `page`.
  std::optional<std::uint32_t> offset;
  std::uint32_t limit_hits = 1'000'000;
  std::vector<std::string> include_fields;
  std::vector<std::string> exclude_fields;

  // How to show it.
  /// Empty means the fields of `query_by`; the single value "none" means no highlighting.
  std::vector<std::string> highlight_fields;
  std::vector<std::string> highlight_full_fields;
  std::uint32_t highlight_affix_num_tokens = 4;
  std::string highlight_start_tag = "<mark>";
  std::string highlight_end_tag = "</mark>";
  /// Values of fewer words are shown whole.
  std::uint32_t snippet_threshold = 30;
  bool enable_highlight_v1 = true;

  std::uint32_t search_cutoff_ms = 30'000;
};

/// One marked-up value of one field of one hit.
struct HighlightFragment {
  /// Which element of an array field; 0 for a plain one.
  std::uint32_t index = 0;
  std::string snippet;
  /// The whole marked-up value, for fields of `highlight_full_fields`.
  std::optional<std::string> value;
  /// The words as they stand in the value.
  std::vector<std::string> matched_tokens;
};

/// The marked-up values of one field of one hit; only fields in which something matched appear.
struct FieldHighlight {
  /// Dotted path, e.g. "brand.name".
  std::string field;
  bool is_array = false;
  std::vector<HighlightFragment> fragments;
};

/// Why a hit stands where it stands. Only the order of `score` is a promise.
struct TextMatch {
  std::int64_t score = 0;
  std::int64_t best_field_score = 0;
  std::uint32_t best_field_weight = 0;
  std::uint32_t fields_matched = 0;
  std::uint32_t tokens_matched = 0;
  std::uint32_t num_tokens_dropped = 0;
};

struct SearchHit {
  /// JSON object, projected, ready to be copied into the answer.
  std::string document;
  std::vector<FieldHighlight> highlights;
  /// Absent when there was no query (`q=*`) to match.
  std::optional<TextMatch> text_match;
};

struct FacetValue {
  std::string value;
  /// `value` with the part that `facet_query` matched marked up.
  std::string highlighted;
  std::uint64_t count = 0;
};

/// Of a numeric field, over all values of all found documents.
struct FacetStatistics {
  double minimum = 0;
  double maximum = 0;
  double sum = 0;
  double average = 0;
};

struct FacetCounts {
  std::string field_name;
  std::vector<FacetValue> counts;
  std::optional<FacetStatistics> statistics;
  /// Different values among the found documents, also those that `counts` leaves out.
  std::uint64_t total_values = 0;
};

/// The positions that one answer reflects, as the headers X-Position and X-Search-Position show
/// them.
struct AnswerPositions {
  std::string documents;
  std::string search;
};

/// An answer, all of it from one snapshot.
struct SearchPage {
  AnswerPositions positions;
  /// The real name, also when the request used an alias.
  std::string collection_name;
  std::uint64_t found = 0;
  /// Documents in the collection.
  std::uint64_t out_of = 0;
  std::vector<SearchHit> hits;
  std::vector<FacetCounts> facet_counts;
  /// The deadline passed; what is here is incomplete.
  bool search_cutoff = false;
  std::uint32_t search_time_ms = 0;
};

}  // namespace cacheindex
