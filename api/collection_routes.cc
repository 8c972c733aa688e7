#include <utility>

#include "api/request_options.h"
#include "api/routes.h"

namespace cacheindex::api {
namespace {

Answer FromResult(const Result<Json>& result, int status = 200) {
  return result ? JsonAnswer(*result, status) : ErrorAnswer(result.error());
}

Answer DescriptionAnswer(const Json& description, AnswerPositions positions) {
  Answer answer = JsonAnswer(description);
  answer.positions = std::move(positions);
  return answer;
}

bool IsAllowed(const RouteContext& context, const Request& request, std::string_view action,
               std::string_view collection) {
  return context.access
      .Check(
          request,
          {.action = action, .target = Intent::Target::kNamedCollection, .collection = collection})
      .has_value();
}

// Whether the key reaches the new collection, and what it is cloned from.
bool MayCreate(const RouteContext& context, const Request& request, const Json& body,
               const CloneOptions& options) {
  const auto name = body.is_object() ? body.find("name") : body.end();
  const bool has_name = body.is_object() && name != body.end() && name->is_string();
  if (has_name && !IsAllowed(context, request, "collections:create", name->get<std::string>())) {
    return false;
  }
  return options.source_name.empty() ||
         (IsAllowed(context, request, "collections:get", options.source_name) &&
          (!options.copy_documents ||
           IsAllowed(context, request, "documents:export", options.source_name)));
}

}  // namespace

Answer CreateCollection(const RouteContext& context, const Request& request) {
  const auto body = ReadJsonBody(request);
  if (!body) {
    return ErrorAnswer(body.error());
  }
  const CloneOptions options{.source_name = std::string(request.parameters.Get("src_name")),
                             .copy_documents = request.parameters.GetBool("copy_documents", false)};
  if (!MayCreate(context, request, *body, options)) {
    return ErrorAnswer(401, kForbiddenMessage);
  }
  const auto created = context.service.CreateCollection(*body, options);
  Answer answer = FromResult(created, 201);
  answer.made = created ? created->value("name", "") : std::string();
  return answer;
}

Answer ListCollections(const RouteContext& context, const Request& request) {
  const auto limit = request.parameters.FindUnsigned("limit");
  const auto offset = request.parameters.GetUnsigned("offset", 0);
  if (!limit || !offset) {
    return ErrorAnswer(limit ? offset.error() : limit.error());
  }
  const auto freshness = ReadFreshness(request);
  if (!freshness) {
    return ErrorAnswer(freshness.error());
  }
  auto collections = context.service.ListCollections(
      {.limit = *limit,
       .offset = *offset,
       .exclude_fields = request.parameters.GetList("exclude_fields"),
       .freshness = *freshness,
       // A key for some collections does not show the others.
       .is_visible = [&](std::string_view name) {
         return IsAllowed(context, request, "collections:list", name);
       }});
  return collections ? DescriptionAnswer(collections->description, collections->positions)
                     : ErrorAnswer(collections.error());
}

Answer GetCollection(const RouteContext& context, const Request& request) {
  const auto freshness = ReadFreshness(request);
  if (!freshness) {
    return ErrorAnswer(freshness.error());
  }
  auto collection = context.service.GetCollection(request.names[0], *freshness);
  return collection ? DescriptionAnswer(collection->description, std::move(collection->positions))
                    : ErrorAnswer(collection.error());
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
  if (const auto wrong = CheckNames(request)) {
    return ErrorAnswer(*wrong);
  }
  const auto body = ReadJsonBody(request);
  return body ? FromResult(context.service.PutAlias(request.names[0], *body))
              : ErrorAnswer(body.error());
}

Answer DeleteAlias(const RouteContext& context, const Request& request) {
  return FromResult(context.service.DeleteAlias(request.names[0]));
}

}  // namespace cacheindex::api
