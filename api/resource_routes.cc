#include <algorithm>
#include <optional>

#include "api/request_options.h"
#include "api/routes.h"

namespace cacheindex::api {
namespace {

Answer FromResult(const Result<Json>& result) {
  return result ? JsonAnswer(*result) : ErrorAnswer(result.error());
}

ItemSet SetOf(const Request& request) {
  return {.kind = request.route->resource,
          .name = request.names[0],
          .is_of_collection = request.route->pattern().starts_with("/collections/")};
}

// Applies `offset` and `limit` to a list of items, and wraps it where the older generation does.
Answer ListAnswer(const Request& request, Json list, std::string_view wrapper) {
  const auto offset = request.parameters.GetUnsigned("offset", 0);
  const auto limit = request.parameters.FindUnsigned("limit");
  if (!offset || !limit) {
    return ErrorAnswer(offset ? limit.error() : offset.error());
  }
  auto& items = list.get_ref<Json::array_t&>();
  const std::size_t skipped = std::min<std::size_t>(*offset, items.size());
  items.erase(items.begin(), items.begin() + static_cast<std::ptrdiff_t>(skipped));
  if (*limit && **limit < items.size()) {
    items.resize(**limit);
  }
  return wrapper.empty() ? JsonAnswer(list) : JsonAnswer(Json{{wrapper, std::move(list)}});
}

}  // namespace

Answer ListResources(const RouteContext& context, const Request& request) {
  const ResourceKind kind = request.route->resource;
  auto list = context.service.ListResources(kind);
  return list
             ? ListAnswer(request, std::move(*list), kind == ResourceKind::kPreset ? "presets" : "")
             : ErrorAnswer(list.error());
}

Answer GetResource(const RouteContext& context, const Request& request) {
  return FromResult(context.service.GetResource(request.route->resource, request.names[0]));
}

Answer PutResource(const RouteContext& context, const Request& request) {
  if (const auto wrong = CheckNames(request)) {
    return ErrorAnswer(*wrong);
  }
  const auto body = ReadJsonBody(request);
  return body ? FromResult(
                    context.service.PutResource(request.route->resource, request.names[0], *body))
              : ErrorAnswer(body.error());
}

Answer DeleteResource(const RouteContext& context, const Request& request) {
  return FromResult(context.service.DeleteResource(request.route->resource, request.names[0]));
}

Answer ListItems(const RouteContext& context, const Request& request) {
  const ItemSet set = SetOf(request);
  auto list = context.service.ListItems(set);
  if (!list) {
    return ErrorAnswer(list.error());
  }
  const std::string_view wrapper = set.kind == ResourceKind::kSynonymSet ? "synonyms" : "overrides";
  return ListAnswer(request, std::move(*list), set.is_of_collection ? wrapper : "");
}

Answer GetItem(const RouteContext& context, const Request& request) {
  return FromResult(context.service.GetItem(SetOf(request), request.names[1]));
}

Answer PutItem(const RouteContext& context, const Request& request) {
  if (const auto wrong = CheckNames(request)) {
    return ErrorAnswer(*wrong);
  }
  auto body = ReadJsonBody(request);
  if (!body) {
    return ErrorAnswer(body.error());
  }
  const ItemSet set = SetOf(request);
  const auto kept = context.service.PutItem(set, request.names[1], *body);
  return kept && set.is_of_collection ? EchoAnswer(request.names[1], std::move(*body))
                                      : FromResult(kept);
}

Answer DeleteItem(const RouteContext& context, const Request& request) {
  return FromResult(context.service.DeleteItem(SetOf(request), request.names[1]));
}

}  // namespace cacheindex::api
