#include "api/report.h"

#include <chrono>
#include <string_view>
#include <utility>

#include "api/access.h"
#include "api/counted_routes.h"
#include "api/request_record.h"
#include "api/router.h"
#include "api/service.h"

namespace cacheindex::api {
namespace {

constexpr int kInternalError = 500;
constexpr int kExhausted = 507;

// Its place in CountedRoutes.
std::size_t PlaceOf(const Request& request) noexcept {
  if (request.route != nullptr) {
    return static_cast<std::size_t>(request.route - Routes().data());
  }
  return request.method == Method::kOptions ? Preflight() : UnknownRoute();
}

std::string MessageOf(const Answer& answer) {
  const auto body = ParseJson(answer.body);
  return body && body->is_object() ? body->value("message", "") : std::string();
}

bool IsChange(const Request& request, int status) {
  if (request.route == nullptr || request.route->method == Method::kGet || status / 100 != 2) {
    return false;
  }
  const std::string_view action = request.route->action;
  return action != "documents:search" && action != "documents:get" &&
         !action.starts_with("analytics/");
}

bool IsOfOneDocument(const Request& request) {
  const std::string_view action = request.route->action;
  // A collection and an id, where it is not one that is made.
  constexpr std::size_t kNamesOfDocument = 2;
  return action.starts_with("documents:") && action != "documents:import" &&
         (action == "documents:create" || request.names.size() == kNamesOfDocument);
}

std::string TargetOf(const Request& request, const Outcome& outcome) {
  std::string target;
  for (const std::string& name : request.names) {
    target += (target.empty() ? "" : "/") + name;
  }
  return target.empty() ? outcome.made : target;
}

}  // namespace

Outcome OutcomeOf(const Answer& answer) {
  Outcome outcome{.status = answer.status,
                  .is_shed = false,
                  .is_damage = answer.is_damage,
                  .made = answer.made};
  if (answer.status == kInternalError || answer.status == kExhausted) {
    outcome.failure = MessageOf(answer);
  }
  return outcome;
}

void Report(Service& service, const Access& access, const Request& request,
            const Outcome& outcome) {
  const auto now = std::chrono::steady_clock::now();
  RequestRecord record{
      .route = PlaceOf(request),
      .status = outcome.status,
      .is_shed = outcome.is_shed,
      .answered_at = now,
      .latency = std::chrono::duration_cast<std::chrono::microseconds>(now - request.received_at),
      .request_id = request.id,
      .failure = outcome.failure,
      .is_damage = outcome.is_damage};
  if (!IsChange(request, outcome.status)) {
    service.Observe(record);
    return;
  }
  const KeyIdentity key = access.Identify(request);
  const std::string target = TargetOf(request, outcome);
  const ChangeRecord change{.action = request.route->action,
                            .target = target,
                            .key_id = key.id,
                            .key_description = key.description,
                            .address = request.client_address,
                            .filter = request.parameters.Get("filter_by"),
                            .is_one_document = IsOfOneDocument(request)};
  record.change = &change;
  service.Observe(record);
}

}  // namespace cacheindex::api
