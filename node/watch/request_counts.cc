#include "node/watch/request_counts.h"

#include <algorithm>

namespace cacheindex::node {

namespace {

constexpr auto kRelaxed = std::memory_order_relaxed;

}  // namespace

RequestCounts::RequestCounts(std::span<const api::CountedRoute> routes)
    : routes_(routes), counters_(routes.size()) {}

void RequestCounts::Add(const api::RequestRecord& record) noexcept {
  Counters& counters = counters_[record.route];
  for (StatusCount& count : counters.statuses) {
    int status = count.status.load(kRelaxed);
    // Whoever loses the race for a free place finds in `status` who has it.
    if (status == record.status ||
        (status == 0 && (count.status.compare_exchange_strong(status, record.status, kRelaxed) ||
                         status == record.status))) {
      count.answers.fetch_add(1, kRelaxed);
      break;
    }
  }
  if (record.is_shed) {
    shed_.fetch_add(1, kRelaxed);
    return;
  }
  const std::int64_t microseconds = record.latency.count();
  const auto bucket = static_cast<std::size_t>(
      std::ranges::lower_bound(kMicrosecondsMax, microseconds) - kMicrosecondsMax.begin());
  counters.buckets[bucket].fetch_add(1, kRelaxed);
  counters.microseconds.fetch_add(static_cast<std::uint64_t>(microseconds), kRelaxed);
}

RequestCounts::Totals RequestCounts::TotalsOf(std::size_t route) const noexcept {
  Totals totals{.microseconds = counters_[route].microseconds.load(kRelaxed)};
  for (const auto& bucket : counters_[route].buckets) {
    totals.requests += bucket.load(kRelaxed);
  }
  return totals;
}

RequestCounts::Buckets RequestCounts::BucketsOf(std::size_t route) const noexcept {
  Buckets buckets{};
  std::ranges::transform(counters_[route].buckets, buckets.begin(),
                         [](const auto& bucket) { return bucket.load(kRelaxed); });
  return buckets;
}

std::vector<std::pair<int, std::uint64_t>> RequestCounts::StatusesOf(std::size_t route) const {
  std::vector<std::pair<int, std::uint64_t>> statuses;
  for (const StatusCount& count : counters_[route].statuses) {
    if (const int status = count.status.load(kRelaxed); status != 0) {
      statuses.emplace_back(status, count.answers.load(kRelaxed));
    }
  }
  return statuses;
}

}  // namespace cacheindex::node
