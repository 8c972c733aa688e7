#include "api/search_parameters.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "api/listing_parameters.h"
#include "api/matching_parameters.h"
#include "api/merchandising_parameters.h"
#include "api/unsupported_parameters.h"
#include "node/core/number_text.h"

namespace cacheindex::api {
namespace {

constexpr std::string_view kBothSides = "both_sides";
// Names in one list: each is looked at for every field of every hit.
constexpr std::size_t kListedNamesMax = 1'000;
constexpr std::array<std::string_view, 7> kNameLists = {
    "query_by", "include_fields",     "exclude_fields", "highlight_fields", "highlight_full_fields",
    "group_by", "facet_return_parent"};
// Bytes of a highlight tag: it is written around every word that matched.
constexpr std::size_t kHighlightTagBytesMax = 256;

Error Invalid(std::string message) { return {ErrorCode::kInvalidArgument, std::move(message)}; }

std::optional<Error> CheckLists(const Parameters& parameters) {
  for (const std::string_view name : kNameLists) {
    const std::string_view list = parameters.Get(name);
    if (static_cast<std::size_t>(std::count(list.begin(), list.end(), ',')) >= kListedNamesMax) {
      return Error(ErrorCode::kUnprocessable, "Parameter `" + std::string(name) +
                                                  "` has more than " +
                                                  std::to_string(kListedNamesMax) + " names.");
    }
  }
  return std::nullopt;
}

// Sets `target` when the parameter is there. Returns the reason when it is not a number.
std::optional<Error> SetUnsigned(const Parameters& parameters, std::string_view name,
                                 std::uint32_t& target) {
  auto value = parameters.FindUnsigned(name);
  if (!value) {
    return std::move(value).error();
  }
  target = value->value_or(target);
  return std::nullopt;
}

std::optional<Error> SetWeights(const Parameters& parameters, SearchRequest& request) {
  for (const std::string& text : parameters.GetList("query_by_weights")) {
    const auto weight = ToNumber<std::uint32_t>(text);
    if (!weight) {
      return Invalid("Parameter `query_by_weights` must be a list of unsigned integers.");
    }
    request.query_by_weights.push_back(*weight);
  }
  if (!request.query_by_weights.empty() &&
      request.query_by_weights.size() != request.query_by.size()) {
    return Invalid(
        "Number of weights in `query_by_weights` does not match number of `query_by` fields.");
  }
  return std::nullopt;
}

std::optional<Error> SetPrefixes(const Parameters& parameters, SearchRequest& request) {
  for (const std::string& choice : parameters.GetList("prefix")) {
    request.prefix.push_back(choice == "true");
  }
  if (request.prefix.size() > 1 && request.prefix.size() != request.query_by.size()) {
    return Invalid("Number of values in `prefix` does not match number of `query_by` fields.");
  }
  return std::nullopt;
}

std::optional<Error> SetDropMode(const Parameters& parameters, SearchRequest& request) {
  const std::string_view mode = parameters.Get("drop_tokens_mode");
  if (mode.empty()) {
    return std::nullopt;
  }
  if (mode == "right_to_left") {
    request.drop_tokens_mode = SearchRequest::DropTokens::kRightToLeft;
    return std::nullopt;
  }
  if (mode == "left_to_right") {
    request.drop_tokens_mode = SearchRequest::DropTokens::kLeftToRight;
    return std::nullopt;
  }
  std::string_view words = mode;
  words.remove_prefix(std::min(kBothSides.size(), words.size()));
  if (mode.starts_with(kBothSides) && (words.empty() || words.starts_with(':'))) {
    request.drop_tokens_mode = SearchRequest::DropTokens::kBothSides;
    words.remove_prefix(words.empty() ? 0 : 1);
    const auto [end, failure] =
        std::from_chars(words.data(), words.data() + words.size(), request.drop_tokens_words_max);
    if (words.empty() || (failure == std::errc() && end == words.data() + words.size())) {
      return std::nullopt;
    }
  }
  return Invalid(
      "Parameter `drop_tokens_mode` must be one of: right_to_left, left_to_right, both_sides:N.");
}

std::optional<Error> SetQuery(const Parameters& parameters, SearchRequest& request) {
  const auto query = parameters.Find("q");
  if (!query) {
    return Invalid("Parameter `q` is required.");
  }
  request.query = *query;
  request.query_by = parameters.GetList("query_by");
  const bool matches_all = request.query.empty() || request.query == "*";
  if (request.query_by.empty() && !matches_all) {
    return Invalid("No search fields specified for the query.");
  }
  request.exhaustive_search = parameters.GetBool("exhaustive_search", false);
  auto failure = SetWeights(parameters, request);
  failure = failure ? std::move(failure) : SetPrefixes(parameters, request);
  failure = failure ? std::move(failure) : SetDropMode(parameters, request);
  return failure ? std::move(failure)
                 : SetUnsigned(parameters, "drop_tokens_threshold", request.drop_tokens_threshold);
}

std::optional<Error> SetPage(const Parameters& parameters, SearchRequest& request) {
  const bool has_per_page = parameters.Find("per_page").has_value();
  if (!request.facet_query.empty()) {
    request.per_page = 0;  // Who looks for facet values rarely wants hits.
  }
  for (const auto& [name, target] :
       {std::pair{std::string_view("page"), &request.page},
        std::pair{std::string_view(has_per_page ? "per_page" : "limit"), &request.per_page},
        std::pair{std::string_view("limit_hits"), &request.limit_hits}}) {
    if (auto failure = SetUnsigned(parameters, name, *target)) {
      return failure;
    }
  }
  const auto offset = parameters.FindUnsigned("offset");
  if (!offset) {
    return offset.error();
  }
  // Who asks for a page gets pages, whatever else is there.
  request.offset = parameters.Find("page") ? std::nullopt : *offset;
  request.page = std::max(request.page, std::uint32_t{1});
  if (request.per_page > kHitsPerPageMax) {
    return Error(ErrorCode::kUnprocessable,
                 "Only upto " + std::to_string(kHitsPerPageMax) + " hits can be fetched per page.");
  }
  const std::uint64_t last = request.offset ? std::uint64_t{*request.offset} + request.per_page
                                            : std::uint64_t{request.page} * request.per_page;
  if (last > request.limit_hits) {
    return Error(ErrorCode::kUnprocessable,
                 "Only upto " + std::to_string(request.limit_hits) +
                     " hits can be fetched. Ensure that `page` and `per_page` parameters are "
                     "within this range.");
  }
  return std::nullopt;
}

std::optional<Error> SetHighlighting(const Parameters& parameters, SearchRequest& request) {
  request.highlight_fields = parameters.GetList("highlight_fields");
  request.highlight_full_fields = parameters.GetList("highlight_full_fields");
  for (const auto& [name, target] :
       {std::pair{std::string_view("highlight_start_tag"), &request.highlight_start_tag},
        std::pair{std::string_view("highlight_end_tag"), &request.highlight_end_tag}}) {
    if (const auto tag = parameters.Find(name)) {
      *target = *tag;
    }
    if (target->size() > kHighlightTagBytesMax) {
      return Error(ErrorCode::kUnprocessable,
                   "Parameter `" + std::string(name) + "` has more than " +
                       std::to_string(kHighlightTagBytesMax) + " bytes.");
    }
  }
  request.enable_highlight_v1 = parameters.GetBool("enable_highlight_v1", true);
  auto failure =
      SetUnsigned(parameters, "highlight_affix_num_tokens", request.highlight_affix_num_tokens);
  return failure ? std::move(failure)
                 : SetUnsigned(parameters, "snippet_threshold", request.snippet_threshold);
}

}  // namespace

Result<SearchRequest> ReadSearchRequest(const Parameters& parameters, std::string collection) {
  if (auto failure = CheckLists(parameters)) {
    return std::move(*failure);
  }
  if (auto supported = CheckSupported(parameters); !supported) {
    return std::move(supported).error();
  }
  SearchRequest request;
  request.collection = std::move(collection);
  request.filter_by = parameters.Get("filter_by");
  request.validate_field_names = parameters.GetBool("validate_field_names", true);
  request.sort_by = parameters.Get("sort_by");
  request.stopwords_name = parameters.Get("stopwords");
  request.include_fields = parameters.GetList("include_fields");
  request.exclude_fields = parameters.GetList("exclude_fields");
  if (auto listing = ReadListing(parameters, request); !listing) {
    return std::move(listing).error();
  }
  auto failure = SetQuery(parameters, request);
  if (failure) {
    return std::move(*failure);
  }
  if (auto matching = ReadMatching(parameters, request); !matching) {
    return std::move(matching).error();
  }
  if (auto merchandising = ReadMerchandising(parameters, request); !merchandising) {
    return std::move(merchandising).error();
  }
  failure = SetPage(parameters, request);
  failure = failure ? std::move(failure) : SetHighlighting(parameters, request);
  failure = failure ? std::move(failure)
                    : SetUnsigned(parameters, "search_cutoff_ms", request.search_cutoff_ms);
  if (failure) {
    return std::move(*failure);
  }
  return request;
}

Result<UnionRequest> ReadUnionRequest(const Parameters& parameters) {
  SearchRequest request;
  if (auto failure = SetPage(parameters, request)) {
    return std::move(*failure);
  }
  return UnionRequest{.page = request.page,
                      .per_page = request.per_page,
                      .offset = request.offset,
                      .limit_hits = request.limit_hits,
                      .remove_duplicates = true};
}

}  // namespace cacheindex::api
