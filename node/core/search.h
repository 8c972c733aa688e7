#pragma once

#include <cstdint>
#include <functional>
#include <limits>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "node/core/highlight.h"

namespace cacheindex {

/// Hits of one page, at most (api/README.md 2.1: "Only upto 250 hits can be fetched per page.").
inline constexpr std::uint32_t kHitsPerPageMax = 250;

/// Words that stand for each other in queries.
struct SynonymRule {
  /// The only words that the others stand for; empty when all of them mean the same.
  std::string root;
  std::vector<std::string> synonyms;
  /// Characters that count as words of their own in what the rule stands for, besides those of the
  /// fields: `c++` then has no synonyms where only `c` is asked for.
  std::vector<std::string> symbols;

  bool operator==(const SynonymRule&) const = default;
};

/// A document that stands at a fixed place of the result, counted from 1.
struct PinnedHit {
  std::string id;
  std::uint32_t position = 1;

  bool operator==(const PinnedHit&) const = default;
};

/// A filter that must hold besides `filter_by`: an expression of its own, so that neither of the
/// two can change what the other one means.
struct FurtherFilter {
  std::string expression;
  /// Pinned documents are shown whatever it says, unless `filter_curated_hits` asks otherwise.
  bool spares_pinned = false;

  bool operator==(const FurtherFilter&) const = default;
};

/// What the key that came with a search shows of documents: a projection, as index/documents/
/// projection.h says, that holds for everything in the answer.
struct KeyScope {
  /// Empty: all that `exclude_fields` does not name.
  std::vector<std::string> include_fields;
  std::vector<std::string> exclude_fields;

  // What of the request is not the sender's but comes from who made the key, and so may name what
  // the key hides.
  bool chose_query_by = false;
  bool chose_filter_by = false;
  bool chose_sort_by = false;
  /// `pinned_hits` and `hidden_hits`.
  bool chose_hits = false;

  bool HidesAny() const noexcept { return !include_fields.empty() || !exclude_fields.empty(); }
  // NOLINTNEXTLINE(modernize-use-nullptr): misfires on a defaulted comparison.
  bool operator==(const KeyScope&) const = default;
};

/// Words that queries leave out, in their normal form (index/words/tokenizer.h).
using Stopwords = std::set<std::string, std::less<>>;

/// What words come from, in their normal form, of one stemming dictionary.
struct StemmingDictionary {
  std::map<std::string, std::string, std::less<>> roots;
  /// By root.
  std::multimap<std::string, std::string, std::less<>> words;
};
/// By name.
using StemmingDictionaries =
    std::map<std::string, std::shared_ptr<const StemmingDictionary>, std::less<>>;

/// What a storefront asks for. Lists are split and numbers are parsed; the small languages inside
/// (`filter_by`, `sort_by`, `facet_by`) are still text, because only the schema gives them meaning.
/// Defaults are the contract's (api/README.md 2.2).
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
  /// By rarity, when nobody asks: the words that say least first.
  enum class DropTokens { kByRarity, kRightToLeft, kLeftToRight, kBothSides };
  DropTokens drop_tokens_mode = DropTokens::kByRarity;
  /// With kBothSides, only queries of at most this many words try both ends.
  std::uint32_t drop_tokens_words_max = 3;
  bool exhaustive_search = false;
  /// Null: none.
  std::shared_ptr<const Stopwords> stopwords;
  /// Name of the set above, as the request has it; empty: none is asked for.
  std::string stopwords_name;
  /// What the fields' `stem_dictionary` may name; null: none.
  std::shared_ptr<const StemmingDictionaries> stemming;

  // How far what is found may be from what was asked.
  /// Edits of one word; empty (2 for all), one for all, or one for each of `query_by`.
  std::vector<std::uint32_t> num_typos;
  /// Characters of a word that may have one edit, and two, at least.
  std::uint32_t min_len_1typo = 4;
  std::uint32_t min_len_2typo = 7;
  /// Typos are looked for when fewer documents match; 0: never.
  std::uint32_t typo_tokens_threshold = 1;
  bool enable_typos_for_numerical_tokens = true;
  bool enable_typos_for_alpha_numerical_tokens = true;
  /// When words are split in two or joined with the next one.
  enum class SplitJoin { kOff, kFallback, kAlways };
  SplitJoin split_join_tokens = SplitJoin::kFallback;
  /// Words that one word with typos stands for, at most; absent: as many as the collection's size
  /// allows.
  std::optional<std::uint32_t> max_candidates;
  /// When the first word may stand inside a longer one.
  enum class Infix { kOff, kFallback, kAlways };
  /// Empty (all off), one for all, or one for each of `query_by`.
  std::vector<Infix> infix;
  /// Characters of the longer word before and after what stands inside, at most.
  std::uint32_t max_extra_prefix = std::numeric_limits<std::uint32_t>::max();
  std::uint32_t max_extra_suffix = std::numeric_limits<std::uint32_t>::max();

  // Synonyms of the query's words, and how they match.
  std::vector<SynonymRule> synonyms;
  bool enable_synonyms = true;
  /// Besides those of the collection; resolved to `synonyms` before the index sees the request.
  std::vector<std::string> synonym_sets;
  bool synonym_prefix = false;
  std::uint32_t synonym_num_typos = 0;
  bool demote_synonym_match = false;

  // What makes one match better than another.
  enum class TextMatchType { kMaxScore, kMaxWeight, kSumScore };
  TextMatchType text_match_type = TextMatchType::kMaxScore;
  bool prioritize_exact_match = true;
  bool prioritize_token_position = false;
  bool prioritize_num_matching_fields = true;

  // Among what, in which order.
  std::string filter_by;
  /// When false, unknown names of fields are no mistakes: a comparison with one matches nothing, a
  /// query of none finds nothing, and elsewhere they are left out.
  bool validate_field_names = true;
  std::vector<FurtherFilter> further_filters;
  std::string sort_by;

  // What a merchandiser puts first or leaves out (api/README.md 2.8). Rules and sets are resolved
  // before the index sees the request; the index only shows and hides the documents named here.
  std::vector<PinnedHit> pinned_hits;
  std::vector<std::string> hidden_hits;
  bool filter_curated_hits = false;
  bool enable_curations = true;
  std::vector<std::string> curation_tags;
  /// Besides those of the collection.
  std::vector<std::string> curation_sets;

  // What to count.
  std::string facet_by;
  std::string facet_query;
  std::uint32_t facet_query_num_typos = 2;
  std::uint32_t max_facet_values = 10;
  /// Nested facet fields whose values are shown with the object they stand in; `*` and `a.*` too.
  std::vector<std::string> facet_return_parent;

  // In which groups.
  /// Empty: no grouping. Then pages hold groups instead of hits.
  std::vector<std::string> group_by;
  /// Hits shown of one group.
  std::uint32_t group_limit = 3;
  /// Documents without a value form one group; else each of them forms its own.
  bool group_missing_values = true;

  // Which part of the result.
  std::uint32_t page = 1;
  std::uint32_t per_page = 10;
  /// When set, counts hits to skip and replaces `page`.
  std::optional<std::uint32_t> offset;
  std::uint32_t limit_hits = 1'000'000;
  std::vector<std::string> include_fields;
  std::vector<std::string> exclude_fields;
  /// Of everything else in this request, too.
  KeyScope scope;

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

  // Whether an earlier answer will do, as long as nothing that it came from has changed.
  bool use_cache = false;
  std::uint32_t cache_ttl_s = 60;

  // NOLINTNEXTLINE(modernize-use-nullptr): misfires on a defaulted comparison.
  bool operator==(const SearchRequest&) const = default;
};

/// Which part of the merged results of several searches to show; replaces the pages that the
/// searches themselves ask for.
struct UnionRequest {
  std::uint32_t page = 1;
  std::uint32_t per_page = 10;
  /// When set, counts hits to skip and replaces `page`.
  std::optional<std::uint32_t> offset;
  std::uint32_t limit_hits = 1'000'000;
  /// Documents that several searches found are shown once.
  bool remove_duplicates = true;
};

/// Why a hit stands where it stands. Only the order of `score` is a promise.
struct TextMatch {
  std::int64_t score = 0;
  std::int64_t best_field_score = 0;
  std::uint32_t best_field_weight = 0;
  std::uint32_t fields_matched = 0;
  std::uint32_t tokens_matched = 0;
  std::uint32_t num_tokens_dropped = 0;
  /// 0 when every word was found as asked; grows with each typo and each longer word.
  std::uint32_t typo_prefix_score = 0;
};

/// How far a hit is from the point that `sort_by` names.
struct GeoDistance {
  std::string field;
  std::uint64_t meters = 0;
};

struct SearchHit {
  /// JSON object, projected, ready to be copied into the answer.
  std::string document;
  Highlights highlights;
  /// Pinned by a rule or by `pinned_hits`; then there is no `text_match`.
  bool is_curated = false;
  /// Absent when there was no query (`q=*`) to match.
  std::optional<TextMatch> text_match;
  /// One for each geopoint of `sort_by` that the document has.
  std::vector<GeoDistance> geo_distances;
};

/// Hits with the same values in the fields of `group_by`.
struct SearchGroup {
  /// JSON array of the values.
  std::string key;
  /// Found documents of this group, also those that `hits` leaves out.
  std::uint64_t found = 0;
  std::vector<SearchHit> hits;
};

struct FacetValue {
  std::string value;
  /// `value` with the part that `facet_query` matched marked up.
  std::string highlighted;
  std::uint64_t count = 0;
  /// JSON object that the value stands in, when `facet_return_parent` asks for it; else empty.
  std::string parent;
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
  /// Documents, or groups when there are any.
  std::uint64_t found = 0;
  /// Documents, when they are shown in groups; absent where no field of `group_by` exists.
  std::optional<std::uint64_t> found_documents;
  /// Documents in the collection.
  std::uint64_t out_of = 0;
  std::vector<SearchHit> hits;
  /// Instead of hits, when there is a `found_documents`.
  std::vector<SearchGroup> groups;
  /// What was looked for when a curation rule changed the query.
  std::optional<std::string> query;
  /// JSON object that the applied curation rules carry; empty when there is none.
  std::string metadata;
  std::vector<FacetCounts> facet_counts;
  /// The deadline passed; what is here is incomplete.
  bool search_cutoff = false;
  std::uint32_t search_time_ms = 0;
};

/// The merged results of several searches, all of it from one snapshot.
struct UnionPage {
  AnswerPositions positions;
  /// Documents, or groups when there are any.
  std::uint64_t found = 0;
  /// Documents, when they are shown in groups; absent where no field of `group_by` exists.
  std::optional<std::uint64_t> found_documents;
  /// Documents in the collections searched.
  std::uint64_t out_of = 0;
  struct Hit {
    SearchHit hit;
    /// Which of the searches found it.
    std::uint32_t search = 0;
  };
  std::vector<Hit> hits;
  struct Group {
    /// As SearchGroup has them.
    std::string key;
    std::uint64_t found = 0;
    std::vector<Hit> hits;
  };
  /// Instead of hits, when there is a `found_documents`.
  std::vector<Group> groups;
  /// Merged, one for each field that a search counts.
  std::vector<FacetCounts> facet_counts;
  struct Part {
    /// The real name.
    std::string collection_name;
    /// Documents that this search found by itself.
    std::uint64_t found = 0;
    /// What was looked for when a curation rule changed the query.
    std::optional<std::string> query{};
  };
  /// One for each search.
  std::vector<Part> parts;
  bool search_cutoff = false;
  std::uint32_t search_time_ms = 0;
};

}  // namespace cacheindex
