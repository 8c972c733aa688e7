#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "api/rate_limits.h"
#include "node/core/json.h"
#include "node/core/result.h"

namespace cacheindex::node {

/// A rule of which keys and addresses may ask how often. Immutable.
struct RateLimitRule {
  enum class Action { kAllow, kBlock, kThrottle };

  /// Keys or addresses, of which `.*` means all.
  struct Names {
    bool all = false;
    std::vector<std::string> names;

    /// Whether the rule says nothing about them.
    bool empty() const noexcept { return !all && names.empty(); }
  };

  std::uint32_t id = 0;
  Action action = Action::kBlock;
  /// Digests.
  Names keys;
  Names addresses;
  /// Requests of a minute and of an hour; nullopt for any number.
  std::optional<std::uint64_t> minute_max;
  std::optional<std::uint64_t> hour_max;
  /// In more minutes than this the limit may not be exceeded, or all is refused for `ban_hours`.
  std::optional<std::uint64_t> ban_threshold;
  std::uint64_t ban_hours = 0;
  /// Whether those that `.*` stands for are counted each on its own.
  bool counts_each = false;
  std::int64_t priority = 0;

  /// What a request is counted under.
  struct Entity {
    api::RateLimits::Key key;
    std::string address;
  };
  /// Returns whom of its names the rule means the caller by; nullopt when it means somebody else.
  std::optional<Entity> Match(const api::RateLimits::Caller& caller) const;
};

/// Reads what a client sent into what is kept of it: digests instead of keys.
/// Errors: kInvalidArgument naming the member.
Result<Json> ReadRateLimit(const Json& body, std::uint32_t id);

/// The rule that a kept record spells.
RateLimitRule MakeRateLimitRule(const Json& record);

/// What answers show of a kept record.
Json ShownRateLimit(Json record);

}  // namespace cacheindex::node
