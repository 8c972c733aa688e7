#include <cstdint>
#include <optional>

#include "api/rate_limits.h"
#include "api/request_options.h"
#include "api/routes.h"
#include "node/core/number_text.h"

namespace cacheindex::api {
namespace {

RateLimits& LimitsOf(const RouteContext& context) { return context.service.rate_limits(); }

Answer FromResult(const Result<Json>& result) {
  return result ? JsonAnswer(*result) : ErrorAnswer(result.error());
}

// Calls `act` with the id in the path.
template <class Act>
Answer WithId(const Request& request, const Act& act) {
  const auto id = ToNumber<std::uint32_t>(request.names[0]);
  return id ? FromResult(act(*id)) : NotFoundAnswer();
}

}  // namespace

Answer ListLimits(const RouteContext& context, const Request& /*request*/) {
  return JsonAnswer(LimitsOf(context).List());
}

Answer CreateLimit(const RouteContext& context, const Request& request) {
  const auto body = ReadJsonBody(request);
  return body ? FromResult(LimitsOf(context).Create(*body)) : ErrorAnswer(body.error());
}

Answer GetLimit(const RouteContext& context, const Request& request) {
  return WithId(request, [&](std::uint32_t id) { return LimitsOf(context).Get(id); });
}

Answer PutLimit(const RouteContext& context, const Request& request) {
  const auto body = ReadJsonBody(request);
  if (!body) {
    return ErrorAnswer(body.error());
  }
  return WithId(request, [&](std::uint32_t id) { return LimitsOf(context).Update(id, *body); });
}

Answer DeleteLimit(const RouteContext& context, const Request& request) {
  return WithId(request, [&](std::uint32_t id) { return LimitsOf(context).Delete(id); });
}

Answer ListActiveLimits(const RouteContext& context, const Request& /*request*/) {
  return JsonAnswer(LimitsOf(context).ListActive());
}

Answer DeleteActiveLimit(const RouteContext& context, const Request& request) {
  return WithId(request, [&](std::uint32_t id) { return LimitsOf(context).DeleteActive(id); });
}

Answer ListExceededLimits(const RouteContext& context, const Request& /*request*/) {
  return JsonAnswer(LimitsOf(context).ListExceeded());
}

Answer DeleteExceededLimit(const RouteContext& context, const Request& request) {
  return WithId(request, [&](std::uint32_t id) { return LimitsOf(context).DeleteExceeded(id); });
}

}  // namespace cacheindex::api
