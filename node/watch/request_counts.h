#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include "api/counted_routes.h"
#include "api/service.h"

namespace cacheindex::node {

/// Counts answered requests by route, from the start of the process on. What was refused for
/// overload counts by its status only: how quickly nothing was done says nothing about the node.
///
/// Threads: all methods may be called concurrently; none waits, and counting takes no lock.
class RequestCounts {
 public:
  /// From a hot read out of memory to a request that waited for a timeout.
  static constexpr std::array<std::int64_t, 16> kMicrosecondsMax = {
      50,     100,    250,     500,     1'000,   2'500,     5'000,     10'000,
      25'000, 50'000, 100'000, 250'000, 500'000, 1'000'000, 2'500'000, 10'000'000};
  /// Different statuses of one route; more than the front has.
  static constexpr std::size_t kStatusesMax = 32;

  struct Totals {
    std::uint64_t requests = 0;
    std::uint64_t microseconds = 0;

    Totals& operator+=(const Totals& other) noexcept {
      requests += other.requests;
      microseconds += other.microseconds;
      return *this;
    }
    friend Totals operator-(const Totals& later, const Totals& earlier) noexcept {
      return {.requests = later.requests - earlier.requests,
              .microseconds = later.microseconds - earlier.microseconds};
    }
  };
  /// How many took at most as long as each of kMicrosecondsMax says, and longer.
  using Buckets = std::array<std::uint64_t, kMicrosecondsMax.size() + 1>;

  explicit RequestCounts(std::span<const api::CountedRoute> routes);

  void Add(const api::RequestRecord& record) noexcept;

  std::span<const api::CountedRoute> routes() const noexcept { return routes_; }
  Totals TotalsOf(std::size_t route) const noexcept;
  Buckets BucketsOf(std::size_t route) const noexcept;
  /// Status and number of answers, in the order in which statuses first came.
  std::vector<std::pair<int, std::uint64_t>> StatusesOf(std::size_t route) const;
  /// How many were refused for overload.
  std::uint64_t shed() const noexcept { return shed_.load(std::memory_order_relaxed); }

 private:
  struct StatusCount {
    /// 0 while the place is free.
    std::atomic<int> status{0};
    std::atomic<std::uint64_t> answers{0};
  };
  struct Counters {
    std::array<std::atomic<std::uint64_t>, kMicrosecondsMax.size() + 1> buckets{};
    std::atomic<std::uint64_t> microseconds{0};
    std::array<StatusCount, kStatusesMax> statuses{};
  };

  std::span<const api::CountedRoute> routes_;
  /// One for each route; never moved.
  std::vector<Counters> counters_;
  std::atomic<std::uint64_t> shed_{0};
};

}  // namespace cacheindex::node
