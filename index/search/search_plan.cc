#include "index/search/search_plan.h"

#include <algorithm>
#include <string>
#include <utility>

namespace cacheindex::index {
namespace {

// Fields of one query, at most, after objects are replaced by their children.
constexpr std::size_t kQueryFieldsMax = 200;

// Edits of a word where the request does not say how many.
constexpr std::uint32_t kEditsDefault = 2;

bool IsSearchable(const Field& field) { return field.storage.words != cache::ColumnNumber{}; }

// Returns what `name` stands for: a string field, or all string fields inside an object.
// None when there is no such field and `names_are_checked` is false.
Result<std::vector<const Field*>> FindTextFields(const std::string& name,
                                                 const VisibleFields& visible,
                                                 bool names_are_checked) {
  const Field* field = visible.Find(name);
  if (field != nullptr && IsSearchable(*field)) {
    return std::vector{field};
  }
  std::vector<const Field*> children = visible.StartingWith(name + ".");
  std::erase_if(children, [](const Field* child) { return !IsSearchable(*child); });
  if (!children.empty() || (field == nullptr && !names_are_checked)) {
    return children;
  }
  if (field == nullptr) {
    return Error(ErrorCode::kNotFound,
                 "Could not find a field named `" + name + "` in the schema.");
  }
  return Error(ErrorCode::kInvalidArgument,
               "Field `" + name + "` should be a string or a string array, and indexed.");
}

// The contract's default: the order of `query_by` is the order of importance.
std::uint32_t WeightOf(const SearchRequest& request, std::size_t position) {
  if (!request.query_by_weights.empty()) {
    return request.query_by_weights[position];
  }
  return static_cast<std::uint32_t>(request.query_by.size() - position);
}

bool IsPrefix(const SearchRequest& request, std::size_t position) {
  if (request.prefix.empty()) {
    return true;
  }
  return request.prefix.size() == 1 ? request.prefix.front() : request.prefix[position];
}

// Returns the choice for one field of a list that is empty, for all, or for each of them.
template <class Choice>
Choice ChoiceOf(const std::vector<Choice>& choices, std::size_t position, Choice fallback) {
  if (choices.empty()) {
    return fallback;
  }
  return choices.size() == 1 ? choices.front() : choices[position];
}

TextMatchOptions PlanTextOptions(const SearchRequest& request) {
  const std::size_t candidates_default =
      request.exhaustive_search ? kTypoCandidatesMax : kTypoCandidates;
  const std::size_t candidates = request.max_candidates.value_or(candidates_default);
  return {.drop_tokens_threshold = request.drop_tokens_threshold,
          .drop_tokens_mode = request.drop_tokens_mode,
          .drop_tokens_words_max = request.drop_tokens_words_max,
          .exhaustive = request.exhaustive_search,
          .typo_tokens_threshold = request.typo_tokens_threshold,
          .typos = {.one_edit_size = request.min_len_1typo,
                    .two_edits_size = request.min_len_2typo,
                    .in_numbers = request.enable_typos_for_numerical_tokens,
                    .in_mixed_words = request.enable_typos_for_alpha_numerical_tokens},
          .typo_candidates = std::min(candidates, kTypoCandidatesMax),
          .split_join_tokens = request.split_join_tokens,
          .infix = {.before = request.max_extra_prefix, .after = request.max_extra_suffix},
          .synonyms = {.rules = request.synonyms,
                       .is_prefix = request.synonym_prefix,
                       .edits_max = request.synonym_num_typos,
                       .is_demoted = request.demote_synonym_match},
          .stemming = request.stemming,
          .text_match_type = request.text_match_type,
          .prioritize_exact_match = request.prioritize_exact_match,
          .prioritize_token_position = request.prioritize_token_position,
          .prioritize_num_matching_fields = request.prioritize_num_matching_fields};
}

Result<std::vector<TextField>> PlanTextFields(const SearchRequest& request,
                                              const VisibleFields& visible) {
  const std::size_t count = request.query_by.size();
  if (count == 0) {
    return Error(ErrorCode::kInvalidArgument, "No search fields specified for the query.");
  }
  if (!request.query_by_weights.empty() && request.query_by_weights.size() != count) {
    return Error(ErrorCode::kInvalidArgument,
                 "Number of weights in `query_by_weights` does not match number of `query_by` "
                 "fields.");
  }
  if (request.prefix.size() > 1 && request.prefix.size() != count) {
    return Error(ErrorCode::kInvalidArgument,
                 "Number of values in `prefix` does not match number of `query_by` fields.");
  }
  std::vector<TextField> fields;
  for (std::size_t i = 0; i < count; ++i) {
    auto found = FindTextFields(request.query_by[i], visible, request.validate_field_names);
    if (!found) {
      return std::move(found).error();
    }
    for (const Field* field : *found) {
      fields.push_back({.field = field,
                        .weight = WeightOf(request, i),
                        .is_prefix = IsPrefix(request, i),
                        .edits_max = ChoiceOf(request.num_typos, i, kEditsDefault),
                        .infix = ChoiceOf(request.infix, i, SearchRequest::Infix::kOff)});
      if (fields.back().infix != SearchRequest::Infix::kOff && !field->definition.infix) {
        return Error(ErrorCode::kInvalidArgument,
                     "Could not find `" + field->definition.name +
                         "` in the infix index. Make sure to enable infix search by specifying "
                         "`infix: true` in the schema.");
      }
    }
  }
  if (fields.size() > kQueryFieldsMax) {
    return Error(ErrorCode::kUnprocessable,
                 "`query_by` names more than " + std::to_string(kQueryFieldsMax) + " fields.");
  }
  return fields;
}

Result<void> PlanPage(const SearchRequest& request, SearchPlan& plan) {
  const std::uint64_t page = request.page == 0 ? 1 : request.page;
  const std::uint64_t skip =
      request.offset ? std::uint64_t{*request.offset} : (page - 1) * request.per_page;
  if (skip + request.per_page > request.limit_hits) {
    return Error(ErrorCode::kUnprocessable,
                 "Only upto " + std::to_string(request.limit_hits) +
                     " hits can be fetched. Ensure that `page` and `per_page` parameters are "
                     "within this range.");
  }
  plan.skip = skip;
  plan.take = request.per_page;
  return {};
}

// Whoever wrote these is not whoever sent the request, so the request cannot relax them.
Result<std::vector<PlannedFilter>> PlanFurtherFilters(const SearchRequest& request,
                                                      const Schema& schema) {
  std::vector<PlannedFilter> planned;
  for (const FurtherFilter& further : request.further_filters) {
    auto filter = Filter::Parse(further.expression, schema, {.validate_field_names = true});
    if (!filter) {
      return std::move(filter).error();
    }
    planned.push_back({.filter = *std::move(filter), .spares_pinned = further.spares_pinned});
  }
  return planned;
}

// The query is split as the text of the field that is searched first.
Result<void> PlanText(const SearchRequest& request, const VisibleFields& visible,
                      SearchPlan& plan) {
  plan.text_options = PlanTextOptions(request);
  auto query = ParseTextQuery(request.query);
  if (query && !query->is_match_all) {
    auto fields = PlanTextFields(request, visible);
    if (!fields) {
      return std::move(fields).error();
    }
    plan.text_fields = std::move(*fields);
    const TextRules& rules = plan.text_fields.empty()
                                 ? TextRules::Default()
                                 : RulesOf(plan.text_fields.front().field->storage);
    plan.text_options.synonyms.text_rules = &rules;
    query = ParseTextQuery(request.query, {.rules = &rules, .stopwords = request.stopwords.get()});
  }
  if (!query) {
    return std::move(query).error();
  }
  plan.query = std::move(*query);
  return {};
}

}  // namespace

Result<SearchPlan> PlanSearch(const SearchRequest& request, const Schema& schema) {
  const KeyScope& scope = request.scope;
  const VisibleFields everything(schema);
  const VisibleFields visible(schema, scope);
  SearchPlan plan;
  if (auto planned = PlanText(request, scope.chose_query_by ? everything : visible, plan);
      !planned) {
    return std::move(planned).error();
  }
  const FilterOptions options{.validate_field_names = request.validate_field_names};
  auto filter =
      Filter::Parse(request.filter_by, scope.chose_filter_by ? everything : visible, options);
  if (!filter) {
    return std::move(filter).error();
  }
  plan.filter = std::move(*filter);
  auto further = PlanFurtherFilters(request, schema);
  if (!further) {
    return std::move(further).error();
  }
  plan.further_filters = *std::move(further);
  // Where nobody asks for an order, it is the schema's.
  const bool is_order_asked = !request.sort_by.empty() && !scope.chose_sort_by;
  auto order = SortOrder::Parse(request.sort_by, is_order_asked ? visible : everything,
                                !plan.query.is_match_all, options);
  if (!order) {
    return std::move(order).error();
  }
  plan.order = std::move(*order);
  auto groups = ParseGroupFields(request.group_by, visible, request.validate_field_names);
  if (!groups) {
    return std::move(groups).error();
  }
  plan.group_fields = std::move(*groups);
  if (request.group_by.empty() && plan.order.UsesGroupSizes()) {
    return Error(ErrorCode::kInvalidArgument,
                 "Parameter `sort_by`: `_group_found` needs a `group_by`.");
  }
  if (plan.group_fields.empty()) {
    plan.order.IgnoreGroupSizes();
  }
  auto facets = FacetPlan::Parse(request, visible);
  if (!facets) {
    return std::move(facets).error();
  }
  plan.facets = std::move(*facets);
  if (auto paged = PlanPage(request, plan); !paged) {
    return std::move(paged).error();
  }
  return plan;
}

}  // namespace cacheindex::index
