#include "index/search/search_shared.h"

#include "index/match/text_matcher.h"

namespace cacheindex::index {
namespace {

// Bytes of found documents and scores that are remembered, at most.
constexpr std::size_t kRememberedBytesMax = std::size_t{64} << 20;

// Returns the part of a request that decides which documents it finds. What is not known to be of
// no account stays, so that a new parameter can only make less be shared.
SearchRequest WhatDecidesTheFound(SearchRequest request) {
  const SearchRequest none;
  request.sort_by = none.sort_by;
  request.facet_by = none.facet_by;
  request.facet_query = none.facet_query;
  request.facet_query_num_typos = none.facet_query_num_typos;
  request.max_facet_values = none.max_facet_values;
  request.facet_return_parent = none.facet_return_parent;
  request.group_limit = none.group_limit;
  request.group_missing_values = none.group_missing_values;
  request.page = none.page;
  request.per_page = none.per_page;
  request.offset = none.offset;
  request.limit_hits = none.limit_hits;
  request.include_fields = none.include_fields;
  request.exclude_fields = none.exclude_fields;
  request.highlight_fields = none.highlight_fields;
  request.highlight_full_fields = none.highlight_full_fields;
  request.highlight_affix_num_tokens = none.highlight_affix_num_tokens;
  request.highlight_start_tag = none.highlight_start_tag;
  request.highlight_end_tag = none.highlight_end_tag;
  request.snippet_threshold = none.snippet_threshold;
  request.enable_highlight_v1 = none.enable_highlight_v1;
  request.search_cutoff_ms = none.search_cutoff_ms;
  request.use_cache = none.use_cache;
  request.cache_ttl_s = none.cache_ttl_s;
  return request;
}

std::size_t BytesOf(const Found& found) {
  return found.documents.capacity() / 8 +
         found.matches.scores.documents.size() * (sizeof(DocumentNumber) + sizeof(std::int64_t));
}

// Returns those of `documents` that all filters let through.
Result<DocumentSet> FilterDocuments(SearchContext& context, const SearchPlan& plan,
                                    const DocumentSet& documents) {
  auto filtered = plan.filter.IsEmpty() ? Result<DocumentSet>(documents)
                                        : plan.filter.Evaluate(context, documents);
  return filtered ? EvaluateFurtherFilters(context, plan, *std::move(filtered))
                  : std::move(filtered);
}

// What matches the filters and the query.
Result<Found> MatchDocuments(SearchContext& context, const TextReader& text, WordLists& words,
                             const SearchPlan& plan) {
  auto documents = context.AllDocuments();
  DocumentFilter filter;
  if (documents && !plan.query.is_match_all && !plan.filter.IsEmpty() &&
      !plan.filter.NamesDocuments()) {
    filter = [&](const DocumentSet& among) { return FilterDocuments(context, plan, among); };
  } else if (documents) {
    documents = FilterDocuments(context, plan, *documents);
  }
  if (!documents) {
    return std::move(documents).error();
  }
  if (plan.query.is_match_all) {
    return Found{.documents = *std::move(documents), .matches = {}, .marked = {}, .pinned = {}};
  }
  if (plan.text_fields.empty()) {
    return Found{.documents = context.EmptySet(), .matches = {}, .marked = {}, .pinned = {}};
  }
  auto matches = MatchText(context, text, words, plan.query, plan.text_fields, *documents,
                           plan.text_options, filter);
  if (!matches) {
    return std::move(matches).error();
  }
  Found found{
      .documents = context.EmptySet(), .matches = *std::move(matches), .marked = {}, .pinned = {}};
  found.marked = MatchedWords(plan.query, found.matches);
  for (const DocumentNumber number : found.matches.scores.documents) {
    found.documents.Add(number);
  }
  return found;
}

Result<Found> FindDocuments(SearchContext& context, const TextReader& text, WordLists& words,
                            const SearchRequest& request, const SearchPlan& plan) {
  auto found = MatchDocuments(context, text, words, plan);
  if (!found) {
    return found;
  }
  auto pinned = Curate(context, request, plan, found->documents);
  if (!pinned) {
    return std::move(pinned).error();
  }
  found->pinned = *std::move(pinned);
  return found;
}

}  // namespace

Result<std::shared_ptr<const Found>> SharedSearch::Find(const SearchRequest& request,
                                                        const SearchPlan& plan) {
  if (!text_) {
    auto text = indexer_->OpenReader(collection_.number);
    if (!text) {
      return std::move(text).error();
    }
    text_ = *std::move(text);
  }
  SearchRequest key = WhatDecidesTheFound(request);
  for (const auto& [known, found] : remembered_) {
    if (known == key) {
      return found;
    }
  }
  auto found = FindDocuments(context_, *text_, *words_, request, plan);
  if (!found) {
    return std::move(found).error();
  }
  auto kept = std::make_shared<const Found>(*std::move(found));
  const std::size_t bytes = BytesOf(*kept);
  if (remembered_bytes_ + bytes <= kRememberedBytesMax) {
    remembered_bytes_ += bytes;
    remembered_.emplace_back(std::move(key), kept);
  }
  return kept;
}

void SharedSearch::Forget() {
  text_.reset();
  remembered_.clear();
  remembered_bytes_ = 0;
}

}  // namespace cacheindex::index
