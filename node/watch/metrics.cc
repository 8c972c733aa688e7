#include "node/watch/metrics.h"

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/metric_family.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

#include <algorithm>
#include <limits>
#include <utility>

namespace cacheindex::node {
namespace {

using api::RequestKind;
using Totals = RequestCounts::Totals;

constexpr double kMicrosecondsPerSecond = 1e6;
constexpr double kMicrosecondsPerMillisecond = 1e3;

// Seconds are numbered from the start, and the first so that its whole window has numbers.
constexpr std::int64_t kFirstSecond = Metrics::kWindowSeconds;

// The kinds that have members of their own, and how these begin.
constexpr std::array<std::pair<RequestKind, std::string_view>, 4> kKinds = {
    {{RequestKind::kDelete, "delete"},
     {RequestKind::kImport, "import"},
     {RequestKind::kSearch, "search"},
     {RequestKind::kWrite, "write"}}};

double MillisecondsEach(const Totals& totals) {
  return totals.requests == 0
             ? 0
             : static_cast<double>(totals.microseconds) / static_cast<double>(totals.requests) /
                   kMicrosecondsPerMillisecond;
}

prometheus::MetricFamily CountedAnswers(const RequestCounts& counts) {
  prometheus::MetricFamily family{.name = "cacheindex_requests_total",
                                  .help = "Answered requests by route and status.",
                                  .type = prometheus::MetricType::Counter,
                                  .metric = {}};
  for (std::size_t i = 0; i < counts.routes().size(); ++i) {
    for (const auto& [status, answers] : counts.StatusesOf(i)) {
      prometheus::ClientMetric& metric = family.metric.emplace_back();
      metric.label = {{"route", std::string(counts.routes()[i].label)},
                      {"status", std::to_string(status)}};
      metric.counter.value = static_cast<double>(answers);
    }
  }
  return family;
}

prometheus::MetricFamily MeasuredDurations(const RequestCounts& counts) {
  prometheus::MetricFamily family{
      .name = "cacheindex_request_duration_seconds",
      .help =
          "From the first byte of a request to the last of its answer, by route; without "
          "what was refused for overload.",
      .type = prometheus::MetricType::Histogram,
      .metric = {}};
  for (std::size_t i = 0; i < counts.routes().size(); ++i) {
    const RequestCounts::Buckets buckets = counts.BucketsOf(i);
    prometheus::ClientMetric metric;
    metric.label = {{"route", std::string(counts.routes()[i].label)}};
    auto& histogram = metric.histogram;
    for (std::size_t k = 0; k < buckets.size(); ++k) {
      histogram.sample_count += buckets[k];
      const bool is_last = k == RequestCounts::kMicrosecondsMax.size();
      histogram.bucket.push_back(
          {.cumulative_count = histogram.sample_count,
           .upper_bound = is_last ? std::numeric_limits<double>::infinity()
                                  : static_cast<double>(RequestCounts::kMicrosecondsMax[k]) /
                                        kMicrosecondsPerSecond});
    }
    histogram.sample_sum =
        static_cast<double>(counts.TotalsOf(i).microseconds) / kMicrosecondsPerSecond;
    if (histogram.sample_count > 0) {
      family.metric.push_back(std::move(metric));
    }
  }
  return family;
}

}  // namespace

Metrics::Metrics(Clock::time_point now)
    : counts_(api::CountedRoutes()), started_at_(now), second_(kFirstSecond) {
  for (Moment& moment : moments_) {
    moment.routes.resize(counts_.routes().size());
  }
}

std::int64_t Metrics::SecondOf(Clock::time_point now) const noexcept {
  return kFirstSecond + std::chrono::duration_cast<std::chrono::seconds>(now - started_at_).count();
}

// Requires the lock.
void Metrics::PutDown(std::int64_t second) {
  const std::int64_t last = second_.load(std::memory_order_relaxed);
  if (second <= last) {
    return;
  }
  const auto places = static_cast<std::int64_t>(moments_.size());
  for (std::int64_t each = std::max(last + 1, second + 1 - places); each <= second; ++each) {
    Moment& moment = moments_[static_cast<std::size_t>(each % places)];
    for (std::size_t i = 0; i < moment.routes.size(); ++i) {
      moment.routes[i] = counts_.TotalsOf(i);
    }
    moment.shed = counts_.shed();
  }
  second_.store(second, std::memory_order_relaxed);
}

void Metrics::Observe(const api::RequestRecord& record) {
  const std::int64_t second = SecondOf(record.answered_at);
  if (second > second_.load(std::memory_order_relaxed)) {
    // Whoever does not get the lock leaves it to who has it, or to the next.
    if (const std::unique_lock lock(mutex_, std::try_to_lock); lock.owns_lock()) {
      PutDown(second);
    }
  }
  counts_.Add(record);
}

std::string Metrics::Text(const Numbers& numbers) const {
  prometheus::Registry current;
  for (const Number& counter : numbers.counters) {
    prometheus::BuildCounter()
        .Name(std::string(counter.name))
        .Help(std::string(counter.help))
        .Register(current)
        .Add(counter.labels)
        .Increment(counter.value);
  }
  for (const Number& gauge : numbers.gauges) {
    prometheus::BuildGauge()
        .Name(std::string(gauge.name))
        .Help(std::string(gauge.help))
        .Register(current)
        .Add(gauge.labels)
        .Set(gauge.value);
  }
  const prometheus::TextSerializer serializer;
  return serializer.Serialize(current.Collect()) +
         serializer.Serialize({CountedAnswers(counts_), MeasuredDurations(counts_)});
}

Json Metrics::Stats(std::uint64_t pending_write_batches, Clock::time_point now) {
  const std::scoped_lock lock(mutex_);
  PutDown(SecondOf(now));
  const std::int64_t oldest = second_.load(std::memory_order_relaxed) - kWindowSeconds;
  const Moment& before = moments_[static_cast<std::size_t>(oldest) % moments_.size()];
  const double seconds =
      static_cast<double>(kWindowSeconds) +
      std::chrono::duration<double>((now - started_at_) % std::chrono::seconds(1)).count();
  const auto per_second = [&](std::uint64_t requests) {
    return static_cast<double>(requests) / seconds;
  };
  Json latency = Json::object();
  Json rate = Json::object();
  Totals all;
  std::map<RequestKind, Totals> kinds;
  for (std::size_t i = 0; i < before.routes.size(); ++i) {
    const Totals late = counts_.TotalsOf(i) - before.routes[i];
    const api::CountedRoute& route = counts_.routes()[i];
    if (late.requests > 0) {
      latency[std::string(route.label)] = MillisecondsEach(late);
      rate[std::string(route.label)] = per_second(late.requests);
    }
    all += late;
    kinds[route.kind] += late;
  }
  Json stats = {{"latency_ms", std::move(latency)},
                {"requests_per_second", std::move(rate)},
                {"total_requests_per_second", per_second(all.requests)},
                {"overloaded_requests_per_second", per_second(counts_.shed() - before.shed)},
                {"pending_write_batches", pending_write_batches}};
  for (const auto& [kind, name] : kKinds) {
    stats[std::string(name) + "_latency_ms"] = MillisecondsEach(kinds[kind]);
    stats[std::string(name) + "_requests_per_second"] = per_second(kinds[kind].requests);
  }
  return stats;
}

}  // namespace cacheindex::node
