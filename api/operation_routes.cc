#include "api/description.h"
#include "api/request_options.h"
#include "api/routes.h"

namespace cacheindex::api {
namespace {

// Clients choose the generation of the interface by this. State 1 means: takes reads and writes.
constexpr std::string_view kDebugAnswer = R"({"state":1,"version":"30.1"})";

Answer Success(const Result<void>& result, int status = 200) {
  return result ? JsonAnswer(std::string(R"({"success":true})"), status)
                : ErrorAnswer(result.error());
}

}  // namespace

Answer ShowHealth(const RouteContext& context, const Request& /*request*/) {
  return context.service.IsHealthy() ? JsonAnswer(std::string(R"({"ok":true})"))
                                     : JsonAnswer(std::string(R"({"ok":false})"), 503);
}

Answer ShowReadiness(const RouteContext& context, const Request& /*request*/) {
  const Readiness readiness = context.service.IsReady();
  Json body = readiness.details.is_object() ? readiness.details : Json::object();
  body["ready"] = readiness.is_ready;
  return JsonAnswer(body, readiness.is_ready ? 200 : 503);
}

Answer ShowDescription(const RouteContext& /*context*/, const Request& /*request*/) {
  static const std::string kText = DumpJson(DescribeInterface());
  return JsonAnswer(kText);
}

Answer ShowDebug(const RouteContext& /*context*/, const Request& /*request*/) {
  return JsonAnswer(std::string(kDebugAnswer));
}

Answer ShowMetricsText(const RouteContext& context, const Request& /*request*/) {
  Answer answer;
  answer.content_type = kMetricsType;
  answer.body = context.service.MetricsText();
  return answer;
}

Answer ShowMetricsJson(const RouteContext& context, const Request& /*request*/) {
  return JsonAnswer(context.service.MetricsJson());
}

Answer ShowStatsJson(const RouteContext& context, const Request& /*request*/) {
  return JsonAnswer(context.service.StatsJson());
}

Answer ShowStatus(const RouteContext& context, const Request& /*request*/) {
  return JsonAnswer(context.service.Status());
}

Answer ListSources(const RouteContext& context, const Request& /*request*/) {
  const auto sources = context.service.ListSources();
  return sources ? JsonAnswer(*sources) : ErrorAnswer(sources.error());
}

Answer GetSource(const RouteContext& context, const Request& request) {
  const auto source = context.service.GetSource(request.names[0]);
  return source ? JsonAnswer(*source) : ErrorAnswer(source.error());
}

Answer RebuildSource(const RouteContext& context, const Request& request) {
  return Success(context.service.RebuildSource(request.names[0]), 202);
}

Answer Configure(const RouteContext& context, const Request& request) {
  const auto body = ReadJsonBody(request);
  if (!body) {
    return ErrorAnswer(body.error());
  }
  Answer answer = Success(context.service.Configure(*body));
  answer.made = DumpJson(*body);
  return answer;
}

Answer ShowLogLevels(const RouteContext& context, const Request& /*request*/) {
  return JsonAnswer(context.service.LogLevels());
}

Answer ChangeLogLevels(const RouteContext& context, const Request& request) {
  const auto body = ReadJsonBody(request);
  if (!body) {
    return ErrorAnswer(body.error());
  }
  const auto changed = context.service.SetLogLevels(*body);
  Answer answer = changed ? JsonAnswer(context.service.LogLevels()) : ErrorAnswer(changed.error());
  answer.made = DumpJson(*body);
  return answer;
}

Answer CreateSnapshot(const RouteContext& context, const Request& request) {
  const std::string_view path = request.parameters.Get("snapshot_path");
  Answer answer = Success(context.service.CreateSnapshot(path), 201);
  answer.made = path;
  return answer;
}

Answer ClearCache(const RouteContext& context, const Request& /*request*/) {
  return Success(context.service.ClearCache());
}

Answer CompactDatabase(const RouteContext& context, const Request& /*request*/) {
  return Success(context.service.CompactDatabase());
}

Answer Vote(const RouteContext& /*context*/, const Request& /*request*/) {
  return JsonAnswer(std::string(R"({"success":false})"));
}

Answer ListSchemaChanges(const RouteContext& /*context*/, const Request& /*request*/) {
  return JsonAnswer(std::string("[]"));
}

}  // namespace cacheindex::api
