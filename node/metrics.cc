#include "node/metrics.h"

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

#include <utility>

namespace cacheindex::node {
namespace {

std::int64_t SecondNow() {
  return std::chrono::duration_cast<std::chrono::seconds>(
             std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

// From a hot read out of memory to a request that waited for a timeout.
const prometheus::Histogram::BucketBoundaries kSecondsBuckets = {
    0.00005, 0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01,
    0.025,   0.05,   0.1,     0.25,   0.5,   1,      2.5,   10};

}  // namespace

struct Metrics::Registry {
  prometheus::Registry registry;
  prometheus::Family<prometheus::Counter>& requests =
      prometheus::BuildCounter()
          .Name("cacheindex_requests_total")
          .Help("Answered requests by route and status.")
          .Register(registry);
  prometheus::Family<prometheus::Histogram>& latency =
      prometheus::BuildHistogram()
          .Name("cacheindex_request_duration_seconds")
          .Help("From the first byte of a request to the last of its answer, by route.")
          .Register(registry);
};

struct Metrics::Route {
  prometheus::Histogram* latency = nullptr;
  std::map<int, prometheus::Counter*> by_status;
  std::array<Second, kWindowSeconds> window;
};

Metrics::Metrics() : registry_(std::make_unique<Registry>()) {}
Metrics::~Metrics() = default;

// Requires the lock.
Metrics::Route& Metrics::FindRoute(std::string_view name) {
  const auto found = routes_.find(name);
  if (found != routes_.end()) {
    return *found->second;
  }
  auto route = std::make_unique<Route>();
  route->latency = &registry_->latency.Add({{"route", std::string(name)}}, kSecondsBuckets);
  return *routes_.emplace(std::string(name), std::move(route)).first->second;
}

void Metrics::Observe(const api::RequestRecord& record) {
  const std::int64_t now = SecondNow();
  const auto microseconds = static_cast<std::uint64_t>(record.latency.count());
  const std::scoped_lock lock(mutex_);
  Route& route = FindRoute(record.route);
  route.latency->Observe(static_cast<double>(microseconds) / 1e6);
  prometheus::Counter*& counter = route.by_status[record.status];
  if (counter == nullptr) {
    counter = &registry_->requests.Add(
        {{"route", std::string(record.route)}, {"status", std::to_string(record.status)}});
  }
  counter->Increment();
  Second& second = route.window[static_cast<std::size_t>(now) % kWindowSeconds];
  if (second.second != now) {
    second = {.second = now};
  }
  ++second.requests;
  second.microseconds += microseconds;
}

std::string Metrics::Text(const std::vector<Gauge>& gauges) {
  prometheus::Registry current;
  for (const Gauge& gauge : gauges) {
    prometheus::BuildGauge()
        .Name(std::string(gauge.name))
        .Help(std::string(gauge.help))
        .Register(current)
        .Add(gauge.labels)
        .Set(gauge.value);
  }
  const prometheus::TextSerializer serializer;
  return serializer.Serialize(current.Collect()) +
         serializer.Serialize(registry_->registry.Collect());
}

Json Metrics::Stats(std::uint64_t pending_write_batches) {
  const std::int64_t now = SecondNow();
  Json latency = Json::object();
  Json rate = Json::object();
  double total = 0;
  const std::scoped_lock lock(mutex_);
  for (const auto& [name, route] : routes_) {
    std::uint64_t requests = 0;
    std::uint64_t microseconds = 0;
    for (const Second& second : route->window) {
      if (second.second >= 0 && now - second.second < static_cast<std::int64_t>(kWindowSeconds)) {
        requests += second.requests;
        microseconds += second.microseconds;
      }
    }
    if (requests > 0) {
      latency[name] = static_cast<double>(microseconds) / static_cast<double>(requests) / 1e3;
      rate[name] = static_cast<double>(requests) / static_cast<double>(kWindowSeconds);
      total += rate[name].get<double>();
    }
  }
  return {{"latency_ms", std::move(latency)},
          {"requests_per_second", std::move(rate)},
          {"total_requests_per_second", total},
          {"pending_write_batches", pending_write_batches}};
}

}  // namespace cacheindex::node
