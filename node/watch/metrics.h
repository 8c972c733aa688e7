#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "api/counted_routes.h"
#include "api/service.h"
#include "node/core/json.h"
#include "node/watch/request_counts.h"

namespace cacheindex::node {

/// What answered requests cost, for /metrics since the start and for /stats.json of late.
///
/// /stats.json shows the last kWindowSeconds and what there is of the running second. To know what
/// was counted before them, the totals are put down once a second by whoever comes first.
///
/// Threads: all methods may be called concurrently; Observe never waits.
class Metrics {
 public:
  using Clock = std::chrono::steady_clock;

  static constexpr std::int64_t kWindowSeconds = 10;

  explicit Metrics(Clock::time_point now = Clock::now());

  void Observe(const api::RequestRecord& record);

  /// One number that is read when somebody asks: a gauge, or a counter where it only ever grows.
  struct Number {
    std::string_view name;
    std::string_view help;
    double value = 0;
    std::map<std::string, std::string> labels = {};
  };
  struct Numbers {
    std::vector<Number> gauges;
    std::vector<Number> counters;
  };
  /// Returns everything in the Prometheus text format.
  std::string Text(const Numbers& numbers) const;

  /// Returns the contract's /stats.json (api/README.md 2.9). What nobody asked for of late has a
  /// rate and a latency of 0; of single routes only those are shown that somebody asked.
  Json Stats(std::uint64_t pending_write_batches, Clock::time_point now = Clock::now());

 private:
  /// What had been counted when a second began.
  struct Moment {
    std::vector<RequestCounts::Totals> routes;
    std::uint64_t shed = 0;
  };

  std::int64_t SecondOf(Clock::time_point now) const noexcept;
  void PutDown(std::int64_t second);

  RequestCounts counts_;
  const Clock::time_point started_at_;
  /// The latest second whose beginning is put down.
  std::atomic<std::int64_t> second_;
  std::mutex mutex_;
  std::array<Moment, kWindowSeconds + 1> moments_;
};

}  // namespace cacheindex::node
