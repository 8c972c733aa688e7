#include <optional>
#include <string_view>

#include "api/request_options.h"
#include "api/routes.h"
#include "node/core/number_text.h"

namespace cacheindex::api {
namespace {

Answer FromResult(const Result<Json>& result, int status = 200) {
  return result ? JsonAnswer(*result, status) : ErrorAnswer(result.error());
}

}  // namespace

Answer ListKeys(const RouteContext& context, const Request& /*request*/) {
  auto keys = context.service.ListKeys();
  return keys ? JsonAnswer(Json{{"keys", std::move(*keys)}}) : ErrorAnswer(keys.error());
}

Answer CreateKey(const RouteContext& context, const Request& request) {
  const auto body = ReadJsonBody(request);
  if (!body) {
    return ErrorAnswer(body.error());
  }
  const auto created = context.service.CreateKey(*body);
  Answer answer = FromResult(created, 201);
  // The one answer that shows the key's value: nothing else of it goes on.
  answer.made = created && created->contains("id") ? DumpJson((*created)["id"]) : std::string();
  return answer;
}

Answer GetKey(const RouteContext& context, const Request& request) {
  const auto id = ToNumber<std::uint32_t>(request.names[0]);
  return id ? FromResult(context.service.GetKey(*id)) : NotFoundAnswer();
}

Answer DeleteKey(const RouteContext& context, const Request& request) {
  const auto id = ToNumber<std::uint32_t>(request.names[0]);
  return id ? FromResult(context.service.DeleteKey(*id)) : NotFoundAnswer();
}

}  // namespace cacheindex::api
