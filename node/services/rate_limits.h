#pragma once

#include <atomic>
#include <chrono>
#include <compare>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "api/rate_limits.h"
#include "cache/settings.h"
#include "node/config/rate_limit_rule.h"
#include "node/core/json.h"
#include "node/core/result.h"

namespace cacheindex::node {

/// The rules of `/limits`: kept in the settings, and in memory with what they count. Counts and
/// bans begin anew with the node.
///
/// Of the rules that mean a caller the one with the highest priority decides, of equal ones the
/// oldest. A throttled caller is counted over a minute and an hour that slide.
///
/// Threads: all methods may be called concurrently, after Load. Lifetime: within the settings'.
class RateLimits : public api::RateLimits {
 public:
  using Clock = std::chrono::steady_clock;

  /// Rules, and callers counted under them, at most.
  static constexpr std::size_t kRulesMax = 1'000;
  static constexpr std::size_t kCountedMax = 100'000;

  explicit RateLimits(cache::Settings& settings,
                      std::function<Clock::time_point()> now = Clock::now)
      : settings_(settings), now_(std::move(now)) {}

  Result<void> Load();

  Result<Json> Create(const Json& body) override;
  Json List() override;
  Result<Json> Get(std::uint32_t id) override;
  Result<Json> Update(std::uint32_t id, const Json& body) override;
  Result<Json> Delete(std::uint32_t id) override;
  Json ListActive() override;
  Result<Json> DeleteActive(std::uint32_t id) override;
  Json ListExceeded() override;
  Result<Json> DeleteExceeded(std::uint32_t id) override;
  bool empty() const noexcept override { return is_empty_.load(std::memory_order_relaxed); }
  std::optional<std::chrono::seconds> Count(const Caller& caller) override;

 private:
  /// Requests of a stretch of time that slides: all of the current one, and of the previous one the
  /// part that is not over yet.
  struct Window {
    Clock::time_point begin;
    std::uint64_t current = 0;
    std::uint64_t previous = 0;

    void MoveTo(Clock::time_point now, Clock::duration length);
    bool IsFull(Clock::time_point now, Clock::duration length, std::uint64_t maximum) const;
  };
  struct Name {
    std::uint32_t rule = 0;
    std::string key_digest;
    std::string address;

    auto operator<=>(const Name&) const = default;
  };
  struct Counted {
    std::uint32_t id = 0;
    std::string key_prefix;
    Window minute;
    Window hour;
    bool has_exceeded_minute = false;
    std::uint64_t minutes_exceeded = 0;
    std::uint64_t requests_refused = 0;
    /// Of a ban: its end, and begin and end as they are shown.
    Clock::time_point banned_until;
    std::int64_t ban_begin = 0;
    std::int64_t ban_end = 0;
  };

  std::optional<std::chrono::seconds> Throttle(const RateLimitRule& rule,
                                               const RateLimitRule::Entity& entity);
  Counted& Find(const RateLimitRule& rule, const RateLimitRule::Entity& entity,
                Clock::time_point now);
  /// Writes the record and lets it count from here on.
  Result<Json> Put(Json record, std::string_view message);
  void Apply(Json record);
  /// Calls `forget` for what is counted under `id`.
  template <class Forget>
  Result<Json> ForgetCounted(std::uint32_t id, const Forget& forget);

  cache::Settings& settings_;
  const std::function<Clock::time_point()> now_;
  /// Held by whoever changes rules, also while the settings are written.
  std::mutex writers_;
  mutable std::mutex mutex_;
  std::map<std::uint32_t, Json> records_;
  /// In the order in which they are asked.
  std::vector<RateLimitRule> rules_;
  std::map<Name, Counted> counted_;
  std::uint32_t next_id_ = 1;
  std::uint32_t next_counted_id_ = 1;
  std::atomic<bool> is_empty_{true};
};

}  // namespace cacheindex::node
