#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "api/service.h"
#include "node/core/json.h"

namespace cacheindex::node {

/// Counts answered requests, for /metrics and /stats.json.
///
/// Threads: all methods may be called concurrently.
class Metrics {
 public:
  Metrics();
  Metrics(const Metrics&) = delete;
  Metrics& operator=(const Metrics&) = delete;
  ~Metrics();

  void Observe(const api::RequestRecord& record);

  /// One number that is read when somebody asks.
  struct Gauge {
    std::string_view name;
    std::string_view help;
    double value = 0;
    std::map<std::string, std::string> labels = {};
  };
  /// Returns everything in the Prometheus text format.
  std::string Text(const std::vector<Gauge>& gauges);

  /// Returns the contract's /stats.json over the last kWindowSeconds (API.md section 1).
  Json Stats(std::uint64_t pending_write_batches);

  static constexpr std::size_t kWindowSeconds = 10;

 private:
  struct Second {
    std::int64_t second = -1;
    std::uint64_t requests = 0;
    std::uint64_t microseconds = 0;
  };
  struct Route;

  Route& FindRoute(std::string_view route);

  struct Registry;
  std::unique_ptr<Registry> registry_;
  std::mutex mutex_;
  std::map<std::string, std::unique_ptr<Route>, std::less<>> routes_;
};

}  // namespace cacheindex::node
