#include <algorithm>
#include <set>

#include "api/key_parameters.h"
#include "api/request_options.h"
#include "api/routes.h"
#include "api/search_parameters.h"
#include "api/search_response.h"

namespace cacheindex::api {
namespace {

constexpr std::size_t kQueryStringBytesMax = 4000;
/// Whatever a scoped key says; more than the node's own setting may be.
constexpr std::uint32_t kMultiSearchesMax = 250;
// A page of ten hits with facets, so that an answer rarely grows while it is written.
constexpr std::size_t kAnswerBytesExpected = std::size_t{16} << 10;

constexpr std::string_view kSearchesMaxParameter = "limit_multi_searches";

constexpr std::string_view kQueryTooLong =
    "Query string exceeds max allowed length of 4000. Use the /multi_search end-point for larger "
    "payloads.";

// One of the searches of a batch.
struct Asked {
  /// As the client has it; empty when it has none.
  std::string collection;
  /// What to ask the service, or why not.
  Result<SearchRequest> search;
};

bool IsMissing(const RouteContext& context, std::string_view collection) {
  const auto found = context.service.GetCollection(collection, {});
  return !found && found.error().code() == ErrorCode::kNotFound;
}

// That there is no such collection is said before what else is wrong with a search of it.
Error Foremost(const RouteContext& context, std::string_view collection, const Error& error) {
  return IsMissing(context, collection) ? Error(ErrorCode::kNotFound, "Collection not found")
                                        : error;
}

Intent SearchIntent(std::string_view collection) {
  return {.action = kSearchAction,
          .target = Intent::Target::kNamedCollection,
          .collection = collection};
}

// Adds what the preset that `parameters` name has and they have not. Naming one that does not exist
// is no mistake: it may have been deleted while pages that name it are still open.
std::optional<Error> AddPreset(const RouteContext& context, Parameters& parameters) {
  const auto name = parameters.Find("preset");
  if (!name) {
    return std::nullopt;
  }
  auto preset = context.service.GetResource(ResourceKind::kPreset, *name);
  if (!preset) {
    return preset.error().code() == ErrorCode::kNotFound ? std::nullopt
                                                         : std::optional(preset.error());
  }
  if (const auto value = preset->find("value"); value != preset->end() && value->is_object()) {
    parameters.AddDefaults(Parameters::FromObject(*value));
  }
  return std::nullopt;
}

Result<SearchRequest> ReadGranted(const RouteContext& context, const Grant& grant,
                                  Parameters parameters, std::string collection) {
  const auto key = KeyParameters::Read(grant.embedded);
  if (!key) {
    return key.error();
  }
  parameters.Remove("cache_ttl");  // Only a scoped key may say how long answers are kept.
  KeyScope scope = key->Apply(parameters);
  if (auto failure = AddPreset(context, parameters)) {
    return std::move(*failure);
  }
  auto search = ReadSearchRequest(parameters, std::move(collection));
  if (search) {
    search->scope = std::move(scope);
  }
  if (search && !key->filter().empty()) {
    search->further_filters.push_back({.expression = key->filter(), .spares_pinned = false});
  }
  return search;
}

Asked ReadOne(const RouteContext& context, const Request& request, const Json& search) {
  if (!search.is_object()) {
    return {{}, Error(ErrorCode::kInvalidArgument, "Every one of `searches` must be an object.")};
  }
  Parameters parameters = Parameters::FromObject(search);
  parameters.AddDefaults(request.parameters);
  const auto collection = parameters.Find("collection");
  if (!collection) {
    return {{}, Error(ErrorCode::kInvalidArgument, "Parameter `collection` is required.")};
  }
  const auto own_key = search.find(kKeyParameter);
  const bool has_key = own_key != search.end() && own_key->is_string();
  const auto grant = context.access.Check(
      has_key ? own_key->get_ref<const std::string&>() : KeyOf(request), SearchIntent(*collection));
  if (!grant || (own_key != search.end() && !has_key)) {
    return {std::string(*collection),
            Error(ErrorCode::kUnauthorized, std::string(kForbiddenMessage))};
  }
  std::string name(*collection);
  return {name, ReadGranted(context, *grant, std::move(parameters), name)};
}

// A request may ask for a lower limit than the node's. A scoped key's wins over both: whoever made
// it knows for what.
Result<std::uint32_t> ReadSearchesMax(const RouteContext& context, const Request& request,
                                      const std::optional<Grant>& grant) {
  if (grant && grant->embedded.is_object()) {
    auto embedded = Parameters::FromObject(grant->embedded).FindUnsigned(kSearchesMaxParameter);
    if (!embedded) {
      return std::move(embedded).error();
    }
    if (*embedded) {
      return std::min(**embedded, kMultiSearchesMax);
    }
  }
  const std::uint32_t limit = context.limits.multi_searches_max;
  auto asked = request.parameters.GetUnsigned(kSearchesMaxParameter, limit);
  return asked ? std::min(*asked, limit) : std::move(asked);
}

// The searches of the body, or else those of the preset that the URL names.
Result<Json> FindSearches(const RouteContext& context, const Request& request, const Json& body) {
  const auto find = [](const Json& object) {
    const auto searches = object.is_object() ? object.find("searches") : object.end();
    return object.is_object() && searches != object.end() && searches->is_array() ? &*searches
                                                                                  : nullptr;
  };
  const Json* const own = find(body);
  if (own != nullptr && !own->empty()) {
    return *own;
  }
  if (const auto name = request.parameters.Find("preset")) {
    auto preset = context.service.GetResource(ResourceKind::kPreset, *name);
    if (preset && preset->contains("value")) {
      if (const Json* const stored = find((*preset)["value"]); stored != nullptr) {
        return *stored;
      }
    }
  }
  return own != nullptr ? Result<Json>(*own)
                        : Error(ErrorCode::kInvalidArgument, "Missing `searches` array.");
}

struct Batch {
  Json searches;
  bool is_union = false;
  bool remove_duplicates = true;
};

bool ReadFlag(const Json& body, const char* name, bool fallback) {
  const auto flag = body.find(name);
  return flag != body.end() && flag->is_boolean() ? flag->get<bool>() : fallback;
}

Result<Batch> ReadSearches(const RouteContext& context, const Request& request,
                           const std::optional<Grant>& grant) {
  auto body = ReadJsonBody(request);
  if (!body) {
    return std::move(body).error();
  }
  const auto limit = ReadSearchesMax(context, request, grant);
  if (!limit) {
    return limit.error();
  }
  auto searches = FindSearches(context, request, *body);
  if (!searches) {
    return std::move(searches).error();
  }
  if (searches->size() > *limit) {
    return Error(ErrorCode::kInvalidArgument,
                 "Number of multi searches exceeds `limit_multi_searches` parameter.");
  }
  return Batch{.searches = std::move(*searches),
               .is_union = ReadFlag(*body, "union", false),
               .remove_duplicates = ReadFlag(*body, "remove_duplicates", true)};
}

Answer WriteResults(const RouteContext& context, const std::vector<Asked>& asked,
                    std::vector<Result<SearchPage>> found) {
  Answer answer;
  answer.body.reserve(kAnswerBytesExpected);
  answer.body = R"({"results":[)";
  std::size_t next = 0;
  for (const auto& [collection, search] : asked) {
    answer.body += answer.body.ends_with('[') ? "" : ",";
    if (!search) {
      const bool is_forbidden = search.error().code() == ErrorCode::kUnauthorized;
      AppendSearchError(answer.body, is_forbidden || collection.empty()
                                         ? search.error()
                                         : Foremost(context, collection, search.error()));
      continue;
    }
    Result<SearchPage>& page = found.at(next++);
    if (!page) {
      AppendSearchError(answer.body, page.error());
      continue;
    }
    AppendSearchPage(answer.body, *search, *page);
    answer.positions = std::move(page->positions);
  }
  answer.body += "]}";
  return answer;
}

// Returns why a union of `asked` is impossible, of which `error` is known.
Error UnionError(const RouteContext& context, const std::vector<Asked>& asked, const Error& error) {
  const auto forbidden = std::ranges::find_if(asked, [](const Asked& one) {
    return !one.search && one.search.error().code() == ErrorCode::kUnauthorized;
  });
  if (forbidden != asked.end()) {
    return forbidden->search.error();
  }
  const auto missing = std::ranges::find_if(asked, [&](const Asked& one) {
    return !one.collection.empty() && IsMissing(context, one.collection);
  });
  return missing == asked.end()
             ? error
             : Error(ErrorCode::kNotFound, "`" + missing->collection + "` collection not found.");
}

// One search that cannot be read makes the merged answer impossible.
Answer WriteUnion(const RouteContext& context, const Request& request, const Batch& batch,
                  const std::vector<Asked>& asked, const std::vector<SearchRequest>& sent,
                  const Freshness& freshness) {
  const auto refused = std::ranges::find_if(asked, [](const Asked& one) { return !one.search; });
  auto united = ReadUnionRequest(request.parameters);
  Answer answer;
  if (refused != asked.end() || !united) {
    const Error& error = refused != asked.end() ? refused->search.error() : united.error();
    AppendSearchError(answer.body, UnionError(context, asked, error));
    return answer;
  }
  united->remove_duplicates = batch.remove_duplicates;
  auto page = context.service.SearchUnion(sent, *united, freshness);
  if (!page && page.error().code() == ErrorCode::kUnavailable) {
    return ErrorAnswer(page.error());
  }
  if (!page) {
    AppendSearchError(answer.body, UnionError(context, asked, page.error()));
    return answer;
  }
  answer.body.reserve(kAnswerBytesExpected);
  AppendUnionPage(answer.body, sent, *united, *page);
  answer.positions = std::move(page->positions);
  return answer;
}

// Counts each key that came with a search, as if it had come with a request.
std::optional<Answer> CountOwnKeys(const RouteContext& context, const Request& request,
                                   const Json& searches) {
  RateLimits& limits = context.service.rate_limits();
  std::set<std::string_view> counted;
  for (const Json& search : searches) {
    const auto key = search.is_object() ? search.find(kKeyParameter) : search.end();
    if (limits.empty() || !search.is_object() || key == search.end() || !key->is_string()) {
      continue;
    }
    const std::string_view value = key->get_ref<const std::string&>();
    if (context.access.IsNodeKey(value) || !counted.insert(value).second) {
      continue;
    }
    auto caller = context.access.CallerOf(value, request.client_address);
    caller.is_counted_already = true;
    if (const auto wait = limits.Count(caller)) {
      return RateLimitedAnswer(*wait);
    }
  }
  return std::nullopt;
}

}  // namespace

Answer SearchDocuments(const RouteContext& context, const Request& request) {
  if (request.query.size() > kQueryStringBytesMax) {
    return ErrorAnswer(400, kQueryTooLong);
  }
  const auto freshness = ReadFreshness(request);
  const auto grant = context.access.Check(request, SearchIntent(request.names[0]));
  if (!grant) {
    return ErrorAnswer(401, kForbiddenMessage);
  }
  const auto search = ReadGranted(context, *grant, request.parameters, request.names[0]);
  if (!freshness || !search) {
    return ErrorAnswer(freshness ? Foremost(context, request.names[0], search.error())
                                 : freshness.error());
  }
  auto pages = context.service.Search({&*search, 1}, *freshness);
  Result<SearchPage>& page = pages.at(0);
  if (!page) {
    return ErrorAnswer(page.error());
  }
  Answer answer;
  answer.body.reserve(kAnswerBytesExpected);
  AppendSearchPage(answer.body, *search, *page);
  answer.positions = std::move(page->positions);
  return answer;
}

Answer MultiSearch(const RouteContext& context, const Request& request) {
  const auto grant = context.access.Check(
      request, {.action = kSearchAction, .target = Intent::Target::kSomeCollection});
  // Keys may come with the searches instead. Where none can, nothing is parsed.
  if (!grant && request.body.find(kKeyParameter) == std::string::npos) {
    return ErrorAnswer(401, kForbiddenMessage);
  }
  const auto freshness = ReadFreshness(request);
  const auto batch = ReadSearches(context, request, grant);
  const auto has_key = [](const Json& search) {
    return search.is_object() && search.contains(kKeyParameter);
  };
  // Nobody learns anything without one.
  if (!grant && (!batch || std::none_of(batch->searches.begin(), batch->searches.end(), has_key))) {
    return ErrorAnswer(401, kForbiddenMessage);
  }
  if (!freshness || !batch) {
    return ErrorAnswer(freshness ? batch.error() : freshness.error());
  }
  if (auto refused = CountOwnKeys(context, request, batch->searches)) {
    return *std::move(refused);
  }
  std::vector<Asked> asked;
  std::vector<SearchRequest> sent;
  for (const Json& search : batch->searches) {
    asked.push_back(ReadOne(context, request, search));
    if (asked.back().search) {
      sent.push_back(*asked.back().search);
    }
  }
  if (batch->is_union) {
    return WriteUnion(context, request, *batch, asked, sent, *freshness);
  }
  std::vector<Result<SearchPage>> found;
  if (!sent.empty()) {
    found = context.service.Search(sent, *freshness);
  }
  // A client looks for another node only when the whole answer says so.
  for (const Result<SearchPage>& page : found) {
    if (!page && page.error().code() == ErrorCode::kUnavailable) {
      return ErrorAnswer(page.error());
    }
  }
  return WriteResults(context, asked, std::move(found));
}

}  // namespace cacheindex::api
