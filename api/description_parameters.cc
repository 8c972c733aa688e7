#include <algorithm>
#include <array>

#include "api/description.h"

namespace cacheindex::api {
namespace {

constexpr std::array kSearch = {
    ParameterDescription{"q", "string", "What to find; `*` or nothing finds everything."},
    ParameterDescription{"query_by", "string", "Fields to look in, the most important first."},
    ParameterDescription{"query_by_weights", "string", "A weight for each field of query_by."},
    ParameterDescription{"prefix", "string", "Whether the last word may go on; one or per field."},
    ParameterDescription{"infix", "string", "off, always or fallback; one or per field."},
    ParameterDescription{"max_extra_prefix", "integer",
                         "Characters before what infix finds inside a word, at most."},
    ParameterDescription{"max_extra_suffix", "integer",
                         "Characters after what infix finds inside a word, at most."},
    ParameterDescription{"stopwords", "string", "A set of words to leave out of the query."},
    ParameterDescription{"num_typos", "string", "Edits that a word may have; one or per field."},
    ParameterDescription{"min_len_1typo", "integer", "Characters of a word that may have an edit."},
    ParameterDescription{"min_len_2typo", "integer", "Characters of a word that may have two."},
    ParameterDescription{"typo_tokens_threshold", "integer",
                         "Look for typos when fewer documents match; 0 never."},
    ParameterDescription{"enable_typos_for_numerical_tokens", "boolean", "Edits in numbers."},
    ParameterDescription{"enable_typos_for_alpha_numerical_tokens", "boolean",
                         "Edits in words with digits."},
    ParameterDescription{"drop_tokens_threshold", "integer",
                         "Leave words out when fewer documents match; 0 never."},
    ParameterDescription{"drop_tokens_mode", "string",
                         "right_to_left, left_to_right or both_sides:N."},
    ParameterDescription{"split_join_tokens", "string", "Look for split and joined words.",
                         "off fallback always"},
    ParameterDescription{"max_candidates", "integer", "Words that one word may stand for."},
    ParameterDescription{"exhaustive_search", "boolean", "Look at everything, however long."},
    ParameterDescription{"text_match_type", "string", "What of several fields counts.",
                         "max_score max_weight sum_score"},
    ParameterDescription{"prioritize_exact_match", "boolean", "Whole values first."},
    ParameterDescription{"prioritize_token_position", "boolean", "Early words first."},
    ParameterDescription{"prioritize_num_matching_fields", "boolean", "Many fields first."},
    ParameterDescription{"enable_synonyms", "boolean", "Whether synonyms count."},
    ParameterDescription{"synonym_sets", "string", "Sets besides those of the collection."},
    ParameterDescription{"synonym_prefix", "boolean", "Whether synonyms match prefixes."},
    ParameterDescription{"synonym_num_typos", "integer", "Edits that synonyms may have."},
    ParameterDescription{"demote_synonym_match", "boolean", "Synonyms after other matches."},
    ParameterDescription{"filter_by", "string", "What must hold."},
    ParameterDescription{"validate_field_names", "boolean", "Whether unknown fields are mistakes."},
    ParameterDescription{"sort_by", "string", "At most three keys."},
    ParameterDescription{"facet_by", "string", "Fields whose values are counted."},
    ParameterDescription{"max_facet_values", "integer", "Values of each facet."},
    ParameterDescription{"facet_query", "string", "field:text; only values that match."},
    ParameterDescription{"facet_query_num_typos", "integer", "Edits that facet_query may have."},
    ParameterDescription{"facet_return_parent", "string", "Facets shown with their objects."},
    ParameterDescription{"facet_strategy", "string", "Accepted; counts are always exact."},
    ParameterDescription{"facet_sample_percent", "integer", "Accepted; counts are always exact."},
    ParameterDescription{"facet_sample_threshold", "integer", "Accepted; counts are exact."},
    ParameterDescription{"facet_sample_slope", "integer", "Accepted; counts are exact."},
    ParameterDescription{"group_by", "string", "Fields whose equal values form a group."},
    ParameterDescription{"group_limit", "integer", "Hits of each group."},
    ParameterDescription{"group_missing_values", "boolean", "Whether no value is a value."},
    ParameterDescription{"page", "integer", "From 1."},
    ParameterDescription{"per_page", "integer", "Hits of a page, at most 250."},
    ParameterDescription{"offset", "integer", "Hits to skip, instead of page."},
    ParameterDescription{"limit", "integer", "As per_page."},
    ParameterDescription{"limit_hits", "integer", "How deep paging may go."},
    ParameterDescription{"include_fields", "string", "What to show of documents."},
    ParameterDescription{"exclude_fields", "string", "What not to show of documents."},
    ParameterDescription{"highlight_fields", "string", "Fields to mark up; none for none."},
    ParameterDescription{"highlight_full_fields", "string", "Fields to mark up as a whole."},
    ParameterDescription{"highlight_affix_num_tokens", "integer", "Words around a match."},
    ParameterDescription{"highlight_start_tag", "string", "Before what matched."},
    ParameterDescription{"highlight_end_tag", "string", "After what matched."},
    ParameterDescription{"snippet_threshold", "integer", "Values of fewer words are whole."},
    ParameterDescription{"enable_highlight_v1", "boolean", "The older list of highlights."},
    ParameterDescription{"pinned_hits", "string", "id:position,..."},
    ParameterDescription{"hidden_hits", "string", "Ids to leave out."},
    ParameterDescription{"filter_curated_hits", "boolean", "Whether pinned hits obey filters."},
    ParameterDescription{"enable_curations", "boolean", "Whether curation rules apply."},
    ParameterDescription{"enable_overrides", "boolean", "The older name of enable_curations."},
    ParameterDescription{"curation_sets", "string", "Sets besides those of the collection."},
    ParameterDescription{"curation_tags", "string", "Tags of rules that apply."},
    ParameterDescription{"override_tags", "string", "The older name of curation_tags."},
    ParameterDescription{"use_cache", "boolean", "Whether a remembered answer will do."},
    ParameterDescription{"cache_ttl", "integer", "Seconds; from scoped keys only."},
    ParameterDescription{"search_cutoff_ms", "integer", "When to stop; the node may sooner."},
    ParameterDescription{"vector_query", "string", "Refused: vectors are not searched."},
    ParameterDescription{"voice_query", "string", "Refused: speech is not understood."},
    ParameterDescription{"nl_query", "boolean", "Refused: sentences are not turned into searches."},
    ParameterDescription{"conversation", "boolean", "Refused: there are no conversations."},
    ParameterDescription{"preset", "string", "Name of parameters that fill in what is missing."},
};

constexpr ParameterDescription kAction{"action", "string", "What to do with a document.",
                                       "create upsert update emplace"};
constexpr ParameterDescription kDirtyValues{"dirty_values", "string",
                                            "What to do with values of another type.",
                                            "coerce_or_reject coerce_or_drop drop reject"};
constexpr ParameterDescription kFilterBy{"filter_by", "string", "Which documents."};
constexpr ParameterDescription kValidateFieldNames{"validate_field_names", "boolean",
                                                   "Whether unknown fields are mistakes."};
constexpr ParameterDescription kIncludeFields{"include_fields", "string", "What to show."};
constexpr ParameterDescription kExcludeFields{"exclude_fields", "string", "What not to show."};
constexpr ParameterDescription kLimit{"limit", "integer", "Elements to show."};
constexpr ParameterDescription kOffset{"offset", "integer", "Elements to skip."};

// What a search of many leaves out may stand in the query string for all of them.
constexpr auto kMultiSearch = [] {
  std::array<ParameterDescription, kSearch.size() + 1> all{};
  std::copy(kSearch.begin(), kSearch.end(), all.begin());
  all.back() = {"limit_multi_searches", "integer", "Searches at once, at most as the node says."};
  return all;
}();
constexpr std::array kWrite = {kAction, kDirtyValues};
constexpr std::array kImport = {
    kAction, kDirtyValues, ParameterDescription{"batch_size", "integer", "Accepted."},
    ParameterDescription{"return_id", "boolean", "Answer with ids."},
    ParameterDescription{"return_doc", "boolean", "Answer with documents."}};
constexpr std::array kExport = {kFilterBy, kValidateFieldNames, kIncludeFields, kExcludeFields};
constexpr std::array kFilter = {kFilterBy, kValidateFieldNames, kDirtyValues};
constexpr std::array kDelete = {kFilterBy, kValidateFieldNames,
                                ParameterDescription{"truncate", "boolean", "All documents."}};
constexpr std::array kProjection = {kIncludeFields, kExcludeFields};
constexpr std::array kBatch = {
    ParameterDescription{"ids", "string", "At most 1,000, with commas between them."},
    kIncludeFields, kExcludeFields};
constexpr std::array kPage = {kLimit, kOffset};
constexpr std::array kListCollections = {kLimit, kOffset, kExcludeFields};
constexpr std::array kCreateCollection = {
    ParameterDescription{"src_name", "string", "A collection whose schema is taken."},
    ParameterDescription{"copy_documents", "boolean", "Its documents too."}};
constexpr std::array kDeleteDocument = {
    ParameterDescription{"ignore_not_found", "boolean", "A missing document is no mistake."}};
constexpr std::array kSnapshot = {ParameterDescription{
    "snapshot_path", "string", "Where, on the node's machine; a place of its own when absent."}};
constexpr std::array kStemmingImport = {
    ParameterDescription{"id", "string", "The dictionary's name."}};

}  // namespace

std::span<const ParameterDescription> ParametersOf(ParameterGroup group) noexcept {
  switch (group) {
    case ParameterGroup::kNone:
      return {};
    case ParameterGroup::kSearch:
      return kSearch;
    case ParameterGroup::kMultiSearch:
      return kMultiSearch;
    case ParameterGroup::kWrite:
      return kWrite;
    case ParameterGroup::kImport:
      return kImport;
    case ParameterGroup::kExport:
      return kExport;
    case ParameterGroup::kFilter:
      return kFilter;
    case ParameterGroup::kDelete:
      return kDelete;
    case ParameterGroup::kProjection:
      return kProjection;
    case ParameterGroup::kBatch:
      return kBatch;
    case ParameterGroup::kPage:
      return kPage;
    case ParameterGroup::kListCollections:
      return kListCollections;
    case ParameterGroup::kCreateCollection:
      return kCreateCollection;
    case ParameterGroup::kDeleteDocument:
      return kDeleteDocument;
    case ParameterGroup::kSnapshot:
      return kSnapshot;
    case ParameterGroup::kStemmingImport:
      return kStemmingImport;
  }
  return {};
}

}  // namespace cacheindex::api
