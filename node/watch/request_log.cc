#include "node/watch/request_log.h"

#include <utility>

#include "api/counted_routes.h"
#include "node/logging/log.h"

namespace cacheindex::node {
namespace {

constexpr int kExhausted = 507;

std::string_view LabelOf(const api::RequestRecord& record) {
  return api::CountedRoutes()[record.route].label;
}

double MillisecondsOf(const api::RequestRecord& record) {
  return static_cast<double>(record.latency.count()) / 1e3;
}

// Returns how the log names the key; nothing of its value.
std::pair<Json, Json> KeyOf(const api::ChangeRecord& change) {
  return change.key_id ? std::pair<Json, Json>(*change.key_id, change.key_description)
                       : std::pair<Json, Json>("node", "");
}

void LogChange(const api::RequestRecord& record, const api::ChangeRecord& change) {
  const LogLevel level = change.is_one_document ? LogLevel::kDebug : LogLevel::kInfo;
  if (!IsLogged(LogPart::kAudit, level)) {
    return;
  }
  const auto [key, description] = KeyOf(change);
  const LogField action{"action", change.action};
  const LogField target{"target", change.target};
  const LogField filter{"filter_by", change.filter};
  const LogField key_number{"key", key};
  const LogField key_description{"key_description", description};
  const LogField status{"status", record.status};
  const LogField address{"address", change.address};
  const LogField request_id{"request_id", record.request_id};
  if (change.filter.empty()) {
    Log(LogPart::kAudit, level, "audit",
        {action, target, key_number, key_description, status, address, request_id});
  } else {
    Log(LogPart::kAudit, level, "audit",
        {action, target, filter, key_number, key_description, status, address, request_id});
  }
}

}  // namespace

void RequestLog::Observe(const api::RequestRecord& record) {
  if (record.is_shed && shed_.Note(record.answered_at)) {
    Log(LogPart::kRequests, LogLevel::kWarning, "overload",
        {{"route", LabelOf(record)},
         {"request_id", record.request_id},
         {"reason",
          "requests are refused with 503 because connections, queues or buffers are full: send "
          "less, add a node, or raise http.connections_max, http.queued_requests_max, "
          "http.queued_transfers_max or http.buffered_bytes_max"}});
  }
  if (!record.failure.empty()) {
    LogFailure(record);
  }
  if (record.change != nullptr) {
    LogChange(record, *record.change);
  }
  const std::int64_t slow_ms = slow_ms_.load(std::memory_order_relaxed);
  if (slow_ms > 0 && record.latency >= std::chrono::milliseconds(slow_ms)) {
    Log(LogPart::kRequests, LogLevel::kWarning, "slow_request",
        {{"route", LabelOf(record)},
         {"status", record.status},
         {"milliseconds", MillisecondsOf(record)},
         {"request_id", record.request_id}});
  } else if (IsLogged(LogPart::kRequests, LogLevel::kDebug)) {
    Log(LogPart::kRequests, LogLevel::kDebug, "request",
        {{"route", LabelOf(record)},
         {"status", record.status},
         {"milliseconds", MillisecondsOf(record)},
         {"request_id", record.request_id}});
  }
}

void RequestLog::LogFailure(const api::RequestRecord& record) {
  {
    const std::lock_guard lock(mutex_);
    const bool is_first = failures_.Note(record.answered_at);
    if (!is_first && last_failure_ == record.failure) {
      return;
    }
    last_failure_ = record.failure;
  }
  const bool is_exhausted = record.status == kExhausted;
  const std::string_view event = record.is_damage ? "damage"
                                 : is_exhausted   ? "write_refused"
                                                  : "request_failed";
  const std::string_view advice =
      record.is_damage
          ? ": stop the node, run `cacheindex verify`, and restore a backup of what it "
            "names"
      : is_exhausted ? ": make room on the disk, or raise store.map_size_max_bytes"
                     : ": see /readyz and the lines before this one";
  Log(record.is_damage || is_exhausted ? LogPart::kStores : LogPart::kRequests, LogLevel::kError,
      event,
      {{"route", LabelOf(record)},
       {"status", record.status},
       {"request_id", record.request_id},
       {"reason", std::string(record.failure) + std::string(advice)}});
}

void RequestLog::LogEnded(Burst::Clock::time_point now) {
  if (const auto ended = shed_.TakeEnded(now)) {
    Log(LogPart::kRequests, LogLevel::kInfo, "overload_ended",
        {{"requests", ended->events}, {"seconds", Rounded(ended->lasted.count())}});
  }
  if (const auto ended = failures_.TakeEnded(now)) {
    Log(LogPart::kRequests, LogLevel::kInfo, "failures_ended",
        {{"requests", ended->events}, {"seconds", Rounded(ended->lasted.count())}});
  }
}

}  // namespace cacheindex::node
