// What clients ask of analytics before they do anything else, answered by a node that keeps none:
// no rules, nothing counted. Whoever wants a rule, or has an event for one, is told.

#include <string>
#include <string_view>

#include "api/request_options.h"
#include "api/routes.h"

namespace cacheindex::api {
namespace {

constexpr std::string_view kNoEvents = R"({"events":[]})";
constexpr std::string_view kNothingCounted =
    R"({"doc_counter_events":0,"doc_log_events":0,"log_prefix_queries":0,)"
    R"("nohits_prefix_queries":0,"popular_prefix_queries":0,"query_counter_events":0,)"
    R"("query_log_events":0})";

}  // namespace

Answer ListAnalyticsRules(const RouteContext& /*context*/, const Request& /*request*/) {
  return JsonAnswer(std::string("[]"));
}

Answer FindAnalyticsRule(const RouteContext& /*context*/, const Request& request) {
  return ErrorAnswer(404, "Could not find an analytics rule named `" + request.names[0] + "`.");
}

Answer PutAnalyticsRule(const RouteContext& /*context*/, const Request& /*request*/) {
  return ErrorAnswer(400, "This node keeps no analytics: there cannot be rules for them.");
}

Answer ListAnalyticsEvents(const RouteContext& /*context*/, const Request& /*request*/) {
  return JsonAnswer(std::string(kNoEvents));
}

Answer CreateAnalyticsEvent(const RouteContext& /*context*/, const Request& request) {
  const auto body = ReadJsonBody(request);
  if (!body) {
    return ErrorAnswer(body.error());
  }
  const auto name = body->is_object() ? body->find("name") : body->end();
  if (!body->is_object() || name == body->end() || !name->is_string()) {
    return ErrorAnswer(400, "Parameter `name` must name the analytics rule of the event.");
  }
  return ErrorAnswer(400, "Could not find an analytics rule named `" + name->get<std::string>() +
                              "`: this node keeps no analytics.");
}

Answer ShowAnalyticsStatus(const RouteContext& /*context*/, const Request& /*request*/) {
  return JsonAnswer(std::string(kNothingCounted));
}

Answer FlushAnalytics(const RouteContext& /*context*/, const Request& /*request*/) {
  return JsonAnswer(std::string(R"({"ok":true})"));
}

}  // namespace cacheindex::api
