#include "api/request_options.h"
#include "api/routes.h"

namespace cacheindex::api {
namespace {

Answer FromResult(const Result<Json>& result, int status = 200) {
  return result ? JsonAnswer(*result, status) : ErrorAnswer(result.error());
}

}  // namespace

Answer CreateCollection(const RouteContext& context, const Request& request) {
  const auto body = ReadJsonBody(request);
  if (!body) {
    return ErrorAnswer(body.error());
  }
  const CloneOptions options{.source_name = std::string(request.parameters.Get("src_name")),
                             .copy_documents = request.parameters.GetBool("copy_documents", false)};
  return FromResult(context.service.CreateCollection(*body, options), 201);
}

Answer ListCollections(const RouteContext& context, const Request& request) {
  const auto limit = request.parameters.FindUnsigned("limit");
  const auto offset = request.parameters.GetUnsigned("offset", 0);
  if (!limit || !offset) {
    return ErrorAnswer(limit ? offset.error() : limit.error());
  }
  return FromResult(context.service.ListCollections(
      {.limit = *limit,
       .offset = *offset,
       .exclude_fields = request.parameters.GetList("exclude_fields")}));
}

Answer GetCollection(const RouteContext& context, const Request& request) {
  return FromResult(context.service.GetCollection(request.names[0]));
}

Answer UpdateCollection(const RouteContext& context, const Request& request) {
  const auto body = ReadJsonBody(request);
  return body ? FromResult(context.service.UpdateCollection(request.names[0], *body))
              : ErrorAnswer(body.error());
}

Answer DropCollection(const RouteContext& context, const Request& request) {
  return FromResult(context.service.DropCollection(request.names[0]));
}

Answer ListAliases(const RouteContext& context, const Request& /*request*/) {
  return FromResult(context.service.ListAliases());
}

Answer GetAlias(const RouteContext& context, const Request& request) {
  return FromResult(context.service.GetAlias(request.names[0]));
}

Answer PutAlias(const RouteContext& context, const Request& request) {
  const auto body = ReadJsonBody(request);
  return body ? FromResult(context.service.PutAlias(request.names[0], *body))
              : ErrorAnswer(body.error());
}

Answer DeleteAlias(const RouteContext& context, const Request& request) {
  return FromResult(context.service.DeleteAlias(request.names[0]));
}

}  // namespace cacheindex::api
