#include "node/services/rate_limits.h"

#include <algorithm>
#include <utility>

#include "node/core/clock.h"

// Settings of the kind "limit": the id in ten digits -> what ReadRateLimit makes of a rule.

namespace cacheindex::node {
namespace {

constexpr std::string_view kLimitKind = "limit";
constexpr std::chrono::minutes kMinute{1};
constexpr std::chrono::hours kHour{1};

std::string NameOf(std::uint32_t id) {
  constexpr std::size_t kDigits = 10;
  std::string digits = std::to_string(id);
  return std::string(kDigits - digits.size(), '0') + digits;
}

Error NoRule(std::uint32_t id) {
  return {ErrorCode::kNotFound, "Could not find a rate limit with id: " + std::to_string(id)};
}

}  // namespace

void RateLimits::Window::MoveTo(Clock::time_point now, Clock::duration length) {
  if (now - begin >= 2 * length) {
    *this = {.begin = now};
  } else if (now - begin >= length) {
    begin += length;
    previous = std::exchange(current, 0);
  }
}

bool RateLimits::Window::IsFull(Clock::time_point now, Clock::duration length,
                                std::uint64_t maximum) const {
  const double left = 1.0 - std::chrono::duration<double>(now - begin) / length;
  return static_cast<double>(previous) * left + static_cast<double>(current) + 1.0 >
         static_cast<double>(maximum);
}

Result<void> RateLimits::Load() {
  auto stored = settings_.List(kLimitKind);
  if (!stored) {
    return std::move(stored).error().WithContext("load rate limits");
  }
  for (const auto& [name, text] : *stored) {
    auto record = ParseJson(text);
    if (!record) {
      return Error(ErrorCode::kCorruption, "the stored rate limit " + name + " cannot be read");
    }
    Apply(*std::move(record));
  }
  return {};
}

void RateLimits::Apply(Json record) {
  const std::lock_guard lock(mutex_);
  const auto id = record["id"].get<std::uint32_t>();
  RateLimitRule rule = MakeRateLimitRule(record);
  records_[id] = std::move(record);
  std::erase_if(rules_, [id](const RateLimitRule& one) { return one.id == id; });
  std::erase_if(counted_, [id](const auto& one) { return one.first.rule == id; });
  const auto place = std::find_if(rules_.begin(), rules_.end(), [&](const RateLimitRule& one) {
    return one.priority < rule.priority || (one.priority == rule.priority && one.id > rule.id);
  });
  rules_.insert(place, std::move(rule));
  next_id_ = std::max(next_id_, id + 1);
  is_empty_ = false;
}

Result<Json> RateLimits::Put(Json record, std::string_view message) {
  const auto id = record["id"].get<std::uint32_t>();
  if (auto put = settings_.Put(kLimitKind, NameOf(id), DumpJson(record)); !put) {
    return std::move(put).error();
  }
  Json answer = {{"message", message}, {"rule", ShownRateLimit(record)}};
  Apply(std::move(record));
  return answer;
}

Result<Json> RateLimits::Create(const Json& body) {
  const std::lock_guard writing(writers_);
  if (records_.size() >= kRulesMax) {
    return Error(ErrorCode::kUnprocessable,
                 "There can be at most " + std::to_string(kRulesMax) + " rate limits.");
  }
  auto record = ReadRateLimit(body, next_id_);
  return record ? Put(*std::move(record), "The rule was added.") : std::move(record);
}

Result<Json> RateLimits::Update(std::uint32_t id, const Json& body) {
  const std::lock_guard writing(writers_);
  if (!records_.contains(id)) {
    return NoRule(id);
  }
  auto record = ReadRateLimit(body, id);
  return record ? Put(*std::move(record), "The rule was replaced.") : std::move(record);
}

Result<Json> RateLimits::Delete(std::uint32_t id) {
  const std::lock_guard writing(writers_);
  if (!records_.contains(id)) {
    return NoRule(id);
  }
  if (auto deleted = settings_.Delete(kLimitKind, NameOf(id)); !deleted) {
    return std::move(deleted).error();
  }
  const std::lock_guard lock(mutex_);
  records_.erase(id);
  std::erase_if(rules_, [id](const RateLimitRule& rule) { return rule.id == id; });
  std::erase_if(counted_, [id](const auto& one) { return one.first.rule == id; });
  is_empty_ = rules_.empty();
  return Json{{"id", id}};
}

Json RateLimits::List() {
  const std::lock_guard lock(mutex_);
  Json list = Json::array();
  for (const auto& [id, record] : records_) {
    list.push_back(ShownRateLimit(record));
  }
  return list;
}

Result<Json> RateLimits::Get(std::uint32_t id) {
  const std::lock_guard lock(mutex_);
  const auto found = records_.find(id);
  return found == records_.end() ? Result<Json>(NoRule(id)) : ShownRateLimit(found->second);
}

Json RateLimits::ListActive() {
  const std::lock_guard lock(mutex_);
  Json list = Json::array();
  for (const auto& [name, counted] : counted_) {
    if (counted.banned_until <= now_()) {
      continue;
    }
    Json one = {{"status_id", counted.id},
                {"throttling_from", counted.ban_begin},
                {"throttling_to", counted.ban_end}};
    if (!counted.key_prefix.empty()) {
      one["api_key"] = counted.key_prefix;
    }
    if (!name.address.empty()) {
      one["ip_address"] = name.address;
    }
    list.push_back(std::move(one));
  }
  return list;
}

Json RateLimits::ListExceeded() {
  const std::lock_guard lock(mutex_);
  Json list = Json::array();
  for (const auto& [name, counted] : counted_) {
    if (counted.requests_refused > 0) {
      list.push_back({{"id", counted.id},
                      {"api_key", counted.key_prefix},
                      {"ip", name.address},
                      {"request_count", counted.requests_refused}});
    }
  }
  return list;
}

template <class Forget>
Result<Json> RateLimits::ForgetCounted(std::uint32_t id, const Forget& forget) {
  const std::lock_guard lock(mutex_);
  for (auto& [name, counted] : counted_) {
    if (counted.id == id && forget(counted)) {
      return Json{{"id", id}};
    }
  }
  return NoRule(id);
}

Result<Json> RateLimits::DeleteActive(std::uint32_t id) {
  return ForgetCounted(
      id, [this](Counted& counted) { return std::exchange(counted.banned_until, {}) > now_(); });
}

Result<Json> RateLimits::DeleteExceeded(std::uint32_t id) {
  return ForgetCounted(id, [](Counted& counted) {
    counted.minutes_exceeded = 0;
    return std::exchange(counted.requests_refused, 0) > 0;
  });
}

std::optional<std::chrono::seconds> RateLimits::Count(const Caller& caller) {
  const std::lock_guard lock(mutex_);
  for (const RateLimitRule& rule : rules_) {
    const auto entity = rule.Match(caller);
    if (!entity) {
      continue;
    }
    switch (rule.action) {
      case RateLimitRule::Action::kAllow:
        return std::nullopt;
      case RateLimitRule::Action::kBlock:
        return std::chrono::seconds(0);
      case RateLimitRule::Action::kThrottle:
        return Throttle(rule, *entity);
    }
  }
  return std::nullopt;
}

RateLimits::Counted& RateLimits::Find(const RateLimitRule& rule,
                                      const RateLimitRule::Entity& entity, Clock::time_point now) {
  if (counted_.size() >= kCountedMax) {
    // Who asked for nothing in the last two hours first; if all did, they are counted anew.
    std::erase_if(counted_, [now](const auto& one) {
      return one.second.banned_until <= now && now - one.second.hour.begin >= 2 * kHour;
    });
    if (counted_.size() >= kCountedMax) {
      std::erase_if(counted_, [now](const auto& one) { return one.second.banned_until <= now; });
    }
  }
  const auto [found, is_new] = counted_.try_emplace(
      {.rule = rule.id, .key_digest = entity.key.digest, .address = entity.address});
  if (is_new) {
    found->second.id = next_counted_id_++;
    found->second.key_prefix = entity.key.prefix;
    found->second.minute.begin = found->second.hour.begin = now;
  }
  return found->second;
}

std::optional<std::chrono::seconds> RateLimits::Throttle(const RateLimitRule& rule,
                                                         const RateLimitRule::Entity& entity) {
  const auto now = now_();
  const auto until = [now](Clock::time_point end) {
    return std::max(std::chrono::ceil<std::chrono::seconds>(end - now), std::chrono::seconds(1));
  };
  Counted& counted = Find(rule, entity, now);
  if (counted.banned_until > now) {
    ++counted.requests_refused;
    return until(counted.banned_until);
  }
  const auto minute_before = counted.minute.begin;
  counted.minute.MoveTo(now, kMinute);
  counted.hour.MoveTo(now, kHour);
  counted.has_exceeded_minute =
      counted.has_exceeded_minute && counted.minute.begin == minute_before;
  const bool is_minute_full =
      rule.minute_max && counted.minute.IsFull(now, kMinute, *rule.minute_max);
  const bool is_hour_full = rule.hour_max && counted.hour.IsFull(now, kHour, *rule.hour_max);
  if (!is_minute_full && !is_hour_full) {
    ++counted.minute.current;
    ++counted.hour.current;
    return std::nullopt;
  }
  ++counted.requests_refused;
  if (is_minute_full && !std::exchange(counted.has_exceeded_minute, true)) {
    ++counted.minutes_exceeded;
  }
  if (rule.ban_threshold && counted.minutes_exceeded > *rule.ban_threshold) {
    const std::chrono::hours ban(rule.ban_hours);
    counted.minutes_exceeded = 0;
    counted.banned_until = now + ban;
    counted.ban_begin = UnixSeconds();
    counted.ban_end = counted.ban_begin + std::chrono::seconds(ban).count();
    return until(counted.banned_until);
  }
  return until(is_hour_full ? counted.hour.begin + kHour : counted.minute.begin + kMinute);
}

}  // namespace cacheindex::node
