#include <algorithm>

#include "api/request_options.h"
#include "api/routes.h"
#include "api/search_parameters.h"
#include "api/search_response.h"

namespace cacheindex::api {
namespace {

constexpr std::size_t kQueryStringBytesMax = 4000;
constexpr std::uint32_t kMultiSearchesDefault = 50;
/// Whatever `limit_multi_searches` says.
constexpr std::uint32_t kMultiSearchesMax = 250;
// A page of ten hits with facets, so that an answer rarely grows while it is written.
constexpr std::size_t kAnswerBytesExpected = std::size_t{16} << 10;

constexpr std::string_view kQueryTooLong =
    "Query string exceeds max allowed length of 4000. Use the /multi_search end-point for larger "
    "payloads.";

// One of the searches of a batch: what to ask the service, or why not.
using Asked = Result<SearchRequest>;

Asked ReadOne(const RouteContext& context, const Request& request, const Json& search,
              bool is_permitted) {
  if (!search.is_object()) {
    return Error(ErrorCode::kInvalidArgument, "Every one of `searches` must be an object.");
  }
  const auto key = search.find("x-typesense-api-key");
  if (key == search.end() ? !is_permitted
                          : !key->is_string() || !context.access.IsKey(key->get<std::string>())) {
    return Error(ErrorCode::kUnauthorized, std::string(kForbiddenMessage));
  }
  Parameters parameters = Parameters::FromObject(search);
  parameters.AddDefaults(request.parameters);
  const auto collection = parameters.Find("collection");
  if (!collection) {
    return Error(ErrorCode::kInvalidArgument, "Parameter `collection` is required.");
  }
  return ReadSearchRequest(parameters, std::string(*collection));
}

Result<Json> ReadSearches(const Request& request) {
  auto body = ReadJsonBody(request);
  if (!body) {
    return std::move(body).error();
  }
  const auto limit = request.parameters.GetUnsigned("limit_multi_searches", kMultiSearchesDefault);
  if (!limit) {
    return limit.error();
  }
  const auto searches = body->is_object() ? body->find("searches") : body->end();
  if (!body->is_object() || searches == body->end() || !searches->is_array()) {
    return Error(ErrorCode::kInvalidArgument, "Missing `searches` array.");
  }
  if (searches->size() > std::min(*limit, kMultiSearchesMax)) {
    return Error(ErrorCode::kInvalidArgument,
                 "Number of multi searches exceeds `limit_multi_searches` parameter.");
  }
  const auto is_union = body->find("union");
  if (is_union != body->end() && is_union->is_boolean() && is_union->get<bool>()) {
    return Error(ErrorCode::kInvalidArgument, "Union searches are not supported yet.");
  }
  return std::move(*searches);
}

Answer WriteResults(const std::vector<Asked>& asked, std::vector<Result<SearchPage>> found) {
  Answer answer;
  answer.body.reserve(kAnswerBytesExpected);
  answer.body = R"({"results":[)";
  std::size_t next = 0;
  for (const Asked& search : asked) {
    answer.body += &search == &asked.front() ? "" : ",";
    if (!search) {
      AppendSearchError(answer.body, search.error());
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

}  // namespace

Answer SearchDocuments(const RouteContext& context, const Request& request) {
  if (request.query.size() > kQueryStringBytesMax) {
    return ErrorAnswer(400, kQueryTooLong);
  }
  const auto freshness = ReadFreshness(request);
  const auto search = ReadSearchRequest(request.parameters, request.names[0]);
  if (!freshness || !search) {
    return ErrorAnswer(freshness ? search.error() : freshness.error());
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
  const bool is_permitted = context.access.Permits(request);
  const auto freshness = ReadFreshness(request);
  const auto searches = ReadSearches(request);
  const auto has_key = [](const Json& search) {
    return search.is_object() && search.contains("x-typesense-api-key");
  };
  // Keys may come with the searches instead; nobody learns anything without one.
  if (!is_permitted && (!searches || std::none_of(searches->begin(), searches->end(), has_key))) {
    return ErrorAnswer(401, kForbiddenMessage);
  }
  if (!freshness || !searches) {
    return ErrorAnswer(freshness ? searches.error() : freshness.error());
  }
  std::vector<Asked> asked;
  std::vector<SearchRequest> sent;
  for (const Json& search : *searches) {
    asked.push_back(ReadOne(context, request, search, is_permitted));
    if (asked.back()) {
      sent.push_back(*asked.back());
    }
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
  return WriteResults(asked, std::move(found));
}

}  // namespace cacheindex::api
